// A migration's script, cut into the steps that it becomes.
#pragma once

#include <vector>

#include "runtime/adopt/migration.hpp"

namespace cairn::adopt {

struct Piece {
    sql::MappedSql sql;  // without BEGIN and COMMIT, as it is to stand in the plan
    bool transactional = true;
    bool unchanged = false;  // all of the script, as it was written
};

struct Cut {
    std::vector<Piece> pieces;  // none for a script without statements
    bool broken = false;        // an error was reported: the pieces are of no use
};

// Statements that PostgreSQL refuses in a transaction stand in pieces of their own, and so does
// what a script commits by itself, or what its tool sends without a transaction.
[[nodiscard]] Cut cut(const Script&, const Options&, bool tell_of_control, Diagnostics&);

}  // namespace cairn::adopt
