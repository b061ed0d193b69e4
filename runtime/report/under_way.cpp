// What is said of items while they run: how far they are, whom they wait for, and how they stand to
// the window.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/diagnostics/display.hpp"
#include "runtime/report/progress.hpp"
#include "runtime/report/table.hpp"

namespace cairn::report {

using compiler::ItemId;
using std::chrono::milliseconds;

namespace {

milliseconds between(Progress::Time from, Progress::Time to) {
    return std::chrono::duration_cast<milliseconds>(to - from);
}

bool is_same(const std::vector<run::Blocker>& a, const std::vector<run::Blocker>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const run::Blocker& x, const run::Blocker& y) { return x.pid == y.pid; });
}

}  // namespace

std::string blocker_text(const run::Blocker& blocker) {
    const std::string who =
        joined({blocker.user, blocker.application, blocker.state,
                blocker.since.count() > 0 ? in_words(blocker.since) : std::string()});
    std::string out;
    if (!blocker.kind.empty()) out = fmt::format("{} on {}, ", blocker.kind, blocker.relation);
    out += blocker.pid > 0 ? fmt::format("pid {}", blocker.pid) : "no session";
    if (!who.empty()) out += fmt::format(" ({})", who);
    if (!blocker.query.empty()) out += ": " + blocker.query;
    return compiler::printable(out);
}

std::string Progress::retrying(ItemId id, int attempt, milliseconds after,
                               const compiler::Diagnostic& why) {
    std::string in_the_way;  // on a terminal they stood in the live line only, which is gone
    if (const auto found = running_.find(id); found != running_.end()) {
        for (const auto& blocker : std::exchange(found->second.blockers, {}))
            in_the_way += fmt::format("{}waited for {}\n", margin, fit(blocker_text(blocker), 200));
    }
    if (options_.quiet) return {};
    return item_line(id, paint_.doubtful("retries"),
                     fmt::format("attempt {} failed, again in {}: {}", attempt, in_words(after),
                                 compiler::printable(why.message))) +
           (options_.terminal ? in_the_way : "");
}

std::string Progress::blocked(ItemId id, const std::vector<run::Blocker>& blockers) {
    const auto found = running_.find(id);
    if (found == running_.end()) return {};
    const bool is_news = !blockers.empty() && !is_same(found->second.blockers, blockers);
    found->second.blockers = blockers;
    if (!is_news || options_.terminal || options_.quiet) return {};
    const bool before_lock = !blockers.front().kind.empty();
    std::string out = item_line(id, paint_.doubtful("waits  "), before_lock ? "before it locks, for" : "for locks of");
    for (const auto& blocker : blockers)
        out += fmt::format("{}{}\n", margin, fit(blocker_text(blocker), 200));
    return out;
}

void Progress::headway(ItemId id, const run::Headway& headway) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    found->second.headway = headway;
    if (!found->second.at_first) found->second.at_first = headway.portion;
}

// "1,204,000 rows, 45%, 2min left"
std::string Progress::headway_in_words(const Running& running, milliseconds took) {
    const auto& [rows, portion] = running.headway;
    std::vector<std::string> parts;
    if (rows > 0) parts.push_back(counted(static_cast<std::uint64_t>(rows), "row"));
    if (portion) parts.push_back(fmt::format("{:.0f}%", *portion * 100));
    const double done = portion && running.at_first ? *portion - *running.at_first : 0;
    if (done > 0 && took.count() > 0)
        parts.push_back(in_words(milliseconds(static_cast<std::int64_t>(static_cast<double>(took.count()) * (1 - *portion) / done))) + " left");
    return joined(parts);
}

std::string Progress::window(ItemId id, const run::WindowOutlook& outlook, Time now) {
    outlook_ = outlook;
    outlook_of_ = id;
    outlook_at_ = now;
    if (options_.quiet) return {};
    std::string rest = in_words(outlook.left) + " left";
    if (outlook.remaining) rest += fmt::format(", about {} of work", in_words(*outlook.remaining));
    rest += outlook.turn_back_by ? "; last safe moment to turn back " + rfc3339(*outlook.turn_back_by).substr(0, 19) + "Z"
                                 : "; no way back";
    return item_line(id, paint_.strong("window "), rest);
}

std::string Progress::window_in_words(ItemId id, Time now) const {
    if (!outlook_) return {};
    std::string out;
    if (outlook_->item && outlook_of_ == id) out = " of about " + in_words(*outlook_->item);
    const auto left = outlook_->left - between(outlook_at_, now);
    return out + (left.count() > 0 ? ", window ends in " + in_words(left) : ", the window has ended");
}

std::string Progress::live_line(Time now) const {
    if (running_.empty()) return {};
    const auto& [first, its] = *running_.begin();
    std::string line = running_.size() == 1 ? fmt::format("{} {} ", position(first), its.undoing ? "undoes " : "runs   ")
                                            : fmt::format("{} run: ", running_.size());
    for (const auto& [id, running] : running_) {
        const auto took = between(running.since, now);
        if (id != first) line += "; ";
        line += fmt::format("{}  {}", label(id), in_words(took));
        if (running_.size() == 1) line += window_in_words(id, now);
        if (const auto headway = headway_in_words(running, took); !headway.empty()) line += ", " + headway;
        if (!running.blockers.empty()) {
            // Who is waited for is told in full where one line is enough for it.
            line += running_.size() == 1 ? "  waits for " + blocker_text(running.blockers.front())
                                         : fmt::format(", waits for pid {}", running.blockers.front().pid);
        }
    }
    return fit(line, width_ > 1 ? width_ - 1
                                : 1);  // a full line would wrap, and can't be overwritten then
}

std::string Progress::reminder(Time now) {
    if (options_.terminal || options_.quiet) return {};
    std::string out;
    for (auto& [id, running] : running_) {
        const auto took = between(running.since, now);
        if (took < running.next_reminder) continue;
        running.next_reminder *= 2;
        std::string rest = fmt::format("since {}{}", in_words(took), window_in_words(id, now));
        if (const auto headway = headway_in_words(running, took); !headway.empty()) rest += ", " + headway;
        if (!running.blockers.empty())
            rest += ", waits for " + fit(blocker_text(running.blockers.front()), 120);
        out += item_line(id, running.undoing ? "undoes " : "runs   ", rest);
    }
    return out;
}

}  // namespace cairn::report
