// How a run ends, as its caller hears of it.
#pragma once

#include "runtime/run/crew.hpp"
#include "runtime/run/runner.hpp"

namespace cairn::run {

[[nodiscard]] Result failed(const Context&, Diagnostic);
// A rollback that ended before its end, whatever stopped it.
[[nodiscard]] Result not_undone(const Context&, Diagnostic);

}  // namespace cairn::run
