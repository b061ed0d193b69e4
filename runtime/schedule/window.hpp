// Whether the next unit may begin under the plan's window: pure arithmetic over estimates, without clock or connection.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/schedule/schedule.hpp"

namespace cairn::schedule {

using Moment = std::chrono::sys_time<std::chrono::milliseconds>;

// What an item takes, and its rollback; absent where nobody has measured it.
struct ItemTimes {
    std::optional<std::chrono::milliseconds> forward, back;
};

struct Prospect {
    enum class Verdict {
        free,       // the window does not hold this unit up
        early,      // it waits for the window's start
        go,
        ended,      // the window has ended, and an item that changes a database is still to come
        turn_back   // the plan would end past the window, and so would a rollback that begins after this unit
    } verdict = Verdict::free;
    std::chrono::milliseconds forward{0};    // of this unit
    std::chrono::milliseconds remaining{0};  // of the plan from this unit on
    bool all_known = true;                   // no item that remains lacks an estimate
    // The last safe moment: a rollback of this unit and what is done, begun later, would end past the window.
    std::optional<Moment> turn_back_by;      // absent: a point of no return has been passed
};

// `times` are estimates by name; `took` what the items of this run have taken, which is what a rollback takes where nobody has
// measured it.
[[nodiscard]] Prospect prospect(const compiler::StepGraph&, const std::vector<ItemState>&, const Unit&, Moment now,
                                const std::map<std::string, ItemTimes>& times, const std::map<ItemId, std::chrono::milliseconds>& took);

}  // namespace cairn::schedule
