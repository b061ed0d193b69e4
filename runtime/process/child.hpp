// A part of this program in a process of its own, which may be killed.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace cairn::process {

struct ChildEnd {
    int signal = 0;     // that killed it; 0: it came to its end
    std::string said;   // what `work` gave
    std::string error;  // why there was no child; else empty
};

// Forks, calls `work` in the child and waits for its end. No other thread of ours may hold what
// `work` needs; nothing of the child's is destroyed at its end, so that connections inherited from
// us stay open.
[[nodiscard]] ChildEnd run_in_child(const std::function<std::string()>& work);

}  // namespace cairn::process
