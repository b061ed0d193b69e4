// What time it is, for what a plan says in instants.
#pragma once

#include <chrono>

namespace cairn::process {

using Moment = std::chrono::sys_time<std::chrono::milliseconds>;

// The system's clock; with CAIRN_CLOCK=FILE the instant that stands in FILE, read anew each time, so that a test can set it.
[[nodiscard]] Moment now();
// How long a wait may sleep before it looks at the clock again: a clock can be set.
[[nodiscard]] std::chrono::milliseconds between_looks_at_clock();

}  // namespace cairn::process
