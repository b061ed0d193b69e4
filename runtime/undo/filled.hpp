// Counts the rows of tables that a run has made: where an older table is to come back in the place of one, what others have deleted of its
// rows would be there again, and nothing else would tell of it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/run/context.hpp"
#include "runtime/undo/trail.hpp"

namespace cairn::undo {

// Whether the step, whose way back is known from its text, makes tables and fills them, in a plan that drops or renames tables: then it is watched all
// the same.
[[nodiscard]] bool fills_what_it_makes(const run::Context&, const compiler::Item&);

// Whether the rollback of the plan's steps leaves the rows of a table as they were before these.
[[nodiscard]] bool gives_all_rows_back(const run::Context&);

struct Counted {
    std::string name;  // quoted and qualified
    std::uint64_t rows = 0;
};
// Of each of them that is a table and stands, the rows that `condition` on `t` holds of, if there is one. Not of those whose rows are hidden from the role.
[[nodiscard]] std::variant<std::map<std::uint32_t, Counted>, compiler::Diagnostic> count_rows(postgres::Session&, const std::set<std::uint32_t>& tables,
                                                                                              const std::string& condition = {});

}  // namespace cairn::undo
