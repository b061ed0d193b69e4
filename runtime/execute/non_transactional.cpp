// Steps of statements that PostgreSQL refuses in a transaction block: intention first, then the statement, then
// the record; after a crash the world is looked at before anything is done again.
#include <fmt/format.h>

#include "compiler/graph/strong_locks.hpp"
#include "runtime/execute/checks.hpp"
#include "runtime/execute/concurrent_loss.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/execute/reconcile.hpp"
#include "runtime/execute/strong_locks/clear_way.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/undo/out_of_sight.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::ItemId;
using compiler::Statement;
using compiler::StepItem;
using journal::Intent;
using journal::ItemState;
using journal::UndoRow;
using postgres::Answer;
using postgres::Fate;
using postgres::Session;
using schedule::Outcome;
using sql::NonTransactional;

namespace {

// What became of one statement.
struct Ended {
    enum class Kind { done, refused, lost, cancelled, fatal } kind = Kind::done;
    Diagnostic error;
    bool may_pass = false;
};

class NonTransactionalStep {
public:
    NonTransactionalStep(run::Context& context, ItemId id)
        : context_(context), id_(id), item_(context.item(id)), step_(std::get<StepItem>(item_.body)), way_(context, {id}, ClearWay::Direction::forward) {}

    UnitResult run() {
        auto progress = context_.database_journal().progress(id_);
        if (auto* error = std::get_if<Diagnostic>(&progress)) return fatal(*error);
        auto [state, done, intent] = std::get<journal::DatabaseJournal::Progress>(progress);
        (void)state;
        auto index = static_cast<std::size_t>(done);
        for (int attempt = 1; index < step_.statements.size();) {
            const Ended ended = one(index, intent);
            if (ended.kind == Ended::Kind::done) {
                ++index;
                intent.reset();
                attempt = 1;
                if (process::interrupt_requested() && index < step_.statements.size()) return end(Outcome::interrupted, run::interrupted());
                continue;
            }
            if (ended.kind == Ended::Kind::fatal) return fatal(ended.error);
            const bool again = ended.kind == Ended::Kind::lost || (ended.kind == Ended::Kind::refused && ended.may_pass);
            if (ended.kind == Ended::Kind::cancelled || process::interrupt_requested()) return end(Outcome::interrupted, run::interrupted());
            if (!again || attempt > step_.retries) return end(Outcome::failed, ended.error);
            const auto wait = context_.backoff(attempt);
            context_.observer().retrying(id_, attempt++, wait, ended.error);
            if (!run::pause(wait)) return end(Outcome::interrupted, run::interrupted());
            if (ended.kind == Ended::Kind::lost) {
                if (auto error = context_.reconnect_patiently(context_.home(), step_.retries + 1)) return fatal(*error);
            }
            auto now = context_.database_journal().progress(id_);
            if (auto* error = std::get_if<Diagnostic>(&now)) return fatal(*error);
            intent = std::get<journal::DatabaseJournal::Progress>(now).intent;
            index = static_cast<std::size_t>(std::get<journal::DatabaseJournal::Progress>(now).statements_done);
        }
        return end(Outcome::done, std::nullopt);
    }

private:
    UnitResult end(Outcome outcome, std::optional<Diagnostic> error) {
        run::ItemOutcome ended;
        ended.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
        ended.probes = std::move(probes_);
        ended.error = std::move(error);
        if (ended.error) ended.state = ItemState::failed;
        return end_item(context_, id_, outcome, std::move(ended));
    }

    Ended from_answer(const Answer& answer, const Statement& statement) {
        if (answer.fate == Fate::lost) return {.kind = Ended::Kind::lost, .error = journal::journal_error(answer, fmt::format("running `{}`", item_.name))};
        if (answer.fate == Fate::cancelled) return {.kind = Ended::Kind::cancelled, .error = run::interrupted()};
        return {.kind = Ended::Kind::refused, .error = server_diagnostic(answer.error, statement, 708), .may_pass = may_pass(answer.error)};
    }

    static Ended from_journal(Diagnostic error) {
        const auto kind = error.code == 709 ? Ended::Kind::lost : Ended::Kind::fatal;
        return {.kind = kind, .error = std::move(error)};
    }

    Ended one(std::size_t index, const std::optional<Intent>& former) {
        auto opened = context_.session(context_.home());
        if (auto* error = std::get_if<Diagnostic>(&opened)) return {.kind = Ended::Kind::fatal, .error = *error};
        Session& session = *std::get<Session*>(opened);
        const Statement& statement = step_.statements[index];
        std::optional<std::string> existed;
        std::vector<std::string> back;
        bool already_done = false;
        // A name may mean what a search_path before it says.
        if (const auto ended = enter(session, index, As::runner)) return *ended;
        if (former && former->statement == static_cast<int>(index)) {
            existed = former->existed;
            back = former->rebuilding;
            auto verdict = reconcile(session, statement, *former);
            if (auto* failed = std::get_if<Answer>(&verdict)) return from_answer(*failed, statement);
            already_done = std::get<Verdict>(verdict) == Verdict::done;
        } else if (statement.facts.subject) {
            auto now = identity_of(session, *statement.facts.subject);
            if (auto* failed = std::get_if<Answer>(&now)) return from_answer(*failed, statement);
            existed = std::get<std::optional<std::string>>(now);
            if (item_.undo.kind == compiler::Undo::Kind::generated) {
                auto read = rebuilding(session, statement);
                if (auto* failed = std::get_if<Answer>(&read)) return from_answer(*failed, statement);
                back = std::get<std::vector<std::string>>(std::move(read));
            }
        }
        if (!already_done) {
            if (auto ended = clear_way(session, statement)) return *ended;
            if (const auto ended = enter(session, index, As::runner)) return *ended;
            if (auto error = undo::writes_out_of_sight(session, item_, statement)) {
                const auto kind = session.alive() ? Ended::Kind::refused : Ended::Kind::lost;
                return {.kind = kind, .error = std::move(*error)};
            }
            if (auto error = intend(session, index, existed, back)) return from_journal(*error);
            if (const auto ended = enter(session, index, As::step)) return *ended;
            const Ended sent = probe(session, index, existed);
            if (sent.kind != Ended::Kind::done) return sent;
        }
        if (const auto ended = enter(session, index, As::runner)) return *ended;
        return record(index, statement, existed, back);
    }

    // Most of these statements let others pass; VACUUM FULL and CLUSTER do not.
    std::optional<Ended> clear_way(Session& session, const Statement& statement) {
        if (!compiler::takes_strong_lock(statement)) return std::nullopt;
        auto found = way_.wait(session);
        return found ? std::optional(ended_by<Ended>(std::move(*found))) : std::nullopt;
    }

    std::optional<Diagnostic> intend(Session& session, std::size_t index, const std::optional<std::string>& existed, const std::vector<std::string>& back) {
        const Answer me = session.query("SELECT backend_start::text FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid()");
        if (!me.ok() || me.rows.empty()) return journal::journal_error(me, "reading this session's start");
        return context_.database_journal().intend(id_, item_.name,
                                                  {.statement = static_cast<int>(index), .existed = existed,
                                                   .backend = session.backend_pid(), .backend_start = *me.rows[0][0], .rebuilding = back},
                                                  index == 0);
    }

    // The session's defaults, and what the step SETs before this statement. The journal is written in the runner's
    // own role, but its names are looked up as the statement's are.
    enum class As { step, runner };
    std::optional<Ended> enter(Session& session, std::size_t index, As as) {
        context_.in_force().known = false;
        const Answer reset = session.script("RESET SESSION AUTHORIZATION; RESET ALL");
        if (!reset.ok()) return from_answer(reset, step_.statements[index]);
        for (std::size_t i = 0; i < index; ++i) {
            const Statement& former = step_.statements[i];
            if (!former.facts.is_setting || (as == As::runner && former.facts.acts != sql::Acts::as_before)) continue;
            const Answer set = session.query(former.sql.text);
            if (!set.ok()) return from_answer(set, former);
        }
        return std::nullopt;
    }

    // A rehearsal looks before and after. What the statement locks itself is for another session to see.
    Ended probe(Session& session, std::size_t index, const std::optional<std::string>& existed) {
        const Statement& statement = step_.statements[index];
        const auto& query = context_.settings().probe;
        if (query.empty() || statement.facts.is_setting) return send(session, statement, existed);
        context_.observer().statement_started(id_, index);
        const Ended ended = send_probed(session, index, query, existed);
        context_.observer().statement_ended(id_);
        return ended;
    }

    Ended send_probed(Session& session, std::size_t index, const std::string& query, const std::optional<std::string>& existed) {
        const Statement& statement = step_.statements[index];
        run::ProbedStatement probed{.statement = index, .before = {}, .after = {}, .rows = {}};
        const Answer before = session.query(query);
        if (!before.ok()) return from_answer(before, statement);
        probed.before = before.rows;
        Ended ended = send(session, statement, existed);
        if (ended.kind != Ended::Kind::done) return ended;
        const Answer after = session.query(query);
        if (!after.ok()) return from_answer(after, statement);
        probed.after = after.rows;
        probes_.push_back(std::move(probed));
        return ended;
    }

    // Without timeouts: a lock timeout would cancel CREATE INDEX CONCURRENTLY while it waits for old snapshots.
    Ended send(Session& session, const Statement& statement, const std::optional<std::string>& existed) {
        process::fault_point("statement: before sending");
        const Answer answer = session.query(statement.sql.text);
        process::fault_point("statement: after sending");
        const bool builds = statement.facts.non_transactional == NonTransactional::create_index_concurrently && statement.facts.subject;
        if (!builds) return answer.ok() ? Ended{} : from_answer(answer, statement);
        if (answer.fate == Fate::lost) return from_answer(answer, statement);
        return after_building(session, statement, existed, answer);
    }

    // An index that is not valid is no success, whatever the statement said; what this step left of it goes.
    Ended after_building(Session& session, const Statement& statement, const std::optional<std::string>& existed, const Answer& answer) {
        auto invalid = is_invalid_index(session, *statement.facts.subject);
        if (auto* failed = std::get_if<Answer>(&invalid)) return from_answer(*failed, statement);
        const std::string& index = statement.facts.subject->name;
        const bool is_invalid = std::get<bool>(invalid);
        if (is_invalid && !existed) {
            const Answer dropped = session.query("DROP INDEX CONCURRENTLY IF EXISTS " + index);
            if (dropped.fate == Fate::lost) return from_answer(dropped, statement);
        }
        if (!answer.ok()) return from_answer(answer, statement);
        if (!is_invalid) return {};
        return {.kind = Ended::Kind::refused,
                .error = run::problem(717, fmt::format("index `{}` was there before and is INVALID: nothing was built", index),
                                      fmt::format("DROP INDEX CONCURRENTLY {};", index),
                                      statement.sql.locate(0, static_cast<std::uint32_t>(statement.sql.text.size())))};
    }

    Ended record(std::size_t index, const Statement& statement, const std::optional<std::string>& existed, const std::vector<std::string>& back) {
        int seq = static_cast<int>(index) * 100;  // each statement's rows have room of their own
        std::vector<UndoRow> rows;
        for (auto& [row, only_if_created] : undo_rows(item_, id_, statement, seq)) {
            if (!only_if_created || !existed) rows.push_back(row);
        }
        if (!back.empty() && existed && statement.facts.non_transactional == NonTransactional::drop_index_concurrently)
            rows.push_back({.ordinal = id_.index, .seq = seq++, .statement = context_.database_journal().index_remade(id_, *existed, statement.facts.subject->name),
                            .object = {}, .identity = {}, .guard_rows = false, .difference = {}});
        // The trail is run by falling number. What it builds again must not be there: no identity.
        for (auto sql = back.rbegin(); sql != back.rend(); ++sql) {
            UndoRow row{.ordinal = id_.index, .seq = seq++, .statement = *sql, .object = {}, .identity = {}, .guard_rows = false, .difference = {}};
            if (sql->find(" INDEX CONCURRENTLY ") != std::string::npos && statement.facts.subject) row.object = *statement.facts.subject;
            rows.push_back(std::move(row));
        }
        if (auto error = context_.database_journal().statement_done(id_, static_cast<int>(index) + 1, rows)) return from_journal(*error);
        return {};
    }

    run::Context& context_;
    ItemId id_;
    const compiler::Item& item_;
    const StepItem& step_;
    ClearWay way_;
    std::vector<run::ProbedStatement> probes_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

UnitResult execute_non_transactional(run::Context& context, ItemId id) { return NonTransactionalStep(context, id).run(); }

}  // namespace cairn::execute
