#include "runtime/undo/attempt.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/execute/checks.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/undo/settings.hpp"
#include "runtime/undo/what_to_do.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using compiler::Statement;
using compiler::StepItem;
using compiler::Undo;
using journal::UndoRow;
using postgres::Answer;
using postgres::Fate;
using Kind = UndoResult::Kind;

namespace {

bool is_transactional(const std::vector<Statement>& statements) {
    return std::none_of(statements.begin(), statements.end(),
                        [](const Statement& s) { return s.facts.non_transactional != sql::NonTransactional::no; });
}

}  // namespace

UndoResult UndoAttempt::run() {
    if (item_.undo.kind == Undo::Kind::written)
        return is_transactional(item_.undo.written) ? written_at_once() : written_one_by_one();
    auto trail = journal_.undo_rows(id_);
    if (auto* error = std::get_if<Diagnostic>(&trail)) return from_journal(*error);
    const auto& rows = std::get<std::vector<UndoRow>>(trail);
    return step_ != nullptr && !step_->transactional ? generated_one_by_one(rows) : generated_at_once(rows);
}

UndoResult UndoAttempt::from_journal(Diagnostic error) {
    lost_ = error.code == 709;
    return {.kind = Kind::fatal, .error = std::move(error)};
}

UndoResult UndoAttempt::refused(const Answer& answer, const Statement* statement, const std::string& sql) {
    if (answer.fate == Fate::lost || answer.error.sqlstate == "CA001") {
        lost_ = answer.fate == Fate::lost;
        return {.kind = Kind::fatal, .error = journal::journal_error(answer, fmt::format("undoing `{}`", item_.name))};
    }
    if (answer.fate == Fate::cancelled) return {.kind = Kind::interrupted, .error = run::interrupted()};
    may_pass_ = execute::may_pass(answer.error);
    lock_timeout_ = answer.error.sqlstate == "55P03";
    Diagnostic error = statement ? execute::server_diagnostic(answer.error, *statement, 822)
                                 : run::problem(822, fmt::format("undoing `{}` failed at `{}`: {} ({})", item_.name, sql,
                                                                 answer.error.message, answer.error.sqlstate), {}, item_.where);
    if (!statement && !answer.error.detail.empty()) error.message += ": " + answer.error.detail;
    if (error.help.empty()) error.help = what_to_do(answer.error, context_.run());
    return {.kind = Kind::failed, .error = std::move(error)};
}

// Rolls back what is open and gives `result` on.
UndoResult UndoAttempt::after_rollback(UndoResult result) {
    if (session_.alive()) (void)session_.script("ROLLBACK");
    return result;
}

std::optional<UndoResult> UndoAttempt::open() {
    context_.in_force().known = false;
    journal::StepLimits limits;
    if (step_ != nullptr) limits = {.lock_timeout = step_->lock_timeout, .statement_timeout = step_->statement_timeout};
    if (patience_) limits.lock_timeout = patience_;
    // The transaction's own counters show what earlier ones left uncounted, unless that is counted first.
    const auto answers = session_.pipelines({{{"SELECT pg_catalog.pg_stat_force_next_flush()", {}, true}},
                                             {{"BEGIN", {}, false}, {"RESET SESSION AUTHORIZATION", {}, false}, {"RESET ALL", {}, false},
                                              journal_.fence(limits, journal::DatabaseJournal::Lasting::transaction)}});
    for (const auto& a : answers.back()) {
        if (!a.ok()) return after_rollback(refused(a, nullptr, "BEGIN"));
    }
    return std::nullopt;
}

UndoResult UndoAttempt::commit() {
    process::fault_point("undo: before commit");
    std::vector<postgres::Command> commands{{"RESET SESSION AUTHORIZATION", {}, false}, journal_.item_undone(id_, item_.name, in_part_)};
    for (auto& command : session_.commit()) commands.push_back(std::move(command));
    const auto answers = session_.pipeline(commands);
    process::fault_point("undo: after commit");
    for (const auto& a : answers) {
        if (!a.ok()) return after_rollback(refused(a, nullptr, "COMMIT"));
    }
    return {.kind = Kind::undone, .error = {}, .in_part = in_part_};
}

// Out loud: to whoever looks on, and in the journal.
std::optional<UndoResult> UndoAttempt::say(const std::string& what) {
    context_.observer().message(what);
    const Answer a = session_.query(journal_.say(item_.name, "conflict", what));
    if (!a.ok()) return refused(a, nullptr, "recording a conflict");
    return std::nullopt;
}

UndoResult UndoAttempt::with_error(Diagnostic error) {
    lost_ = !session_.alive();
    may_pass_ = execute::may_pass(error);
    lock_timeout_ = error.message.ends_with("(55P03)");
    return {.kind = lost_ ? Kind::fatal : Kind::failed, .error = located(std::move(error))};
}

// Unqualified names mean what they meant in the step. Its SET ROLE is left out: the runner owns the undo.
std::optional<UndoResult> UndoAttempt::same_settings(bool lasting) {
    static const std::vector<Statement> none;
    for (const auto& s : step_ == nullptr ? none : step_->statements) {
        if (!s.facts.is_setting || s.facts.set_transaction || s.facts.acts != sql::Acts::as_before) continue;
        const Answer a = session_.query(s.sql.text);
        if (!a.ok()) return refused(a, &s, s.sql.text);
    }
    const std::string pins = undo_settings(lasting);
    if (const Answer a = session_.script(pins); !a.ok()) return refused(a, nullptr, pins);
    return std::nullopt;
}

UndoResult UndoAttempt::written_at_once() {
    if (auto trouble = open()) return *trouble;
    for (const auto& s : item_.undo.written) {
        const Answer a = session_.query(s.sql.text);
        if (!a.ok()) return after_rollback(refused(a, &s, s.sql.text));
    }
    return commit();
}

Diagnostic UndoAttempt::located(Diagnostic d) {
    d.where = item_.where;
    return with_help(std::move(d), context_.run());
}

}  // namespace cairn::undo
