#include "runtime/run/window.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/preview/words.hpp"
#include "runtime/report/words.hpp"

namespace cairn::run {

using process::Moment;
using schedule::Prospect;
using schedule::Unit;
using std::chrono::milliseconds;

std::string in_words(Moment moment) { return compiler::words(std::chrono::floor<std::chrono::seconds>(moment)); }

bool WindowWatch::holds() const {
    const auto& settings = context_.settings();
    return context_.graph().window && !settings.ignore_window && !settings.rehearsal;
}

std::optional<Diagnostic> WindowWatch::over_already() const {
    if (!holds() || process::now() < Moment(context_.graph().window->to)) return std::nullopt;
    const auto& items = context_.graph().items;
    const auto first = std::find_if(items.begin(), items.end(), [](const auto& item) { return item.changes_database(); });
    if (first == items.end()) return std::nullopt;
    return ended(*first);
}

std::optional<WindowWatch::Refused> WindowWatch::admit(const Unit& unit, const std::vector<journal::ItemState>& states) {
    if (!holds()) return std::nullopt;
    for (;;) {
        const Moment now = process::now();
        const Prospect prospect = schedule::prospect(context_.graph(), states, unit, now, context_.settings().times, took_);
        const auto& item = context_.item(unit.items.front());
        switch (prospect.verdict) {
            case Prospect::Verdict::free: return std::nullopt;
            case Prospect::Verdict::ended: return Refused{.error = ended(item)};
            case Prospect::Verdict::turn_back: return Refused{.error = past_the_end(item, prospect, now)};
            case Prospect::Verdict::go: return tell(unit, prospect, now);
            case Prospect::Verdict::early:
                if (auto refused = wait(unit)) return refused;
        }
    }
}

std::optional<WindowWatch::Refused> WindowWatch::wait(const Unit& unit) {
    const Moment from = context_.graph().window->from;
    const std::string text = fmt::format("`{}` waits for the window, which opens at {}", context_.item(unit.items.front()).name, in_words(from));
    context_.observer().message(text);
    if (auto refused = note(&unit.items.front(), text)) return refused;
    if (!pause_until(from)) return Refused{.error = interrupted()};
    return std::nullopt;
}

std::optional<WindowWatch::Refused> WindowWatch::tell(const Unit& unit, const Prospect& prospect, Moment now) {
    WindowOutlook outlook{.left = Moment(context_.graph().window->to) - now, .remaining = {}, .item = {}, .turn_back_by = prospect.turn_back_by};
    if (prospect.all_known) outlook.remaining = prospect.remaining;
    if (prospect.forward.count() > 0) outlook.item = prospect.forward;
    context_.observer().window(unit.items.front(), outlook);
    std::string text = fmt::format("{} left in the window", report::in_words(outlook.left));
    if (outlook.remaining) text += fmt::format(", about {} of work", report::in_words(*outlook.remaining));
    text += outlook.turn_back_by ? fmt::format("; the last safe moment to turn back is {}", in_words(*outlook.turn_back_by))
                                 : "; a point of no return has been passed";
    return note(&unit.items.front(), text);
}

std::optional<WindowWatch::Refused> WindowWatch::note(const compiler::ItemId* id, const std::string& text) {
    if (auto error = context_.journal().event(id != nullptr ? context_.item(*id).name : "", "window", text)) return Refused{.error = *error, .fatal = true};
    return std::nullopt;
}

void WindowWatch::took(const Unit& unit, milliseconds time) {
    // A group commits at its end: its time is that of its first item.
    took_[unit.items.front()] = time;
}

Diagnostic WindowWatch::ended(const compiler::Item& item) const {
    return problem(725, fmt::format("the window has ended ({}), and `{}` and what comes after it would change a database", in_words(context_.graph().window->to), item.name),
                   "--ignore-window", item.where);
}

Diagnostic WindowWatch::past_the_end(const compiler::Item& item, const Prospect& prospect, Moment now) const {
    const Moment begins = std::max(now, Moment(context_.graph().window->from));
    return problem(726, fmt::format("the plan would end at about {}, past its window ({}), and `{}` would end past the last safe moment to turn "
                                    "back ({})",
                                    in_words(begins + prospect.remaining), in_words(context_.graph().window->to), item.name, in_words(*prospect.turn_back_by)),
                   "--ignore-window", item.where);
}

}  // namespace cairn::run
