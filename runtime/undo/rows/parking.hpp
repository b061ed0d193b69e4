// Unique values that have changed places among the rows (1 and 2 became 2 and 1) can't be given back one after the other:
// each one's is another's.
#pragma once

#include "runtime/undo/rows/table.hpp"

namespace cairn::undo {

// Statement that gives all changed rows values of no other row, in a column of each unique index, until they get theirs
// back; `own` as in give_back.hpp. Empty where no column can take any. What the columns can't take after all (checks), the
// server refuses.
[[nodiscard]] std::variant<std::string, compiler::Diagnostic> park_changed(postgres::Session&, const KeptRows&, const std::string& own,
                                                                           const std::vector<std::uint32_t>& members);

}  // namespace cairn::undo
