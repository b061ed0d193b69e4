// What executors read off statements: their undo rows, whether they change roles or rows, failed checks.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/journal/database_journal.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::execute {

// The undo rows of one statement, numbered on from `seq` so that running the trail backwards by number
// runs each statement's inverses in their order; true: only if the statement creates its object.
[[nodiscard]] std::vector<std::pair<journal::UndoRow, bool>> undo_rows(const compiler::Item&, compiler::ItemId,
                                                                       const compiler::Statement&, int& seq);
// SET, code that may do it, and what fires triggers; plain DDL does not.
[[nodiscard]] bool may_change_settings(const compiler::Statement&);
[[nodiscard]] bool changes_rows(const std::string& tag);      // INSERT 0 5, UPDATE 3, …

// The checks that failed as one diagnostic at the item; nullopt when all passed (warnings aside).
[[nodiscard]] std::optional<compiler::Diagnostic> failed_checks(const std::vector<run::CheckOutcome>&, const compiler::Item&);

}  // namespace cairn::execute
