// The databases that the checks of a block read beside their own: each in one read-only transaction, so that all checks of
// the block see one state of it.
#pragma once

#include <map>
#include <string>
#include <variant>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::execute {

class OtherDatabases {
public:
    // `conninfo`: by role.
    OtherDatabases(std::map<std::string, std::string> conninfo, std::string application)
        : conninfo_(std::move(conninfo)), application_(std::move(application)) {}
    OtherDatabases(const OtherDatabases&) = delete;
    OtherDatabases& operator=(const OtherDatabases&) = delete;
    ~OtherDatabases();

    // Connected on first use, by a session that nothing else uses; a database that can't be reached (C0701) is not tried again.
    [[nodiscard]] std::variant<postgres::Session*, compiler::Diagnostic> session(const std::string& role);

private:
    [[nodiscard]] std::variant<postgres::Session, compiler::Diagnostic> open(const std::string& role) const;

    std::map<std::string, std::string> conninfo_;
    std::string application_;
    std::map<std::string, std::variant<postgres::Session, compiler::Diagnostic>> opened_;
};

}  // namespace cairn::execute
