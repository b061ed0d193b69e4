// Reads the state of one database again and again, and each time only what may have changed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/catalog/contents.hpp"
#include "runtime/catalog/state.hpp"

namespace cairn::catalog {

// For a database in which nobody is writing while it is read, as a rehearsal's between two units.
// What has changed is told by the rows' xmin: those of the catalogs for the definitions, all or
// none, and those of each table for its contents. Exact, unlike PostgreSQL's statistics, which a
// session gives up late or never.
class StateReader {
public:
    // The state now. The session must not be in a transaction; another one may be given each time,
    // of the same database. C0635 as read_state(). The pointer is good until the next call.
    [[nodiscard]] std::variant<const State*, compiler::Diagnostic> read(postgres::Session&);
    // Everything is read anew next time.
    void forget() { *this = StateReader(); }

private:
    std::optional<compiler::Diagnostic> read_within(postgres::Session&);
    std::optional<compiler::Diagnostic> look_at_catalogs(postgres::Session&);
    std::optional<compiler::Diagnostic> read_definitions(postgres::Session&);
    std::optional<compiler::Diagnostic> read_contents(postgres::Session&);
    void forget_holders_that_are_gone();

    std::string catalogs_query_;
    std::string catalogs_;           // of all rows of all catalogs: see rows_query()
    bool definitions_moved_ = true;  // by the reading under way
    std::vector<Holder> holders_;
    struct Seen {
        std::string key, rows;
    };
    std::map<std::string, Seen> seen_;  // tables whose contents are in state_
    State state_;
};

}  // namespace cairn::catalog
