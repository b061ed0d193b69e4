#include "runtime/run/forward.hpp"

#include <fmt/format.h>

#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/run/backward.hpp"
#include "runtime/run/ending.hpp"
#include "runtime/undo/finalize.hpp"

namespace cairn::run {

using journal::ItemState;
using journal::RunState;
using schedule::Outcome;
using schedule::Unit;

namespace {

// How many steps may be under way in one session before the first one's answer is in: hides the time of a round trip.
constexpr std::size_t sent_ahead = 8;

}  // namespace

Forward::Forward(Crew& crew, std::vector<ItemState> states, bool resumed)
    : crew_(crew), first_(crew.first()),
      schedule_(first_.graph(), std::move(states),
                {.until = first_.settings().until, .resumed = resumed, .keep_going = first_.settings().keep_going}),
      beside_(crew, static_cast<std::size_t>(first_.settings().jobs)) {}

Result Forward::run() {
    for (;;) {
        process::fault_point("run: between units");
        const bool wanted = process::interrupt_requested() && !schedule_.trouble();
        const bool lost = crew_.lease_lost();
        if (beside_.is_busy() && (wanted || lost || fatal_ || !beside_.has_room())) {
            take_next();
            continue;
        }
        if (fatal_) return give_up(*fatal_);
        if (wanted) return stop(RunState::stopped, interrupted());
        if (lost) return give_up(problem(714, "another runner has taken over this run", "cairn status " + first_.run()));
        const schedule::Action action = schedule_.next();
        if (const auto* at = std::get_if<schedule::Execute>(&action)) {
            execute(*at);
        } else if (std::holds_alternative<schedule::Await>(action)) {
            take_next();
        } else if (std::holds_alternative<schedule::Finish>(action)) {
            return finish();
        } else if (const auto* stop = std::get_if<schedule::StopAt>(&action)) {
            return end(RunState::stopped, fmt::format("stopped at checkpoint {}, as --until asks", stop->checkpoint),
                       {.exit = Exit::done, .run = first_.run(), .error = {}});
        } else if (std::holds_alternative<schedule::Stop>(action)) {
            return stop_in_trouble();
        } else {
            return back(std::get<schedule::RollBack>(action));
        }
    }
}

void Forward::execute(const schedule::Execute& at) {
    const bool is_beside = may_run_beside(at.unit);
    const auto units = schedule_.ahead(is_beside || window_.holds() ? 1 : sent_ahead);
    auto refused = window_.admit(units.front(), schedule_.states());
    if (refused && refused->fatal) {
        fatal_ = refused->error;
    } else if (refused && refused->error.code == 713) {
        schedule_.report(units.front(), Outcome::interrupted, std::vector<ItemState>(units.front().items.size(), ItemState::pending));
        error_ = refused->error;
    } else if (refused) {
        error_ = refused->error;
        schedule_.report(units.front(), Outcome::window_ended, std::vector<ItemState>(units.front().items.size(), ItemState::pending));
    } else if (is_beside) {
        schedule_.begun(units.front());
        beside_.start(units.front());
    } else {
        execute_in_line(units);
    }
}

void Forward::execute_in_line(const std::vector<Unit>& units) {
    beside_.dismiss();
    const auto began = std::chrono::steady_clock::now();
    const auto results = execute::execute_ahead(crew_.of(units.front().items.front()), units);
    window_.took(units.front(), std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began));
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].fatal) {
            fatal_ = results[i].error;
            return;
        }
        if (results[i].error) error_ = results[i].error;
        schedule_.report(units[i], results[i].outcome, results[i].states);
    }
}

// A pooler's sessions can't be told from others' once they are lost.
bool Forward::may_run_beside(const Unit& unit) {
    const auto& item = first_.item(unit.items.front());
    if (!item.parallel || first_.settings().jobs < 2) return false;
    Context& holder = crew_.of(unit.items.front());
    if (!holder.is_pooled()) return true;
    if (!std::exchange(pooler_said_, true))
        first_.observer().message(fmt::format("`{}` is reached through a pooler: items of `parallel` run one at a time", holder.home()));
    return false;
}

void Forward::take_next() {
    auto ended = beside_.next();
    window_.took(ended.unit, ended.took);
    if (ended.result.fatal) {
        if (!fatal_) fatal_ = ended.result.error;
        ended.result.outcome = Outcome::failed;
    }
    if (ended.result.error && !error_) error_ = ended.result.error;
    schedule_.report(ended.unit, ended.result.outcome, ended.result.states);
}

// Nothing more can be written: the journal stands as it is, and the run can be resumed.
Result Forward::give_up(Diagnostic error) {
    first_.observer().run_ended(RunState::stopped, error.message);
    return failed(first_, std::move(error));
}

Result Forward::end(RunState state, const std::string& why, Result result) {
    if (auto error = crew_.state(state, why, true)) return give_up(*error);
    first_.observer().run_ended(state, why);
    return result;
}

Result Forward::finish() {
    const bool all_well = !error_;
    if (all_well && first_.graph().repeatable && !first_.home().empty() && !first_.settings().rehearsal) {
        if (auto result = finalize_former()) return *result;
    }
    if (all_well) return end(RunState::finished, "", {.exit = Exit::done, .run = first_.run(), .error = {}});
    return end(RunState::failed, error_->message, failed(first_, *error_));  // a rehearsal that went on
}

// The run is recorded as finished first: killed in between, the former one still has its way back, and the next run ends it.
std::optional<Result> Forward::finalize_former() {
    if (auto error = crew_.state(RunState::finished, "", false)) return give_up(*error);
    for (const auto& one : crew_.all()) {
        auto session = one->session(one->home());
        if (auto* error = std::get_if<Diagnostic>(&session)) return give_up(*error);
        const auto freed = undo::give_up_earlier(*std::get<postgres::Session*>(session), one->database_journal(), first_.graph().plan);
        if (const auto* error = std::get_if<Diagnostic>(&freed)) first_.observer().message("a former run was not finalized: " + error->message);
    }
    if (auto error = crew_.release()) return give_up(*error);
    first_.observer().run_ended(RunState::finished, "");
    return Result{.exit = Exit::done, .run = first_.run(), .error = {}};
}

Result Forward::stop(RunState state, Diagnostic error) { return end(state, error.message, failed(first_, error)); }

Result Forward::stop_in_trouble() {
    const bool at_a_gate = schedule_.trouble() != Outcome::failed;
    const Diagnostic error = error_.value_or(problem(713, "stopped"));
    return stop(at_a_gate ? RunState::stopped : RunState::failed, error);
}

Result Forward::back(const schedule::RollBack& action) {
    const std::string why = error_ ? error_->message : "";
    const auto returned = roll_back(crew_, schedule_.states(), action.down_to);
    if (returned.fatal) return give_up(*returned.error);
    if (returned.error) return end(RunState::failed, returned.error->message, not_undone(first_, *returned.error));
    const RunState state = action.to_beginning() ? RunState::rolled_back : RunState::stopped;
    return end(state, why, {.exit = Exit::rolled_back, .run = first_.run(), .error = error_});
}

}  // namespace cairn::run
