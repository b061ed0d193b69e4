#include "runtime/undo/undo.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/execute/execute.hpp"
#include "runtime/execute/strong_locks/clear_way.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/undo/attempt.hpp"
#include "runtime/undo/batch.hpp"
#include "runtime/undo/unseen.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using compiler::Item;
using compiler::ItemId;
using compiler::StepItem;
using compiler::Undo;
using journal::ItemState;
using postgres::Session;

namespace {

using Kind = UndoResult::Kind;

// Between two tries that end at cairn's own patience: those who queued behind it go first.
constexpr std::chrono::milliseconds aside{200};

UndoResult undo_step(run::Context& context, ItemId id) {
    const auto* step = std::get_if<StepItem>(&context.item(id).body);
    const int tries = (step != nullptr ? step->retries : 0) + 1;
    execute::ClearWay way(context, {id}, execute::ClearWay::Direction::back);
    for (int attempt = 1;; ++attempt) {
        auto opened = context.session(context.home());
        if (auto* error = std::get_if<Diagnostic>(&opened)) return {.kind = Kind::fatal, .error = *error};
        Session& home = *std::get<Session*>(opened);
        bool lost = false;
        if (auto found = way.wait(home)) {
            using Found = execute::NotClear::Kind;
            if (found->kind == Found::cancelled) return {.kind = Kind::interrupted, .error = std::move(found->error)};
            if (found->kind != Found::lost) return {.kind = found->kind == Found::fatal ? Kind::fatal : Kind::failed, .error = std::move(found->error)};
            lost = true;
        }
        UndoAttempt this_try(context, home, id, way.patience());
        UndoResult result;
        if (!lost) result = this_try.run();
        lost = lost || this_try.lost();
        if (this_try.stepped_aside() && !process::interrupt_requested()) {
            if (!way.stepped_aside()) return {.kind = Kind::failed, .error = way.out_of_time()};
            if (!run::pause(aside)) return {.kind = Kind::interrupted, .error = run::interrupted()};
            --attempt;
            continue;
        }
        if (lost) {
            if (auto error = context.reconnect_patiently(context.home(), std::max(tries, 2))) return {.kind = Kind::fatal, .error = error};
            auto now = context.database_journal().progress(id);
            if (auto* error = std::get_if<Diagnostic>(&now)) return {.kind = Kind::fatal, .error = *error};
            if (std::get<journal::DatabaseJournal::Progress>(now).state == ItemState::rolled_back) return {};
        }
        if (attempt >= tries || !(this_try.may_pass() || lost)) return result;
        if (!run::pause(context.backoff(attempt))) return {.kind = Kind::interrupted, .error = run::interrupted()};
    }
}

UndoResult undo_command(run::Context& context, ItemId id) {
    const auto& item = context.item(id);
    if (context.settings().rehearsal) return {};
    std::string tail;
    const auto outcome = execute::run_program(context, item.undo.command, std::get<compiler::RunItem>(item.body).timeout, {}, tail);
    if (outcome.ok()) return {};
    return {.kind = Kind::failed, .error = run::problem(822, fmt::format("undoing `{}` failed: {}{}{}", item.name, execute::how_it_ended(outcome, item.undo.command),
                                                                        tail.empty() ? "" : ": ", tail), {}, item.undo.where)};
}

// Items that leave nothing in a database to take back: their record goes back to before.
UndoResult mark_rolled_back(run::Context& context, ItemId id) {
    auto error = context.journal().record({{.item = id, .name = context.item(id).name, .state = ItemState::rolled_back, .event = "undone", .detail = {}, .error = {}, .rows = {}}});
    if (error) return {.kind = Kind::fatal, .error = error};
    return {};
}

bool stays(const Item& item) { return item.undo.kind == Undo::Kind::none; }

}  // namespace

UndoResult undo_item(run::Context& context, ItemId id, ItemState now) {
    const Item& item = context.item(id);
    if (now == ItemState::rolled_back || now == ItemState::pending) return {};
    const bool step = std::holds_alternative<StepItem>(item.body);
    const bool batch = step && std::get<StepItem>(item.body).batch.has_value();
    bool untouched = now == ItemState::skipped || (now == ItemState::failed && step && std::get<StepItem>(item.body).transactional);
    if (batch && now != ItemState::skipped) {  // ranges have committed, whatever became of the whole
        auto begun = batch_has_begun(context, id);
        if (auto* error = std::get_if<Diagnostic>(&begun)) return {.kind = Kind::fatal, .error = *error};
        untouched = !std::get<bool>(begun);
    }
    // A command that was started may have done its work, however it ended: it is undone too, or stays.
    const bool command = std::holds_alternative<compiler::RunItem>(item.body);
    if (stays(item) && !untouched && (command || batch || now != ItemState::failed)) return {.kind = Kind::left, .error = {}};
    const auto began = std::chrono::steady_clock::now();
    context.observer().undo_started(id);
    context.working_on(id);
    UndoResult result;
    const bool by_trail = item.undo.kind == Undo::Kind::generated || item.undo.kind == Undo::Kind::difference || item.undo.kind == Undo::Kind::written ||
                          may_have_been_watched(item);
    if (batch && item.undo.kind == Undo::Kind::difference && !untouched) {
        result = undo_batch(context, id);
    } else if (step && by_trail && !untouched) {
        result = undo_step(context, id);
    } else {
        if (item.undo.kind == Undo::Kind::command && !untouched) result = undo_command(context, id);
        if (result.kind == Kind::undone) result = mark_rolled_back(context, id);
    }
    context.working_on(std::nullopt);
    run::ItemOutcome outcome;
    outcome.state = result.kind == Kind::undone ? ItemState::rolled_back : ItemState::failed;
    outcome.error = result.error;
    outcome.in_part = result.in_part;
    if (result.in_part) outcome.note = journal::but_for_others;
    outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    context.observer().undo_ended(id, outcome);
    return result;
}

}  // namespace cairn::undo
