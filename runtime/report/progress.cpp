#include "runtime/report/progress.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "compiler/diagnostics/display.hpp"
#include "compiler/diagnostics/ways_out.hpp"
#include "runtime/report/check_text.hpp"
#include "runtime/report/table.hpp"

namespace cairn::report {

namespace {

using compiler::ItemId;
using journal::ItemState;

constexpr std::size_t longest_label = 48;

// The checks of an item, for where in the plan each stands.
const std::vector<compiler::Check>* checks_of(const compiler::Item& item) {
    if (const auto* validate = std::get_if<compiler::ValidateItem>(&item.body))
        return &validate->checks;
    if (const auto* gate = std::get_if<compiler::GateItem>(&item.body)) return &gate->checks;
    return nullptr;
}

// Whether some of it may stand although it has not ended well: what it has committed on the way.
bool leaves_a_part(const compiler::Item& item, std::optional<std::int64_t> rows) {
    const auto* step = std::get_if<compiler::StepItem>(&item.body);
    if (step == nullptr) return false;
    return step->batch ? rows.value_or(0) > 0 : !step->transactional;
}

// A program's output, rather than a remark of ours.
bool is_output(const run::ItemOutcome& outcome) {
    return outcome.note.find('\n') != std::string::npos;
}

// The last of what a program has said: more where it failed.
std::string output_lines(const run::ItemOutcome& outcome) {
    std::size_t most = outcome.state == ItemState::failed ? 10 : 3;
    std::string_view rest = outcome.note;
    std::string out;
    while (most-- > 0 && !rest.empty()) {
        while (!rest.empty() && (rest.back() == '\n' || rest.back() == '\r')) rest.remove_suffix(1);
        if (rest.empty()) break;
        const std::size_t begin = rest.rfind('\n') + 1;  // npos + 1 is 0
        out.insert(0, fmt::format("{}{}\n", margin, compiler::printable(rest.substr(begin))));
        rest = rest.substr(0, begin);
    }
    return out;
}

}  // namespace

Progress::Progress(const compiler::Compiled& compiled, const ReportOptions& options,
                   std::size_t width, Time now)
    : compiled_(compiled),
      options_(options),
      width_(width),
      paint_(options.color),
      started_(now),
      states_(compiled.graph.items.size(), ItemState::pending),
      in_part_(compiled.graph.items.size(), false),
      left_(compiled.graph.items.size(), false) {
    for (std::uint32_t i = 0; i < compiled.graph.items.size(); ++i)
        label_width_ = std::max(label_width_, compiler::display_width(label({i})));
    label_width_ = std::min(label_width_, longest_label);
}

std::string Progress::position(ItemId id) const {
    const auto count = compiled_.graph.items.size();
    return fmt::format("{:>{}}/{}", id.index + 1, std::to_string(count).size(), count);
}

std::string Progress::label(ItemId id) const {
    const auto& item = compiled_.graph.items.at(id.index);
    return fmt::format("{} {}", item.kind, item.name);
}

std::string Progress::item_line(ItemId id, const std::string& word, const std::string& rest) const {
    const std::string text = rest.empty()
                                 ? fit(label(id), label_width_)
                                 : fmt::format("{}  {}", pad(label(id), label_width_), rest);
    return fmt::format("{} {} {}\n", paint_.faint(position(id)), word, text);
}

std::string Progress::run_started(const journal::RunRecord& record, bool resumed) {
    run_ = record.run;
    // As the command line gave it, or shortens it: the journal's is absolute.
    plan_file_ = compiled_.sources.size() > 0 ? compiled_.sources.at({0}).name() : record.plan_file;
    std::unordered_map<std::string_view, const journal::ItemRecord*> known;
    for (const auto& item : record.items) known.emplace(item.name, &item);
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto found = known.find(compiled_.graph.items[i].name);
        if (found == known.end()) continue;
        // What failed or was under way when the run stopped is to be run again.
        const auto state = found->second->state;
        const bool is_open = state == ItemState::failed || state == ItemState::running;
        states_[i] = is_open ? ItemState::pending : state;
        left_[i] = found->second->in_part;
        in_part_[i] = is_open && leaves_a_part(compiled_.graph.items[i], found->second->rows);
    }
    if (options_.quiet) return {};
    const auto done =
        static_cast<std::uint64_t>(std::count(states_.begin(), states_.end(), ItemState::done));
    std::string out = fmt::format("run {} of {}: {}", paint_.strong(run_), record.plan,
                                  counted(states_.size(), "item"));
    if (resumed) out += fmt::format(", {} done before", done);
    out += "\n" + paint_.faint("digest " + record.digest) + "\n";
    for (const auto& [name, value] : record.parameters)
        out += paint_.faint(compiler::printable(fmt::format("param {} = {}", name, value))) + "\n";
    return out;
}

std::string Progress::item_started(ItemId id, Time now) {
    states_.at(id.index) = ItemState::running;
    running_[id] = Running{.since = now};
    return options_.verbose > 0 && !options_.terminal ? item_line(id, "starts ", "")
                                                      : std::string();
}

std::string Progress::check_lines(ItemId id, const std::vector<run::CheckOutcome>& outcomes,
                                  bool with_passed) const {
    const auto* checks = checks_of(compiled_.graph.items.at(id.index));
    const CheckStyle style{.paint = paint_, .width = width_, .with_passed = with_passed};
    std::string out;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (options_.quiet && outcomes[i].passed) continue;
        const auto* check = checks != nullptr && i < checks->size() ? &checks->at(i) : nullptr;
        out += check_text(outcomes[i], check, compiled_.sources, style);
    }
    return out;
}

std::string Progress::details(ItemId id, const run::ItemOutcome& outcome) {
    std::string out;
    if (asked_ != id) out = check_lines(id, outcome.checks, options_.verbose > 0);
    if (is_output(outcome)) out += output_lines(outcome);
    if (outcome.error) {
        out += compiler::to_text(*outcome.error, compiled_.sources, options_.color);
        told_error_ = outcome.error->message;
    }
    return out;
}

std::string Progress::item_ended(ItemId id, const run::ItemOutcome& outcome) {
    states_.at(id.index) = outcome.state;
    const bool is_over = outcome.state == ItemState::done || outcome.state == ItemState::skipped;
    in_part_.at(id.index) =
        !is_over &&
        (in_part_.at(id.index) || leaves_a_part(compiled_.graph.items.at(id.index), outcome.rows));
    running_.erase(id);
    if (outcome.state == ItemState::failed) {
        forget_group(id);
        needs_another_plan_ = outcome.error && compiler::needs_another_plan(*outcome.error);
    }
    const std::string below = details(id, outcome);
    if (options_.quiet && outcome.state != ItemState::failed) return below;
    const std::string rest =
        joined({outcome.took.count() > 0 ? in_words(outcome.took) : "",
                outcome.rows ? counted(static_cast<std::uint64_t>(*outcome.rows), "row") : "",
                checks_in_words(outcome.checks), is_output(outcome) ? "" : fit(outcome.note, 200)});
    const std::string word = fmt::format("{:<7}", journal::name(outcome.state));
    return item_line(id, paint_.state(outcome.state, word), rest) + below;
}

// What would have committed together with a failed item has not happened either.
void Progress::forget_group(ItemId failed) {
    const auto& items = compiled_.graph.items;
    const auto group = items.at(failed.index).transaction;
    if (!group) return;
    for (std::uint32_t i = 0; i < items.size(); ++i) {
        if (i == failed.index || items[i].transaction != group) continue;
        states_[i] = ItemState::pending;
        running_.erase({i});
    }
}

std::string Progress::asking(ItemId id, const std::vector<run::CheckOutcome>& checks) {
    asked_ = id;
    return item_line(id, paint_.strong("asks   "), checks_in_words(checks)) +
           check_lines(id, checks, true);
}

std::string Progress::undo_started(ItemId id, Time now) {
    running_[id] = Running{.since = now, .undoing = true};
    return options_.verbose > 0 && !options_.terminal ? item_line(id, "undoes ", "")
                                                      : std::string();
}

std::string Progress::undo_ended(ItemId id, const run::ItemOutcome& outcome) {
    running_.erase(id);
    const bool is_undone = outcome.state != ItemState::failed;
    if (is_undone) {
        states_.at(id.index) = outcome.state;
        in_part_.at(id.index) = false;
        left_.at(id.index) = outcome.in_part;
    }
    const std::string below = details(id, outcome);
    const bool is_idle =
        !is_outside_work(compiled_.graph.items.at(id.index)) && outcome.note.empty();
    if (is_undone && (options_.quiet || (is_idle && options_.verbose == 0))) return below;
    std::string word = paint_.doubtful("undone ");
    stuck_ = stuck_ || !is_undone;
    if (!is_undone)
        word = paint_.bad("stuck  ");
    else if (outcome.state != ItemState::rolled_back)
        word = paint_.faint("stays  ");
    return item_line(id, word,
                     joined({outcome.took.count() > 0 ? in_words(outcome.took) : "",
                             compiler::printable(outcome.note)})) +
           below;
}

std::string Progress::message(const std::string& text) const {
    return options_.quiet ? std::string() : fmt::format("{}\n", compiler::printable(text));
}

}  // namespace cairn::report
