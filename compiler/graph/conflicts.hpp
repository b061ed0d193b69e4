// What the items of a `parallel` block would do to each other.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/step_graph.hpp"

namespace cairn::compiler {

// Whether one who holds the one waits for the other: https://www.postgresql.org/docs/15/explicit-locking.html, table 13.2.
[[nodiscard]] bool conflict(sql::LockMode, sql::LockMode);

// C0416 for two items that may run at the same time and touch the same relation so that the one waits for the other's lock, or sees its
// rows or not as it happens; once for each item. C0417 for code that can't be seen into. What only a catalog knows (partitions,
// what a view reads, what a foreign key refers to) is not seen.
void find_conflicts(const StepGraph&, Diagnostics&);

}  // namespace cairn::compiler
