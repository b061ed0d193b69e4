// What of a plan runs together, and what of it can change a database.
#pragma once

#include <vector>

#include "compiler/graph/step_graph.hpp"

namespace cairn::rehearse {

using compiler::ItemId;

// The first item of a unit stands for it: an item alone, or the items of one `transaction`.
[[nodiscard]] ItemId unit_of(const compiler::StepGraph&, ItemId);
[[nodiscard]] std::vector<ItemId> items_of(const compiler::StepGraph&, ItemId unit);
// Whether an item could leave anything behind in a database.
[[nodiscard]] bool can_change(const compiler::Item&);
// Whether a rehearsal leaves it out: programs that name no stand-in, and waits.
[[nodiscard]] bool is_left_out(const compiler::Item&);

}  // namespace cairn::rehearse
