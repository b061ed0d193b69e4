#include "runtime/undo/undo.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/execute/checks.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/execute/reconcile.hpp"
#include "runtime/execute/strong_locks/clear_way.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/journal/silence.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/undo/batch.hpp"
#include "runtime/undo/give_back.hpp"
#include "runtime/undo/guard.hpp"
#include "runtime/undo/older_parts.hpp"
#include "runtime/undo/rows_of_code.hpp"
#include "runtime/undo/settings.hpp"
#include "runtime/undo/what_to_do.hpp"
#include "runtime/undo/unseen.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using compiler::Item;
using compiler::ItemId;
using compiler::Statement;
using compiler::StepItem;
using compiler::Undo;
using journal::ItemState;
using journal::UndoRow;
using postgres::Answer;
using postgres::Fate;
using postgres::Session;

namespace {

using Kind = UndoResult::Kind;

bool is_transactional(const std::vector<Statement>& statements) {
    return std::none_of(statements.begin(), statements.end(),
                        [](const Statement& s) { return s.facts.non_transactional != sql::NonTransactional::no; });
}

// One try at undoing one item.
class Attempt {
public:
    // `patience`: how long it may wait for a lock, where that is shorter than the step's own lock timeout.
    Attempt(run::Context& context, Session& session, ItemId id, std::optional<std::chrono::milliseconds> patience)
        : patience_(patience), context_(context), session_(session), journal_(context.database_journal()), id_(id), item_(context.item(id)),
          step_(std::get_if<StepItem>(&item_.body)) {}

    UndoResult run() {
        if (item_.undo.kind == Undo::Kind::written)
            return is_transactional(item_.undo.written) ? written_at_once() : written_one_by_one();
        auto trail = journal_.undo_rows(id_);
        if (auto* error = std::get_if<Diagnostic>(&trail)) return from_journal(*error);
        const auto& rows = std::get<std::vector<UndoRow>>(trail);
        return step_ != nullptr && !step_->transactional ? generated_one_by_one(rows) : generated_at_once(rows);
    }
    [[nodiscard]] bool may_pass() const { return may_pass_; }
    [[nodiscard]] bool lost() const { return lost_; }
    [[nodiscard]] bool stepped_aside() const { return patience_ && lock_timeout_; }

private:
    UndoResult from_journal(Diagnostic error) {
        lost_ = error.code == 709;
        return {.kind = Kind::fatal, .error = std::move(error)};
    }

    UndoResult refused(const Answer& answer, const Statement* statement, const std::string& sql) {
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
    UndoResult after_rollback(UndoResult result) {
        if (session_.alive()) (void)session_.script("ROLLBACK");
        return result;
    }

    std::optional<UndoResult> open() {
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

    UndoResult commit() {
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

    // What functions have written to tables of which nothing was kept is seen when it is done, and kept in the next try.
    UndoResult generated_at_once(const std::vector<UndoRow>& rows) {
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

    std::optional<UndoResult> undo_each(const std::vector<UndoRow>& rows, std::set<std::uint32_t>& tables) {
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

    static std::vector<KeptRows> kept_by_others(const std::vector<UndoRow>& rows, const UndoRow& but) {
        std::vector<KeptRows> all;
        for (const auto& row : rows) {
            if (&row == &but || !row.difference) continue;
            if (const auto entry = entry_from_json(*row.difference)) all.insert(all.end(), entry->kept.rows.begin(), entry->kept.rows.end());
        }
        return all;
    }

    std::optional<UndoResult> take_back(const UndoRow& row) {
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
    std::optional<UndoResult> tell_of_event_triggers() {
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

    // Out loud: to whoever looks on, and in the journal.
    std::optional<UndoResult> say(const std::string& what) {
        context_.observer().message(what);
        const Answer a = session_.query(journal_.say(item_.name, "conflict", what));
        if (!a.ok()) return refused(a, nullptr, "recording a conflict");
        return std::nullopt;
    }

    UndoResult with_error(Diagnostic error) {
        lost_ = !session_.alive();
        may_pass_ = execute::may_pass(error);
        lock_timeout_ = error.message.ends_with("(55P03)");
        return {.kind = lost_ ? Kind::fatal : Kind::failed, .error = located(std::move(error))};
    }

    std::optional<UndoResult> give_stretch_back(const std::string& detail, const std::vector<KeptRows>& elsewhere, std::set<std::uint32_t>& tables) {
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

    // Unqualified names mean what they meant in the step. Its SET ROLE is left out: the runner owns the undo.
    std::optional<UndoResult> same_settings(bool lasting) {
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

    UndoResult generated_one_by_one(const std::vector<UndoRow>& rows) {
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
    std::variant<bool, Answer> built_again(const UndoRow& row) {
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
    std::optional<UndoResult> clear_up_half_built() {
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

    std::optional<UndoResult> rebuild(const std::string& sql, const Statement& statement, const journal::Intent& intent) {
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

    UndoResult written_at_once() {
        if (auto trouble = open()) return *trouble;
        for (const auto& s : item_.undo.written) {
            const Answer a = session_.query(s.sql.text);
            if (!a.ok()) return after_rollback(refused(a, &s, s.sql.text));
        }
        return commit();
    }

    UndoResult written_one_by_one() {
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

    Diagnostic located(Diagnostic d) {
        d.where = item_.where;
        return with_help(std::move(d), context_.run());
    }

    std::optional<std::chrono::milliseconds> patience_;
    run::Context& context_;
    Session& session_;
    journal::DatabaseJournal& journal_;
    ItemId id_;
    const Item& item_;
    const StepItem* step_;
    bool may_pass_ = false, lost_ = false, lock_timeout_ = false, in_part_ = false;
};

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
        Attempt this_try(context, home, id, way.patience());
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
