// What --rehearsal names: the result of a rehearsal of this very plan.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "compiler/graph/step_graph.hpp"
#include "runtime/cli/findings.hpp"
#include "runtime/rehearse/result.hpp"
#include "runtime/schedule/window.hpp"

namespace cairn::cli {

// Errors (C0783, C0784) go to `findings`: the figures of another plan, or of another text of this one, would mislead.
[[nodiscard]] std::optional<rehearse::Result> rehearsed_before(const std::string& path, const compiler::StepGraph&, Findings&);

// What each item takes, and its rollback.
[[nodiscard]] std::map<std::string, schedule::ItemTimes> times_of(const rehearse::Result&);

}  // namespace cairn::cli
