// Which executor a unit goes to; waits and checkpoints, which need none of their own.
#include "compiler/graph/strong_locks.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/undo/unseen.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::ItemId;
using journal::ItemState;
using schedule::Outcome;

UnitResult execute_wait(run::Context& context, ItemId id) {
    const auto& wait = std::get<compiler::WaitItem>(context.item(id).body);
    run::ItemOutcome ended;
    if (context.settings().rehearsal) {
        ended.note = "not waited for in a rehearsal";
        return end_item(context, id, Outcome::done, std::move(ended));
    }
    const auto began = std::chrono::steady_clock::now();
    std::chrono::milliseconds time = wait.duration.value_or(std::chrono::milliseconds(0));
    if (wait.before_window && context.settings().ignore_window) {
        ended.note = "not waited for: --ignore-window";
        return end_item(context, id, Outcome::done, std::move(ended));
    }
    const bool waited = wait.until ? run::pause_until(*wait.until) : run::pause(time);
    ended.took = elapsed(began);
    if (waited) return end_item(context, id, Outcome::done, std::move(ended));
    ended.state = ItemState::failed;
    ended.error = run::interrupted();
    return end_item(context, id, Outcome::interrupted, std::move(ended));
}

UnitResult execute_checkpoint(run::Context& context, ItemId id) {
    return end_item(context, id, Outcome::done, {});
}

UnitResult execute(run::Context& context, const schedule::Unit& unit) {
    for (const ItemId id : unit.items) context.observer().item_started(id);
    const ItemId first = unit.items.front();
    const auto& item = context.item(first);
    context.working_on(first);
    UnitResult result;
    if (item.transaction) {
        result = execute_transaction(context, unit);
    } else if (const auto* step = std::get_if<compiler::StepItem>(&item.body)) {
        if (step->batch) {
            result = execute_batch(context, first);
        } else if (auto skipped = skipped_by_when(context, first)) {
            result = std::move(*skipped);
        } else {
            result = step->transactional ? execute_transaction(context, unit) : execute_non_transactional(context, first);
        }
    } else if (std::holds_alternative<compiler::RunItem>(item.body)) {
        result = execute_command(context, first);
    } else if (std::holds_alternative<compiler::WaitItem>(item.body)) {
        result = execute_wait(context, first);
    } else if (std::holds_alternative<compiler::CheckpointItem>(item.body)) {
        result = execute_checkpoint(context, first);
    } else {
        result = execute_checks(context, first);
    }
    context.working_on(std::nullopt);
    return result;
}

namespace {

// A step whose sending needs no answer first: nothing is looked at before it. A rehearsal that measures looks at the database between items.
bool may_be_sent_ahead(run::Context& context, const schedule::Unit& unit) {
    const auto& item = context.item(unit.items.front());
    const auto* step = std::get_if<compiler::StepItem>(&item.body);
    if (step != nullptr && step->strong_locks_wait && !compiler::strong_locks(item).empty() && !context.settings().rehearsal) return false;
    return step != nullptr && step->transactional && !step->batch && !item.transaction && !item.when &&
           !undo::is_watched(context, item) && !undo::may_change_unseen(context, item) && context.settings().probe.empty();
}

}  // namespace

std::vector<UnitResult> execute_ahead(run::Context& context, const std::vector<schedule::Unit>& units) {
    constexpr std::size_t statements_at_once = 64;
    std::size_t statements = 0;
    std::vector<schedule::Unit> train;
    for (const auto& unit : units) {
        if (!may_be_sent_ahead(context, unit) || context.item(unit.items.front()).database != context.home()) break;
        statements += std::get<compiler::StepItem>(context.item(unit.items.front()).body).statements.size();
        if (statements > statements_at_once && !train.empty()) break;
        train.push_back(unit);
    }
    if (train.size() > 1) return execute_train(context, train);
    return {execute(context, units.front())};
}

}  // namespace cairn::execute