#include <fmt/format.h>

#include <algorithm>

#include "runtime/execute/batch/lag.hpp"
#include "runtime/execute/batch/step.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::execute {

using postgres::Answer;
using std::chrono::milliseconds;

auto BatchStep::between() -> std::optional<Ended> {
    if (process::interrupt_requested()) return Ended{.kind = Ended::Kind::cancelled, .error = run::interrupted()};
    if (context_.lease_lost())
        return Ended{.kind = Ended::Kind::fatal, .error = run::problem(714, "another runner has taken over this run", "cairn status " + context_.run())};
    if (context_.settings().rehearsal) return std::nullopt;
    if (batch_.pause.count() > 0 && !run::pause(batch_.pause)) return Ended{.kind = Ended::Kind::cancelled, .error = run::interrupted()};
    return wait_for_standbys();
}

auto BatchStep::wait_for_standbys() -> std::optional<Ended> {
    constexpr auto between_looks = milliseconds(250);
    const auto now = Clock::now();
    if (now - looked_ < between_looks) return std::nullopt;
    for (bool told = false;; told = true) {
        looked_ = Clock::now();
        auto found = furthest_behind(*session_, behind_);
        if (std::holds_alternative<Answer>(found)) return std::nullopt;  // the next range says what is wrong
        const auto& standby = std::get<Standby>(found);
        if (standby.lag <= context_.settings().lag) return std::nullopt;
        if (!told) {
            const std::string text = fmt::format("standby {} is {:.1f} s behind: `{}` waits", standby.name,
                                                 static_cast<double>(standby.lag.count()) / 1000, item_.name);
            context_.observer().message(text);
            if (auto error = context_.journal().event(item_.name, "waiting", text)) return from_journal(*error);
        }
        if (!run::pause(between_looks)) return Ended{.kind = Ended::Kind::cancelled, .error = run::interrupted()};
    }
}

void BatchStep::tell() {
    run::Headway headway{.rows = cursor_->rows, .portion = {}};
    if (key_.rows > 0) headway.portion = std::min(0.99, static_cast<double>(cursor_->visited) / key_.rows);
    context_.observer().headway(id_, headway);
}

}  // namespace cairn::execute
