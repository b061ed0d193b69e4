// Undoing what stands in one transaction.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/journal/silence.hpp"
#include "runtime/undo/attempt.hpp"
#include "runtime/undo/give_back.hpp"
#include "runtime/undo/guard.hpp"
#include "runtime/undo/older_parts.hpp"
#include "runtime/undo/rows_of_code.hpp"
#include "runtime/undo/trail.hpp"
#include "runtime/undo/unseen.hpp"
#include "runtime/undo/what_to_do.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using journal::UndoRow;
using postgres::Answer;
using Kind = UndoResult::Kind;

namespace {

std::vector<KeptRows> kept_by_others(const std::vector<UndoRow>& rows, const UndoRow& but) {
    std::vector<KeptRows> all;
    for (const auto& row : rows) {
        if (&row == &but || !row.difference) continue;
        if (const auto entry = entry_from_json(*row.difference)) all.insert(all.end(), entry->kept.rows.begin(), entry->kept.rows.end());
    }
    return all;
}

}  // namespace

// What functions have written to tables of which nothing was kept is seen when it is done, and kept in the next try.
UndoResult UndoAttempt::generated_at_once(const std::vector<UndoRow>& rows) {
    constexpr int most_tries = 5;
    std::set<std::uint32_t> written;
    for (int tried = 1;; ++tried) {
        if (auto trouble = open()) return *trouble;
        in_part_ = false;
        RowsOfCode of_code;
        if (auto error = of_code.begin(session_, journal_, written)) {
            if (!may_not_watch(*error) || context_.settings().on_conflict == OnConflict::stop) return after_rollback(with_error(std::move(*error)));
            in_part_ = true;
            if (auto trouble = say(left_there(*error))) return after_rollback(*trouble);
        }
        std::set<std::uint32_t> expected = written;
        if (auto trouble = undo_each(rows, expected)) return after_rollback(*trouble);
        if (std::none_of(rows.begin(), rows.end(), [](const UndoRow& row) { return row.difference.has_value(); })) {
            if (auto trouble = tell_of_event_triggers()) return after_rollback(*trouble);
            return commit();
        }
        auto more = written_besides(session_, expected);
        if (auto* error = std::get_if<Diagnostic>(&more)) return after_rollback(with_error(std::move(*error)));
        if (std::get<0>(more).empty()) {
            auto ended = of_code.end(session_, journal_);
            if (auto* error = std::get_if<Diagnostic>(&ended)) return after_rollback(with_error(std::move(*error)));
            if (const Answer a = session_.query(journal_.own_too(id_, std::get<0>(ended))); !a.ok())
                return after_rollback(refused(a, nullptr, "recording the undo's transactions"));
            return commit();
        }
        if (tried == most_tries)
            return after_rollback({.kind = Kind::failed, .error = located(run::problem(822, fmt::format("undoing `{}` runs functions that write to another table each time",
                                                                                                        item_.name)))});
        written.merge(std::get<0>(more));
        if (session_.alive()) (void)session_.script("ROLLBACK");
    }
}

std::optional<UndoResult> UndoAttempt::undo_each(const std::vector<UndoRow>& rows, std::set<std::uint32_t>& tables) {
    if (auto trouble = same_settings(false)) return trouble;
    const auto looked = changed_since(session_, journal_, rows);
    if (auto* error = std::get_if<Diagnostic>(&looked)) return from_journal(*error);
    for (const auto& row : rows) {
        if (row.difference) {
            if (auto trouble = give_stretch_back(*row.difference, kept_by_others(rows, row), tables)) return trouble;
            continue;
        }
        const GuardResult guard = look_before_undo(session_, journal_, row, std::get<0>(looked));
        if (guard.failure) return refused(*guard.failure, nullptr, row.statement);
        if (guard.conflict) {
            const auto how = context_.settings().on_conflict;
            if (how == OnConflict::stop) return UndoResult{.kind = Kind::conflict, .error = located(*guard.conflict)};
            const bool left = how == OnConflict::skip || guard.gone;
            if (auto trouble = say(gone_on(*guard.conflict, left))) return trouble;
            in_part_ = in_part_ || (left && !guard.gone);
            if (left) continue;
        }
        if (auto trouble = take_back(row)) return trouble;
    }
    return std::nullopt;
}

std::optional<UndoResult> UndoAttempt::take_back(const UndoRow& row) {
    std::vector<OlderPart> parts;
    if (row.statement.starts_with("DROP INDEX ")) {
        auto found = older_parts(session_, row.object.name);
        if (auto* failed = std::get_if<Answer>(&found)) return refused(*failed, nullptr, "looking at an index");
        parts = std::get<std::vector<OlderPart>>(std::move(found));
    }
    if (const Answer a = journal::query_in_silence(session_, row.statement); !a.ok()) return refused(a, nullptr, row.statement);
    for (const auto& part : parts) {
        if (const Answer a = session_.script(journal::in_silence(part.sql)); !a.ok()) return refused(a, nullptr, part.sql);
        const Answer now = session_.query("SELECT pg_catalog.to_regclass($1)::oid", {part.name});
        if (!now.ok()) return refused(now, nullptr, part.sql);
        if (const Answer a = session_.query(journal_.remade("pg_class " + part.oid, "pg_class " + now.rows[0][0].value_or("0"))); !a.ok())
            return refused(a, nullptr, "writing down what was made again");
    }
    return std::nullopt;
}

// Dropping and renaming runs no code but theirs. What they write of it where they can't be silenced is an account of what has happened.
std::optional<UndoResult> UndoAttempt::tell_of_event_triggers() {
    if (!context_.has_event_triggers()) return std::nullopt;
    const auto written = written_besides(session_, {});
    if (const auto* error = std::get_if<Diagnostic>(&written)) return with_error(*error);
    if (std::get<0>(written).empty()) return std::nullopt;
    const Answer names = session_.query("SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.relname), ', ' ORDER BY n.nspname, c.relname) FROM pg_catalog.pg_class c "
                                        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[])",
                                        {fmt::format("{{{}}}", fmt::join(std::get<0>(written), ","))});
    if (!names.ok()) return refused(names, nullptr, "looking at what event triggers have written");
    return say(fmt::format("event triggers have written about this rollback, and that stays: {}", names.rows[0][0].value_or("")));
}

std::optional<UndoResult> UndoAttempt::give_stretch_back(const std::string& detail, const std::vector<KeptRows>& elsewhere, std::set<std::uint32_t>& tables) {
    const auto entry = entry_from_json(detail);
    if (!entry) {
        return UndoResult{.kind = Kind::failed,
                          .error = run::problem(829, fmt::format("the undo trail of `{}` can't be read: it was written by another cairn, or changed",
                                                                 item_.name), {}, item_.where)};
    }
    GivenBack given = give_back(session_, journal_, *entry, context_.settings().on_conflict, elsewhere);
    if (given.refused) return refused(*given.refused, nullptr, given.sql);
    if (given.conflict) return UndoResult{.kind = Kind::conflict, .error = located(*given.conflict)};
    if (given.error) return with_error(std::move(*given.error));
    in_part_ = in_part_ || given.in_part;
    tables.merge(given.tables);
    if (const Answer a = session_.query(journal_.own_too(id_, given.xids)); !a.ok()) return refused(a, nullptr, "recording the undo's transactions");
    for (const auto& said : given.said) {
        if (auto trouble = say(said)) return trouble;
    }
    return std::nullopt;
}

}  // namespace cairn::undo
