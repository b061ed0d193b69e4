// Steps, alone or in a `transaction` group: one transaction with its journal entry in it.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/execute/checks.hpp"
#include "runtime/execute/attempt.hpp"
#include "runtime/execute/strong_locks/clear_way.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::ItemId;
using compiler::Statement;
using compiler::StepItem;
using journal::ItemState;
using journal::UndoRow;
using postgres::Answer;
using postgres::Command;
using postgres::Fate;
using postgres::Session;
using schedule::Outcome;
using schedule::Unit;

namespace {

int retries_of(run::Context& context, const Unit& unit) {
    int retries = 0;
    for (const ItemId id : unit.items) {
        if (const auto* step = std::get_if<StepItem>(&context.item(id).body)) retries = std::max(retries, step->retries);
    }
    return retries;
}

UnitResult committed(run::Context& context, const Unit& unit, std::vector<run::ItemOutcome>& outcomes) {
    UnitResult result;
    for (std::size_t i = 0; i < unit.items.size(); ++i) {
        if (outcomes[i].rows) context.database_journal().add_rows(unit.items[i], *outcomes[i].rows);
        result.states.push_back(outcomes[i].state);
        context.observer().item_ended(unit.items[i], outcomes[i]);
    }
    return result;
}

UnitResult failed(run::Context& context, const Unit& unit, const Trouble& trouble, run::ItemOutcome outcome) {
    outcome.state = ItemState::failed;
    outcome.error = trouble.error;
    if (trouble.kind == Trouble::Kind::cancelled) {  // by whoever interrupted us: no error of the statement's
        outcome.error = run::interrupted();
        outcome.error->where = trouble.error.where;
    }
    auto result = end_item(context, unit.items[trouble.item],
                           trouble.kind == Trouble::Kind::cancelled ? Outcome::interrupted : Outcome::failed, std::move(outcome));
    if (trouble.kind == Trouble::Kind::cancelled) result.error = run::interrupted();
    result.states.assign(unit.items.size(), ItemState::pending);
    result.states[trouble.item] = ItemState::failed;
    return result;
}

// After a lost connection, under a new token: has the unit's transaction taken effect?
std::variant<bool, Diagnostic> look_up(run::Context& context, const Unit& unit, int tries) {
    for (;;) {
        if (auto error = context.reconnect_patiently(context.home(), tries)) return *error;
        auto progress = context.database_journal().progress(unit.items.back());
        if (const auto* found = std::get_if<journal::DatabaseJournal::Progress>(&progress))
            return found->state == ItemState::done || found->state == ItemState::skipped;
        if (std::get<Diagnostic>(progress).code != 709) return std::get<Diagnostic>(progress);
    }
}

}  // namespace

namespace {

Trouble not_clear(NotClear found) {
    Trouble trouble{.kind = Trouble::Kind::refused, .item = 0, .error = std::move(found.error)};
    if (found.kind == NotClear::Kind::lost) trouble.kind = Trouble::Kind::lost;
    if (found.kind == NotClear::Kind::cancelled) trouble.kind = Trouble::Kind::cancelled;
    return trouble;
}

// How often a watched step is tried again because it has changed what was not foreseen: each time more is foreseen.
constexpr int most_lessons = 50;

// Between two tries that end at cairn's own patience: those who queued behind it go first.
constexpr std::chrono::milliseconds aside{200};

// Tries until it has worked, or trying again can't help. `former`: a first try that was made already.
UnitResult try_until_done(run::Context& context, const Unit& unit, std::optional<std::pair<Trouble, std::vector<run::ItemOutcome>>> former) {
    Lessons lessons;
    const int tries = retries_of(context, unit) + 1;
    int tried_again = 0;
    ClearWay way(context, unit.items, ClearWay::Direction::forward);
    for (int attempt = 1;; ++attempt) {
        std::optional<Trouble> trouble;
        std::vector<run::ItemOutcome> outcomes;
        if (former) {
            trouble = std::move(former->first);
            outcomes = std::move(former->second);
            former.reset();
        } else {
            auto session = context.session(context.home());
            if (auto* error = std::get_if<Diagnostic>(&session)) return fatal(*error, unit.items.size());
            Session& home = *std::get<Session*>(session);
            Attempt this_try(context, home, unit, lessons);
            if (auto found = way.wait(home)) {
                if (found->kind == NotClear::Kind::fatal) return fatal(found->error, unit.items.size());
                trouble = not_clear(std::move(*found));
            } else {
                this_try.be_patient_for(way.patience());
                trouble = this_try.run();
            }
            outcomes = std::move(this_try.outcomes());
        }
        if (!trouble) return committed(context, unit, outcomes);
        if (trouble->kind == Trouble::Kind::again && process::interrupt_requested()) trouble->kind = Trouble::Kind::cancelled;
        if (trouble->kind == Trouble::Kind::again) {
            if (++tried_again <= most_lessons) {
                --attempt;
                continue;
            }
            trouble->kind = Trouble::Kind::refused;
            trouble->error = run::problem(828, fmt::format("`{}` changes something else each time it is tried, so that what it changes can't be kept",
                                                           context.item(unit.items[trouble->item]).name),
                                          "rollback none \"reason\"", context.item(unit.items[trouble->item]).where);
        }
        if (trouble->error.code == 714) return fatal(trouble->error, unit.items.size());
        if (trouble->kind == Trouble::Kind::lost) {
            context.observer().message(trouble->error.message);
            auto done = look_up(context, unit, std::max(tries, 2));
            if (auto* error = std::get_if<Diagnostic>(&done)) return fatal(*error, unit.items.size());
            if (std::get<bool>(done)) return committed(context, unit, outcomes);
        }
        if (trouble->stepped_aside && trouble->kind == Trouble::Kind::refused && !process::interrupt_requested()) {
            if (way.stepped_aside()) {
                --attempt;
                if (run::pause(aside)) continue;
                trouble->kind = Trouble::Kind::cancelled;
            } else {
                trouble->error = way.out_of_time();
                trouble->may_pass = false;
            }
        }
        const bool again = trouble->kind == Trouble::Kind::lost || (trouble->kind == Trouble::Kind::refused && trouble->may_pass);
        if (process::interrupt_requested()) trouble->kind = Trouble::Kind::cancelled;
        if (!again || attempt >= tries || trouble->kind == Trouble::Kind::cancelled)
            return failed(context, unit, *trouble, outcomes[trouble->item]);
        const auto wait = context.backoff(attempt);
        context.observer().retrying(unit.items[trouble->item], attempt, wait, trouble->error);
        if (auto error = context.journal().event(context.item(unit.items[trouble->item]).name, "retry", trouble->error.message))
            return fatal(*error, unit.items.size());
        if (!run::pause(wait)) {
            trouble->kind = Trouble::Kind::cancelled;
            return failed(context, unit, *trouble, {});
        }
    }
}

}  // namespace

UnitResult execute_transaction(run::Context& context, const Unit& unit) { return try_until_done(context, unit, std::nullopt); }

// Steps that need no answer of one another are sent in one go; each is its own transaction with its own fence. When
// one fails, the server refuses those behind it (its transaction block stays failed until ROLLBACK), so what is sent
// ahead never runs past a failure.
std::vector<UnitResult> execute_train(run::Context& context, const std::vector<Unit>& units) {
    auto opened = context.session(context.home());
    if (auto* error = std::get_if<Diagnostic>(&opened)) return {fatal(*error)};
    Session& session = *std::get<Session*>(opened);
    Lessons nothing;  // steps that are watched are not sent ahead
    std::vector<Attempt> attempts;
    attempts.reserve(units.size());
    std::vector<std::vector<Command>> groups;
    run::Context::InForce in_force = context.in_force();
    for (const auto& unit : units) {
        attempts.emplace_back(context, session, unit, nothing);
        const bool first = groups.empty();
        groups.push_back(attempts.back().build_ahead(in_force, first ? std::nullopt : std::optional(units[groups.size() - 1].items.front()),
                                                     groups.size() + 1 < units.size()));
        in_force = attempts.back().in_force_after();
    }
    std::vector<UnitResult> results;
    std::size_t done = 0;  // answered; told once the server has flushed them: see build_ahead()
    auto tell = [&] {
        while (results.size() < done) results.push_back(committed(context, units[results.size()], attempts[results.size()].outcomes()));
    };
    std::optional<Trouble> trouble;
    auto start = [&](std::size_t i) {
        context.observer().item_started(units[i].items.front());
        context.working_on(units[i].items.front());
        attempts[i].starts_now();
    };
    start(0);
    process::fault_point("train: before sending");
    const auto answers = session.pipelines(groups, [&](std::size_t i, const std::vector<Answer>& group) {
        if (trouble) return;  // refused behind a failure
        trouble = attempts[i].judge(group);
        if (trouble) return;
        done = i + 1;
        if (done < units.size()) start(done);
        if (process::interrupt_requested()) session.heed_interrupts(true);  // the cancel request came between two steps
    });
    if (process::interrupt_requested()) session.heed_interrupts(false);
    process::fault_point("train: after sending");
    if (done == units.size()) {
        tell();
        context.in_force() = in_force;
        context.working_on(std::nullopt);
        return results;
    }
    const std::size_t at = done;
    context.in_force().known = false;
    if (!trouble) trouble = attempts[at].judge(answers[at]);  // lost before its answers were complete
    if (session.alive() && !session.script("ROLLBACK").ok()) trouble->kind = Trouble::Kind::lost;
    if (trouble->kind != Trouble::Kind::lost && at > 0) {
        if (auto error = context.database_journal().flush()) trouble->kind = Trouble::Kind::lost;
    }
    if (trouble->kind != Trouble::Kind::lost) {
        tell();
        results.push_back(try_until_done(context, units[at], std::pair(*trouble, std::move(attempts[at].outcomes()))));
        context.working_on(std::nullopt);
        return results;
    }
    // The server may have gone on with what was sent: under a new token each step is looked up, none is repeated blindly.
    context.observer().message(trouble->error.message);
    // What was answered and not yet flushed may be gone with the server, too.
    for (std::size_t i = 0; i < units.size(); ++i) {
        auto found = look_up(context, units[i], retries_of(context, units[i]) + 1);
        if (auto* error = std::get_if<Diagnostic>(&found)) {
            results.push_back(fatal(*error));
            break;
        }
        if (i > at) start(i);
        if (!std::get<bool>(found)) {
            results.push_back(try_until_done(context, units[i], std::nullopt));
            break;
        }
        results.push_back(committed(context, units[i], attempts[i].outcomes()));
    }
    context.working_on(std::nullopt);
    return results;
}

}  // namespace cairn::execute
