// Who this process is, so that another runner can tell whether it still lives.
#pragma once

#include <string>

namespace cairn::process {

struct ProcessIdentity {
    std::string host;     // host name
    std::string machine;  // boot id and PID namespace: within one, pids can be compared
    int pid = 0;
    std::string started;  // the process's start time in clock ticks since boot: pids are reused
};

[[nodiscard]] ProcessIdentity this_process();
// True only when it is certain: same machine, and no such process any more.
[[nodiscard]] bool is_dead(const ProcessIdentity&);
[[nodiscard]] std::string user_at_host();  // "ana@db-admin"

}  // namespace cairn::process
