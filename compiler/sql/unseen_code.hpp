// Code of users that runs with a statement although its text shows no call, and sequences that a statement moves.
#pragma once

#include "compiler/sql/statement.hpp"

namespace cairn::sql {

// Through a view or a policy of what is read, an operator, a cast, a domain, or an expression of a definition that is
// evaluated at once: a new column's default, a check, an index. May say true of what runs nothing.
[[nodiscard]] bool may_run_unseen_code(const Subject&);

// Whether a table is defined with functions of users, or draws from older sequences: that runs when rows are written to it.
[[nodiscard]] bool is_defined_with_code(const Subject&);

// nextval() and setval() that run with the statement itself.
struct Drawn {
    bool any = false;
    std::vector<std::string> sequences;  // as written; those that a literal names
};
[[nodiscard]] Drawn drawn_from(const Subject&);

}  // namespace cairn::sql
