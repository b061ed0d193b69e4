// What is said of a run when it is over: what was done, what of it stands, and which command comes next.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/display.hpp"
#include "runtime/report/progress.hpp"
#include "runtime/report/table.hpp"

namespace cairn::report {

using journal::ItemState;
using journal::RunState;

namespace {

// "a, b, c and 4 more"
std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t most = 8;
    const std::size_t shown = std::min(names.size(), most);
    std::string out = fmt::format(
        "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    if (names.size() > shown) out += fmt::format(" and {} more", names.size() - shown);
    return out;
}

}  // namespace

// "10 items done, 1 failed, 3 not run"
std::string Progress::summary(RunState) const {
    auto count = [&](ItemState state) {
        return static_cast<std::uint64_t>(std::count(states_.begin(), states_.end(), state));
    };
    auto part = [](std::uint64_t n, std::string_view word) {
        return n > 0 ? fmt::format("{} {}", grouped(n), word) : std::string();
    };
    return joined({counted(count(ItemState::done), "item") + " done",
                   part(count(ItemState::skipped), "skipped"),
                   part(count(ItemState::rolled_back), "rolled back"),
                   part(count(ItemState::failed), "failed"),
                   part(count(ItemState::pending) + count(ItemState::running), "not run")});
}

bool Progress::is_outside_work(const compiler::Item& item) {
    return item.changes_database() || std::holds_alternative<compiler::RunItem>(item.body);
}

// What the world keeps of a run.
std::vector<std::string> Progress::standing() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& item = compiled_.graph.items.at(i);
        if (in_part_[i]) names.push_back(item.name + " (in part)");
        if (states_[i] != ItemState::done || !is_outside_work(item)) continue;
        const bool is_meant =
            item.undo.kind == compiler::Undo::Kind::none && !item.undo.reason.empty();
        names.push_back(is_meant ? fmt::format("{} ({})", item.name, item.undo.reason) : item.name);
    }
    return names;
}

std::string Progress::standing_line(RunState state) const {
    if (state == RunState::finished || state == RunState::finalized || state == RunState::running)
        return {};
    std::vector<std::string> names = standing();
    for (std::size_t i = 0; i < left_.size(); ++i) {
        if (left_[i]) names.push_back(compiled_.graph.items.at(i).name + " (what others have written or changed since)");
    }
    return names.empty() ? "  nothing of it stands\n"
                         : fmt::format("  what stands: {}\n", compiler::printable(listed(names)));
}

std::string Progress::next_commands(RunState state) const {
    struct Next {
        std::string command;
        const char* does;
    };
    std::vector<Next> next;
    if (state == RunState::stopped || state == RunState::failed)
        next = {{"resume " + run_, "goes on where it stands"},
                {"rollback " + run_, standing().empty() ? "gives it up" : "takes it back"}};
    if (needs_another_plan_ && !next.empty())
        next = {{"rollback " + run_, standing().empty() ? "gives it up; then mend the plan and apply it" : "takes it back; then mend the plan and apply it"}};
    if (stuck_) next = {{"rollback " + run_ + (rolls_back_to_.empty() ? "" : " --to " + rolls_back_to_), "goes on with taking it back"}, {"resume " + run_, "goes forward again instead"}};
    if (state == RunState::rolled_back && !plan_file_.empty())
        next = {{"apply " + plan_file_, "starts anew"}};
    if (state == RunState::finished && !options_.quiet && !standing().empty())
        next = {{"rollback " + run_, "takes it back, until it is finalized"}};

    std::size_t width = 0;
    for (Next& n : next) {
        n.command = compiler::printable("cairn " + n.command +
                                        (options_.flags.empty() ? "" : " " + options_.flags));
        width = std::max(width, compiler::display_width(n.command));
    }
    std::string out;
    for (const Next& n : next)
        out += fmt::format("  {}  {}\n", paint_.strong(pad(n.command, width)),
                           paint_.faint(fmt::format("# {}", n.does)));
    return out;
}

std::string Progress::run_ended(RunState state, const std::string& why, Time now) {
    running_.clear();
    std::string word = journal::name(state);
    std::replace(word.begin(), word.end(), '_', ' ');
    std::string out = fmt::format("run {} {} after {}: {}\n", run_, paint_.state(state, word),
                                  in_words(std::chrono::duration_cast<std::chrono::milliseconds>(now - started_)), summary(state));
    if (!why.empty() && why != told_error_) out += fmt::format("  {}\n", compiler::printable(why));
    return out + standing_line(state) + next_commands(state);
}

}  // namespace cairn::report
