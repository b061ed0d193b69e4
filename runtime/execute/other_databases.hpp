// The databases that checks read beside their own: each in one read-only transaction, so that all checks of a block see one
// state of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::execute {

class OtherDatabases {
public:
    // `conninfo`: by role.
    OtherDatabases(std::map<std::string, std::string> conninfo, std::string application)
        : conninfo_(std::move(conninfo)), application_(std::move(application)) {}
    OtherDatabases(const OtherDatabases&) = delete;
    OtherDatabases& operator=(const OtherDatabases&) = delete;
    ~OtherDatabases() { end(); }

    // Connects to what the checks of an item ask, before there is anything that would have to wait for it.
    void connect_for(const compiler::Item&);
    // In its transaction, over a connection that nothing else uses. C0701: it can't be reached, and is not tried again.
    [[nodiscard]] std::variant<postgres::Session*, compiler::Diagnostic> session(const std::string& role);
    // The transactions are over; the next check sees what has been committed since.
    void end();

private:
    using Connection = std::variant<postgres::Session, compiler::Diagnostic>;
    struct Opened {
        Connection connection;
        bool begun = false;
    };
    [[nodiscard]] Opened& opened(const std::string& role);
    [[nodiscard]] Connection connect(const std::string& role) const;

    std::map<std::string, std::string> conninfo_;
    std::string application_;
    std::map<std::string, Opened> opened_;
};

}  // namespace cairn::execute
