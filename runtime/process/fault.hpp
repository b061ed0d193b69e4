// Fault points: between any two of the runner's actions the tests can kill it.
#pragma once

#include <cstdint>
#include <string>

namespace cairn::process {

// Counts calls; when the environment says CAIRN_FAULT_AT=N, the Nth kills this process with
// SIGKILL. With CAIRN_FAULT_TRACE=FILE each is appended to FILE with its number, so a test knows
// how many there are.
void fault_point(const char* name);

// The same for a child that was forked, whatever the environment says: counts from one again, kills
// at `at` (0: never), and appends to `trace` where it is not empty. Not while threads pass points.
void arm_faults(std::uint64_t at, const std::string& trace);

}  // namespace cairn::process
