#include "runtime/run/runner.hpp"

#include <fmt/format.h>

#include "runtime/execute/batch/before_start.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/run/beginning.hpp"
#include "runtime/run/context.hpp"
#include "runtime/run/preflight.hpp"
#include "runtime/run/window.hpp"
#include "runtime/schedule/schedule.hpp"
#include "runtime/undo/finalize.hpp"
#include "runtime/undo/undo.hpp"

namespace cairn::run {

using journal::ItemState;
using journal::RunRecord;
using journal::RunState;
using schedule::Outcome;
using schedule::Schedule;

Exit exit_for(const Diagnostic& error) {
    switch (error.code) {
        case 701: case 702: case 703: case 709: case 718: case 728: case 883: return Exit::unreachable;
        case 704: case 714: return Exit::lease_held;
        case 705: return Exit::already_finished;
        case 706: case 707: case 723: case 824: case 825: return Exit::plan_errors;
        case 710: case 711: case 712: case 725: case 726: return Exit::check_failed;
        case 820: case 821: case 822: case 884: return Exit::rollback_incomplete;
        default: return Exit::step_failed;
    }
}

namespace {

Result failed(const Context& context, Diagnostic error) {
    const Exit exit = exit_for(error);
    return {.exit = exit, .run = context.run(), .error = std::move(error)};
}

// A rollback that ended before its end, whatever stopped it.
Result not_undone(const Context& context, Diagnostic error) {
    const Exit exit = error.code == 713 ? Exit::step_failed : Exit::rollback_incomplete;
    return {.exit = exit, .run = context.run(), .error = std::move(error)};
}

// ---------------------------------------------------------------- the way back

struct BackAgain {
    std::optional<Diagnostic> error;  // why it could not be completed
    bool fatal = false;
};

BackAgain roll_back(Context& context, const std::vector<ItemState>& states, ItemId down_to) {
    BackAgain result;
    if (auto error = context.journal().event("", "rollback", fmt::format("down to {}", down_to.index == 0 ? "the beginning" : context.item(ItemId{down_to.index - 1}).name)))
        return {.error = error, .fatal = true};
    for (const ItemId id : schedule::undo_order(states, down_to)) {
        process::fault_point("rollback: before an item");
        const auto undone = undo::undo_item(context, id, states[id.index]);
        using Kind = undo::UndoResult::Kind;
        if (undone.kind == Kind::undone || undone.kind == Kind::left) {
            if (process::interrupt_requested()) return {.error = interrupted(), .fatal = false};
            continue;
        }
        if (undone.kind == Kind::fatal) return {.error = undone.error, .fatal = true};
        if (auto error = context.journal().event(context.item(id).name, "undo_failed", undone.error ? undone.error->message : ""))
            return {.error = error, .fatal = true};
        result.error = undone.error;
        if (!context.settings().keep_going) return result;  // what came before it may depend on it
    }
    return result;
}

// ---------------------------------------------------------------- the run

class Runner {
public:
    Runner(Context& context, std::vector<ItemState> states, bool resumed)
        : context_(context), schedule_(context.graph(), std::move(states),
                                       {.until = context.settings().until, .resumed = resumed, .keep_going = context.settings().keep_going}) {}

    Result run() {
        for (;;) {
            process::fault_point("run: between units");
            if (process::interrupt_requested() && !schedule_.trouble()) return stop(RunState::stopped, interrupted());
            if (context_.lease_lost()) return give_up(problem(714, "another runner has taken over this run", "cairn status " + context_.run()));
            const schedule::Action action = schedule_.next();
            if (std::holds_alternative<schedule::Execute>(action)) {
                const auto units = schedule_.ahead(window_.holds() ? 1 : sent_ahead);
                auto refused = window_.admit(units.front(), schedule_.states());
                if (refused && refused->fatal) return give_up(refused->error);
                if (refused && refused->error.code == 713) return stop(RunState::stopped, refused->error);
                if (refused) {
                    error_ = refused->error;
                    schedule_.report(units.front(), Outcome::window_ended, std::vector<ItemState>(units.front().items.size(), ItemState::pending));
                    continue;
                }
                if (auto result = step(units)) return *result;
            } else if (std::holds_alternative<schedule::Finish>(action)) {
                return finish();
            } else if (const auto* at = std::get_if<schedule::StopAt>(&action)) {
                return stop_at(at->checkpoint);
            } else if (std::holds_alternative<schedule::Stop>(action)) {
                return stop_in_trouble();
            } else {
                return back(std::get<schedule::RollBack>(action));
            }
        }
    }

private:
    // How many steps may be under way before the first one's answer is in: hides the time of a round trip.
    static constexpr std::size_t sent_ahead = 8;

    std::optional<Result> step(const std::vector<schedule::Unit>& units) {
        const auto began = std::chrono::steady_clock::now();
        const auto results = execute::execute_ahead(context_, units);
        window_.took(units.front(), std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began));
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (results[i].fatal) return give_up(*results[i].error);
            if (results[i].error) error_ = results[i].error;
            schedule_.report(units[i], results[i].outcome, results[i].states);
        }
        return std::nullopt;
    }

    // Nothing more can be written: the journal stands as it is, and the run can be resumed.
    Result give_up(Diagnostic error) {
        context_.observer().run_ended(RunState::stopped, error.message);
        return failed(context_, std::move(error));
    }

    Result end(RunState state, const std::string& why, Result result) {
        if (auto error = context_.journal().state(state, why, true)) return give_up(*error);
        context_.observer().run_ended(state, why);
        return result;
    }

    Result finish() {
        const bool all_well = !error_;
        if (all_well && context_.graph().repeatable && !context_.home().empty() && !context_.settings().rehearsal) {
            if (auto result = finalize_former()) return *result;
        }
        if (all_well) return end(RunState::finished, "", {.exit = Exit::done, .run = context_.run(), .error = {}});
        return end(RunState::failed, error_->message, failed(context_, *error_));  // a rehearsal that went on
    }

    // The run is recorded as finished first: killed in between, the former one still has its way back, and the next run ends it.
    std::optional<Result> finalize_former() {
        if (auto error = context_.journal().state(RunState::finished, "", false)) return give_up(*error);
        auto session = context_.session(context_.home());
        if (auto* error = std::get_if<Diagnostic>(&session)) return give_up(*error);
        const auto freed = undo::give_up_earlier(*std::get<postgres::Session*>(session), context_.database_journal(), context_.graph().plan);
        if (const auto* error = std::get_if<Diagnostic>(&freed)) context_.observer().message("a former run was not finalized: " + error->message);
        if (auto error = context_.journal().release()) return give_up(*error);
        context_.observer().run_ended(RunState::finished, "");
        return Result{.exit = Exit::done, .run = context_.run(), .error = {}};
    }

    Result stop_at(const std::string& checkpoint) {
        return end(RunState::stopped, fmt::format("stopped at checkpoint {}, as --until asks", checkpoint),
                   {.exit = Exit::done, .run = context_.run(), .error = {}});
    }

    Result stop(RunState state, Diagnostic error) { return end(state, error.message, failed(context_, error)); }

    Result stop_in_trouble() {
        const bool at_a_gate = schedule_.trouble() != Outcome::failed;
        const Diagnostic error = error_.value_or(problem(713, "stopped"));
        return stop(at_a_gate ? RunState::stopped : RunState::failed, error);
    }

    Result back(const schedule::RollBack& action) {
        const std::string why = error_ ? error_->message : "";
        const auto returned = roll_back(context_, schedule_.states(), action.down_to);
        if (returned.fatal) return give_up(*returned.error);
        if (returned.error) return end(RunState::failed, returned.error->message, not_undone(context_, *returned.error));
        const RunState state = action.to_beginning() ? RunState::rolled_back : RunState::stopped;
        return end(state, why, {.exit = Exit::rolled_back, .run = context_.run(), .error = error_});
    }

    Context& context_;
    Schedule schedule_;
    WindowWatch window_{context_};
    std::optional<Diagnostic> error_;
};

std::variant<std::vector<ItemState>, Diagnostic> states_in_journal(Context& context) {
    auto items = context.journal().items();
    if (auto* error = std::get_if<Diagnostic>(&items)) return *error;
    std::vector<ItemState> states;
    for (const auto& item : std::get<std::vector<journal::ItemRecord>>(items)) {
        // What was undone stands as if it had not been done yet.
        states.push_back(item.state == ItemState::rolled_back ? ItemState::pending : item.state);
    }
    return states;
}

// The lease of an existing run, and its items' states under it.
std::variant<std::vector<ItemState>, Diagnostic> take_over(Context& context) {
    bool ready = false;
    if (auto error = context.open_journal(false, ready)) return *error;
    if (!ready) return problem(702, fmt::format("the journal that held run {} is gone", context.run()), "cairn history");
    if (auto error = context.take_lease()) return *error;
    return states_in_journal(context);
}

}  // namespace

Result apply(const compiler::Compiled& compiled, const Identity& identity, const Settings& settings, Observer& observer) {
    Context context(compiled, settings, observer, identity.run);
    bool ready = false;
    if (auto error = context.open_journal(false, ready)) return failed(context, *error);
    if (ready) {  // a glance first: who has nothing to do takes no lease
        if (auto error = may_begin(context); error && error->code != 707) return failed(context, *error);
    } else if (auto error = context.open_journal(true, ready)) {
        return failed(context, *error);
    }
    if (auto error = WindowWatch(context).over_already()) {  // before a command has stopped anybody's work for nothing
        return failed(context, *error);
    }
    if (auto error = rows_can_be_kept(context)) {
        Result result = failed(context, *error);
        if (error->code == 860 || error->code == 861) result.exit = Exit::plan_errors;  // nothing has run
        return result;
    }
    if (auto error = context.take_lease()) return failed(context, *error);
    if (auto error = may_begin(context)) {
        if (auto unreleased = context.journal().release()) return failed(context, *unreleased);
        return failed(context, *error);
    }
    if (!settings.rehearsal) {  // which says it at the item
        if (auto error = execute::check_batch_keys(context)) {
            if (auto unreleased = context.journal().release()) return failed(context, *unreleased);
            return {.exit = error->code == 709 ? Exit::unreachable : Exit::plan_errors, .run = "", .error = std::move(error)};
        }
    }
    const RunRecord record = new_record(context, identity);
    if (auto error = context.journal().begin(record)) return failed(context, *error);
    observer.run_started(record, false);
    return Runner(context, {}, false).run();
}

Result resume(const compiler::Compiled& compiled, const RunRecord& record, const Settings& settings, Observer& observer) {
    Context context(compiled, settings, observer, record.run);
    if (record.state == RunState::finished || record.state == RunState::finalized)
        return failed(context, problem(705, fmt::format("run {} has already finished", record.run)));
    if (record.state == RunState::rolled_back)
        return failed(context, problem(723, fmt::format("run {} has been rolled back: there is nothing to go on with", record.run),
                                       "cairn apply " + record.plan_file));
    auto states = take_over(context);
    if (auto* error = std::get_if<Diagnostic>(&states)) return failed(context, *error);
    if (auto error = context.journal().state(RunState::running, "resumed", false)) return failed(context, *error);
    observer.run_started(record, true);
    return Runner(context, std::get<std::vector<ItemState>>(states), true).run();
}

Result rollback(const compiler::Compiled& compiled, const RunRecord& record, std::optional<std::string> to,
                std::optional<std::string> past, const Settings& settings, Observer& observer) {
    Context context(compiled, settings, observer, record.run);
    const auto& graph = context.graph();
    if (record.state == RunState::rolled_back)
        return failed(context, problem(723, fmt::format("run {} has been rolled back already", record.run)));
    if (record.state == RunState::finalized)
        return failed(context, problem(825, fmt::format("run {} is finalized: its way back was given up", record.run)));
    auto taken = take_over(context);
    if (auto* error = std::get_if<Diagnostic>(&taken)) return failed(context, *error);
    if (auto error = context.home().empty() ? std::nullopt : context.database_journal().came_by_dump()) {
        if (auto unreleased = context.journal().release()) return failed(context, *unreleased);
        return not_undone(context, std::move(*error));
    }
    const auto& states = std::get<std::vector<ItemState>>(taken);
    const auto target = schedule::roll_back_to(graph, states, to);
    if (const auto point = schedule::passed_point(graph, states, target.down_to); point && point != past) {
        if (auto unreleased = context.journal().release()) return failed(context, *unreleased);
        return failed(context, problem(824, fmt::format("the run has passed the point of no return `{}`", *point),
                                       fmt::format("cairn rollback {} --past {}", record.run, *point)));
    }
    // Killed on its way, it is neither finished nor may it be finalized.
    if (record.state == RunState::finished) {
        if (auto error = context.journal().state(RunState::stopped, "rolling back", false)) return failed(context, *error);
    }
    observer.run_started(record, true);
    const auto returned = roll_back(context, states, target.down_to);
    if (returned.fatal) {
        observer.run_ended(RunState::stopped, returned.error->message);
        return failed(context, *returned.error);
    }
    const RunState state = returned.error ? RunState::failed : target.to_beginning() ? RunState::rolled_back : RunState::stopped;
    const std::string why = returned.error ? returned.error->message : "rolled back by command";
    if (auto error = context.journal().state(state, why, true)) return failed(context, *error);
    observer.run_ended(state, why);
    if (returned.error) return not_undone(context, *returned.error);
    return {.exit = Exit::done, .run = record.run, .error = {}};
}

}  // namespace cairn::run
