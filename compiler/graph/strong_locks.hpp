// Which relations a step locks so strongly that others queue behind its wait for the lock.
#pragma once

#include <vector>

#include "compiler/graph/step_graph.hpp"

namespace cairn::compiler {

// Modes that hold up writers, and from ACCESS EXCLUSIVE on readers too.
[[nodiscard]] bool is_strong(sql::LockMode);
[[nodiscard]] bool takes_strong_lock(const Statement&);

// The strong locks of a step's statements, and of what keeps its rows: one for each relation, the strongest. Empty for any
// other item. Relations that only a catalog knows (partitions, a key's other end) are not among them.
[[nodiscard]] std::vector<sql::Lock> strong_locks(const Item&);

// The same for its rollback: names as the step leaves them.
[[nodiscard]] std::vector<sql::Lock> strong_locks_of_undo(const Item&);

}  // namespace cairn::compiler
