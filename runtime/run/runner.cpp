#include "runtime/run/runner.hpp"

#include <fmt/format.h>

#include "runtime/execute/batch/before_start.hpp"
#include "runtime/run/backward.hpp"
#include "runtime/run/beginning.hpp"
#include "runtime/run/ending.hpp"
#include "runtime/run/forward.hpp"
#include "runtime/run/preflight.hpp"
#include "runtime/run/window.hpp"
#include "runtime/schedule/schedule.hpp"

namespace cairn::run {

using journal::ItemState;
using journal::RunRecord;
using journal::RunState;

namespace {

// The leases of an existing run, and its items' states under them. What was undone stands as if it had not been done yet.
std::variant<std::vector<ItemState>, Diagnostic> take_over(Crew& crew, const RunRecord& record) {
    bool ready = false;
    if (auto error = crew.open_journals(false, ready)) return *error;
    if (!ready) return problem(702, fmt::format("the journal that held run {} is gone", record.run), "cairn history");
    if (auto error = crew.take_leases()) return *error;
    if (auto error = crew.join(record)) {
        if (auto unreleased = crew.release()) return *unreleased;
        return *error;
    }
    auto items = crew.items();
    if (auto* error = std::get_if<Diagnostic>(&items)) return *error;
    std::vector<ItemState> states;
    for (const auto& item : std::get<std::vector<journal::ItemRecord>>(items))
        states.push_back(item.state == ItemState::rolled_back ? ItemState::pending : item.state);
    return states;
}

// What keeps the plan from running at all is said before anything has.
std::optional<Diagnostic> look_ahead(Crew& crew) {
    if (auto error = WindowWatch(crew.first()).over_already()) return error;  // before a command has stopped anybody's work for nothing
    for (const auto& one : crew.all()) {
        if (auto error = rows_can_be_kept(*one)) return error;
    }
    return std::nullopt;
}

// Gives the leases back: the run has not begun, or goes no further.
Result let_go(Crew& crew, Result result) {
    if (auto unreleased = crew.release()) return failed(crew.first(), *unreleased);
    return result;
}

}  // namespace

Result apply(const compiler::Compiled& compiled, const Identity& identity, const Settings& settings, Observer& observer) {
    Crew crew(compiled, settings, observer, identity.run);
    Context& context = crew.first();
    bool ready = false;
    if (auto error = crew.open_journals(false, ready)) return failed(context, *error);
    if (ready) {  // a glance first: who has nothing to do takes no lease
        if (auto error = may_begin(crew); error && error->code != 707) return failed(context, *error);
    } else if (auto error = crew.open_journals(true, ready)) {
        return failed(context, *error);
    }
    if (auto error = look_ahead(crew)) {
        Result result = failed(context, *error);
        if (error->code == 860 || error->code == 861) result.exit = Exit::plan_errors;  // nothing has run
        return result;
    }
    if (auto error = crew.take_leases()) return failed(context, *error);
    if (auto error = may_begin(crew)) return let_go(crew, failed(context, *error));
    for (const auto& one : crew.all()) {
        if (settings.rehearsal) break;  // which says it at the item
        if (auto error = execute::check_batch_keys(*one))
            return let_go(crew, {.exit = error->code == 709 ? Exit::unreachable : Exit::plan_errors, .run = "", .error = std::move(error)});
    }
    const RunRecord record = new_record(context, identity);
    if (auto error = crew.begin(record)) return failed(context, *error);
    observer.run_started(record, false);
    return Forward(crew, {}, false).run();
}

Result resume(const compiler::Compiled& compiled, const RunRecord& record, const Settings& settings, Observer& observer) {
    Crew crew(compiled, settings, observer, record.run);
    Context& context = crew.first();
    if (record.state == RunState::finished || record.state == RunState::finalized)
        return failed(context, problem(705, fmt::format("run {} has already finished", record.run)));
    if (record.state == RunState::rolled_back)
        return failed(context, problem(723, fmt::format("run {} has been rolled back: there is nothing to go on with", record.run),
                                       "cairn apply " + record.plan_file));
    auto states = take_over(crew, record);
    if (auto* error = std::get_if<Diagnostic>(&states)) return failed(context, *error);
    if (auto error = crew.state(RunState::running, "resumed", false)) return failed(context, *error);
    observer.run_started(record, true);
    return Forward(crew, std::get<std::vector<ItemState>>(states), true).run();
}

Result rollback(const compiler::Compiled& compiled, const RunRecord& record, std::optional<std::string> to,
                std::optional<std::string> past, const Settings& settings, Observer& observer) {
    Crew crew(compiled, settings, observer, record.run);
    Context& context = crew.first();
    const auto& graph = context.graph();
    if (record.state == RunState::rolled_back)
        return failed(context, problem(723, fmt::format("run {} has been rolled back already", record.run)));
    if (record.state == RunState::finalized)
        return failed(context, problem(825, fmt::format("run {} is finalized: its way back was given up", record.run)));
    auto taken = take_over(crew, record);
    if (auto* error = std::get_if<Diagnostic>(&taken)) return failed(context, *error);
    for (const auto& one : crew.all()) {
        if (auto error = one->home().empty() ? std::nullopt : one->database_journal().came_by_dump())
            return let_go(crew, not_undone(context, std::move(*error)));
    }
    const auto& states = std::get<std::vector<ItemState>>(taken);
    const auto target = schedule::roll_back_to(graph, states, to);
    if (to && target.to_beginning()) {
        return let_go(crew, failed(context, problem(831, fmt::format("the run does not stand behind checkpoint `{}`: there is no going back to it, and nothing was undone", *to),
                                                    fmt::format("cairn rollback {}, which takes everything back", record.run))));
    }
    if (const auto point = schedule::passed_point(graph, states, target.down_to); point && point != past) {
        return let_go(crew, failed(context, problem(824, fmt::format("the run has passed the point of no return `{}`", *point),
                                                    fmt::format("cairn rollback {} --past {}", record.run, *point))));
    }
    // Killed on its way, it is neither finished nor may it be finalized.
    if (record.state == RunState::finished) {
        if (auto error = crew.state(RunState::stopped, "rolling back", false)) return failed(context, *error);
    }
    observer.run_started(record, true);
    const auto returned = roll_back(crew, states, target.down_to);
    if (returned.fatal) {
        observer.run_ended(RunState::stopped, returned.error->message);
        return failed(context, *returned.error);
    }
    const RunState state = returned.error ? RunState::failed : target.to_beginning() ? RunState::rolled_back : RunState::stopped;
    const std::string why = returned.error ? returned.error->message : "rolled back by command";
    if (auto error = crew.state(state, why, true)) return failed(context, *error);
    observer.run_ended(state, why);
    if (returned.error) return not_undone(context, *returned.error);
    return {.exit = Exit::done, .run = record.run, .error = {}};
}

}  // namespace cairn::run
