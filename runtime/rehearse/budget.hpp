// Whether locks were held for longer than they may be.
#pragma once

#include <chrono>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/rehearse/rehearse.hpp"

namespace cairn::rehearse {

// C0785 for each lock of `items` in which readers or writers waited, had there been any, for longer
// than `most`: SHARE and stronger. Points at the statement that took it, or at the item where cairn
// itself took it to be able to give rows back.
[[nodiscard]] std::vector<compiler::Diagnostic> over_budget(const compiler::StepGraph&,
                                                            const std::vector<ItemReport>& items,
                                                            std::chrono::milliseconds most);

}  // namespace cairn::rehearse
