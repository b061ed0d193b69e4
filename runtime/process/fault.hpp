// Fault points: between any two of the runner's actions the tests can kill it.
#pragma once

namespace cairn::process {

// Counts calls; when the environment says CAIRN_FAULT_AT=N, the Nth kills this process with
// SIGKILL. With CAIRN_FAULT_TRACE=FILE each is appended to FILE with its number, so a test knows
// how many there are.
void fault_point(const char* name);

}  // namespace cairn::process
