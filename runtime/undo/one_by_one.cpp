// Undoing what can't stand in a transaction: a statement at a time, each of which a killed rollback may have run already.
#include "runtime/execute/execute.hpp"
#include "runtime/execute/reconcile.hpp"
#include "runtime/journal/silence.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/undo/attempt.hpp"
#include "runtime/undo/guard.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using compiler::Statement;
using journal::UndoRow;
using postgres::Answer;
using Kind = UndoResult::Kind;

UndoResult UndoAttempt::generated_one_by_one(const std::vector<UndoRow>& rows) {
    if (const Answer a = session_.script("RESET SESSION AUTHORIZATION; RESET ALL"); !a.ok()) return refused(a, nullptr, "RESET ALL");
    context_.in_force().known = false;
    if (auto trouble = same_settings(true)) return *trouble;
    if (auto trouble = clear_up_half_built()) return *trouble;
    const auto looked = changed_since(session_, journal_, rows);
    if (auto* error = std::get_if<Diagnostic>(&looked)) return from_journal(*error);
    for (const auto& row : rows) {
        const GuardResult guard = look_before_undo(session_, journal_, row, std::get<0>(looked));
        if (guard.failure) return refused(*guard.failure, nullptr, row.statement);
        // A killed rollback may have dropped it already: that is what was wanted.
        bool there = false;
        if (guard.conflict && !guard.gone && !row.identity) {
            auto built = built_again(row);
            if (auto* failed = std::get_if<Answer>(&built)) return refused(*failed, nullptr, row.statement);
            there = std::get<bool>(built);
        }
        if (guard.conflict && !guard.gone && !there) return {.kind = Kind::conflict, .error = located(*guard.conflict)};
        if (!guard.gone && !there) {
            process::fault_point("undo: before statement");
            const Answer a = journal::query_in_silence_alone(session_, row.statement);
            process::fault_point("undo: after statement");
            if (!a.ok()) return refused(a, nullptr, row.statement);
        }
    }
    if (auto trouble = open()) return *trouble;
    return commit();
}

// Whether the index that this entry builds again is there already, from a rollback that was killed; one that it left
// half built goes first.
std::variant<bool, Answer> UndoAttempt::built_again(const UndoRow& row) {
    auto invalid = execute::is_invalid_index(session_, row.object);
    if (auto* failed = std::get_if<Answer>(&invalid)) return *failed;
    if (std::get<bool>(invalid)) {
        const Answer dropped = journal::query_in_silence_alone(session_, "DROP INDEX CONCURRENTLY " + row.object.name);
        if (!dropped.ok()) return dropped;
        const Answer built = journal::query_in_silence_alone(session_, row.statement);
        if (!built.ok()) return built;
        return true;
    }
    const Answer same = session_.query(
        "SELECT regexp_replace(pg_catalog.pg_get_indexdef(to_regclass($1)), '^CREATE (UNIQUE )?INDEX ', 'CREATE \\1INDEX CONCURRENTLY ') = $2",
        {row.object.name, row.statement});
    if (!same.ok()) return same;
    return same.rows[0][0] == "t";
}

// A statement whose end was not recorded: what it has left goes, or counts as done and is undone too.
std::optional<UndoResult> UndoAttempt::clear_up_half_built() {
    auto progress = journal_.progress(id_);
    if (auto* error = std::get_if<Diagnostic>(&progress)) return from_journal(*error);
    const auto& found = std::get<journal::DatabaseJournal::Progress>(progress);
    if (!found.intent || step_ == nullptr) return std::nullopt;
    const auto& statement = step_->statements[static_cast<std::size_t>(found.intent->statement)];
    auto verdict = execute::reconcile(session_, statement, *found.intent);
    if (auto* failed = std::get_if<Answer>(&verdict)) return refused(*failed, &statement, statement.sql.text);
    // An interrupted DROP INDEX CONCURRENTLY has left the index as it was, INVALID, or not at all.
    for (const std::string& sql : found.intent->rebuilding) {
        if (auto trouble = rebuild(sql, statement, *found.intent)) return *trouble;
    }
    if (std::get<execute::Verdict>(verdict) == execute::Verdict::again) return std::nullopt;
    for (const auto& inverse : statement.facts.inverse) {
        if (found.intent->existed) break;
        const Answer a = journal::query_in_silence_alone(session_, inverse.sql);
        if (!a.ok()) return refused(a, nullptr, inverse.sql);
    }
    return std::nullopt;
}

std::optional<UndoResult> UndoAttempt::rebuild(const std::string& sql, const Statement& statement, const journal::Intent& intent) {
    const bool index = statement.facts.non_transactional == sql::NonTransactional::drop_index_concurrently;
    if (!index || !sql.starts_with("CREATE ")) {
        const Answer a = journal::query_in_silence_alone(session_, sql);
        return a.ok() ? std::nullopt : std::optional(refused(a, nullptr, sql));
    }
    UndoRow row;
    row.object = *statement.facts.subject;
    row.statement = sql;
    auto before = execute::identity_of(session_, row.object);
    if (auto* failed = std::get_if<Answer>(&before)) return refused(*failed, nullptr, sql);
    if (std::get<std::optional<std::string>>(before)) {
        auto built = built_again(row);
        if (auto* failed = std::get_if<Answer>(&built)) return refused(*failed, nullptr, sql);
    } else if (const Answer a = journal::query_in_silence_alone(session_, sql); !a.ok()) {
        return refused(a, nullptr, sql);
    }
    auto after = execute::identity_of(session_, row.object);
    if (auto* failed = std::get_if<Answer>(&after)) return refused(*failed, nullptr, sql);
    const auto& now = std::get<std::optional<std::string>>(after);
    if (!intent.existed || !now || *now == *intent.existed) return std::nullopt;
    const Answer a = session_.query(journal_.index_remade(id_, *intent.existed, row.object.name));
    return a.ok() ? std::nullopt : std::optional(refused(a, nullptr, sql));
}

UndoResult UndoAttempt::written_one_by_one() {
    for (const auto& s : item_.undo.written) {
        if (s.facts.subject) {  // done by a rollback that was killed?
            auto there = execute::identity_of(session_, *s.facts.subject);
            if (auto* failed = std::get_if<Answer>(&there)) return refused(*failed, &s, s.sql.text);
            const bool drops = s.facts.non_transactional == sql::NonTransactional::drop_index_concurrently;
            if (drops && !std::get<std::optional<std::string>>(there)) continue;
        }
        process::fault_point("undo: before statement");
        const Answer a = session_.query(s.sql.text);
        process::fault_point("undo: after statement");
        if (!a.ok()) return refused(a, &s, s.sql.text);
    }
    if (auto trouble = open()) return *trouble;
    return commit();
}

}  // namespace cairn::undo
