#include <fmt/format.h>

#include <utility>

#include "runtime/execute/batch/step.hpp"
#include "runtime/execute/checks.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/undo/claims.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::ItemId;
using compiler::Statement;
using compiler::StepItem;
using journal::ItemState;
using postgres::Answer;
using postgres::Fate;
using schedule::Outcome;

BatchStep::BatchStep(run::Context& context, ItemId id)
    : context_(context), id_(id), item_(context.item(id)), step_(std::get<StepItem>(item_.body)), batch_(*step_.batch),
      pace_(batch_.by, context.settings().range), way_(context, {id}, ClearWay::Direction::forward) {}

UnitResult BatchStep::run() {
    for (int attempt = 1;;) {
        process::fault_point("batch: before a range");
        const auto began = Clock::now();
        Ended ended = ready_ ? range() : begin();
        if (skipped_) return std::move(*skipped_);
        if (ended.kind == Ended::Kind::done) {
            if (finished_) return end_done();
            if (std::exchange(ready_, true)) {
                attempt = 1;
                pace_.took(elapsed(began));
                tell();
                if (auto trouble = between()) return end(*trouble);
            }
            continue;
        }
        if (ended.kind == Ended::Kind::again) continue;
        if (process::interrupt_requested()) ended = {.kind = Ended::Kind::cancelled, .error = run::interrupted()};
        const bool again = ended.kind == Ended::Kind::lost || (ended.kind == Ended::Kind::refused && ended.may_pass);
        if (!again || attempt > step_.retries) return end(ended);
        if (auto trouble = before_again(ended, attempt++)) return end(*trouble);
    }
}

UnitResult BatchStep::end_done() {
    run::ItemOutcome ended;
    ended.took = elapsed(began_);
    if (cursor_) ended.rows = cursor_->rows;
    ended.probes = std::move(probes_);
    ended.probes_ended = probes_ended_;
    context_.observer().item_ended(id_, ended);
    UnitResult result;
    result.states = {ItemState::done};
    return result;
}

UnitResult BatchStep::end(const Ended& ended) {
    if (ended.kind == Ended::Kind::fatal) return fatal(ended.error);
    run::ItemOutcome outcome;
    outcome.state = ItemState::failed;
    outcome.took = elapsed(began_);
    outcome.error = ended.error;
    if (cursor_) outcome.rows = cursor_->rows;
    return end_item(context_, id_, ended.kind == Ended::Kind::cancelled ? Outcome::interrupted : Outcome::failed, std::move(outcome));
}

auto BatchStep::after_rollback(Ended ended) -> Ended {
    if (session_->alive() && !session_->script("ROLLBACK").ok()) ended.kind = Ended::Kind::lost;
    return ended;
}

auto BatchStep::refused(Diagnostic error) -> Ended {
    if (!error.where) error.where = item_.where;
    const bool passes = may_pass(error);
    return {.kind = session_->alive() ? Ended::Kind::refused : Ended::Kind::lost, .error = std::move(error), .may_pass = passes};
}

auto BatchStep::from_answer(const Answer& answer, const std::string& doing, const Statement* statement) -> Ended {
    if (answer.fate == Fate::lost) return {.kind = Ended::Kind::lost, .error = journal::journal_error(answer, doing)};
    if (answer.fate == Fate::cancelled) return {.kind = Ended::Kind::cancelled, .error = run::interrupted()};
    if (answer.error.sqlstate == "CA001") return {.kind = Ended::Kind::fatal, .error = journal::journal_error(answer, doing)};
    Ended ended{.kind = Ended::Kind::refused, .error = {}, .may_pass = may_pass(answer.error)};
    ended.error = statement != nullptr ? server_diagnostic(answer.error, *statement, 708)
                                       : run::problem(708, fmt::format("{}: {} ({})", doing, answer.error.message, answer.error.sqlstate),
                                                      answer.error.detail, item_.where);
    return ended;
}

auto BatchStep::from_journal(Diagnostic error) -> Ended {
    const auto kind = error.code == 709 ? Ended::Kind::lost : Ended::Kind::fatal;
    return {.kind = kind, .error = std::move(error)};
}

UnitResult execute_batch(run::Context& context, ItemId id) {
    auto result = BatchStep(context, id).run();
    undo::give_up_claims(context, id);
    return result;
}

}  // namespace cairn::execute
