// From a checked plan to the step graph: every decision made, every query composed.
#pragma once

#include "compiler/graph/step_graph.hpp"
#include "compiler/resolve/resolved.hpp"

namespace cairn::compiler {

// Can't fail once check() has reported nothing but what is not in this version yet.
[[nodiscard]] StepGraph lower(const ResolvedPlan&);

// One for each kind of item.
[[nodiscard]] StepItem lower_step(const ResolvedPlan&, const ResolvedItem&);
[[nodiscard]] ValidateItem lower_validate(const ResolvedPlan&, const ResolvedItem&);
[[nodiscard]] GateItem lower_gate(const ResolvedPlan&, const ResolvedItem&);
[[nodiscard]] RunItem lower_run(const ResolvedPlan&, const ResolvedItem&);
[[nodiscard]] WaitItem lower_wait(const ResolvedPlan&, const ResolvedItem&);

[[nodiscard]] std::optional<Window> lower_window(const ResolvedPlan&);

[[nodiscard]] Undo lower_undo(const ResolvedPlan&, const ResolvedItem&);

[[nodiscard]] std::vector<Check> lower_checks(const ResolvedPlan&, const ResolvedItem&);
[[nodiscard]] Op lower_op(grammar::Comparison);

}  // namespace cairn::compiler
