#include "runtime/execute/checks.hpp"

#include <fmt/core.h>

#include "runtime/execute/answer.hpp"
#include "runtime/execute/compare_across.hpp"
#include "runtime/execute/free_space.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::execute {

namespace {

using compiler::Check;
using compiler::Diagnostic;
using postgres::Answer;
using postgres::Fate;
using postgres::Session;
using run::CheckOutcome;

constexpr std::uint16_t query_failed = 750, rights_missing = 751, connection_lost = 754,
                        interrupted = 755;
constexpr std::size_t evidence_rows = 10, show_rows = 50, difference_rows = 11;

// Evaluates the checks of one item over one session; each begins and ends at the same savepoint.
class Evaluation {
public:
    Evaluation(Session& session, OtherDatabases& others, bool rehearsal, const std::string& root)
        : session_(session), others_(others), rehearsal_(rehearsal), root_(root) {}

    [[nodiscard]] std::vector<CheckOutcome> run(const std::vector<Check>& checks) {
        std::vector<CheckOutcome> outcomes;
        if (checks.empty()) return outcomes;
        const Answer opened = session_.query("SAVEPOINT cairn_check");
        for (const Check& check : checks) {
            outcomes.push_back(opened.ok() ? run_one(check) : refused(check, opened));
            if (must_stop_) return outcomes;
        }
        (void)session_.query(
            "RELEASE SAVEPOINT cairn_check");  // at worst the caller's own end of it fails
        return outcomes;
    }

private:
    CheckOutcome run_one(const Check& check) {
        CheckOutcome outcome = outcome_of(check);
        if (process::interrupt_requested()) {
            fail(outcome, about(check, interrupted, "interrupted"));
            must_stop_ = true;
            return outcome;
        }
        if (!check.needs_all_stats || sees_all_stats(check, outcome)) evaluate(check, outcome);
        if (rehearsal_ && !outcome.error && is_window_only(check)) {
            outcome.passed = outcome.window_only = true;
        }
        if (!must_stop_) back_to_savepoint(check, outcome);
        if (outcome.error && outcome.error->code == query_failed) add_grant(check, outcome);
        refusal_ = {};
        if (outcome.error && check.warn && !must_stop_)
            outcome.error->severity = compiler::Severity::warning;
        return outcome;
    }

    void evaluate(const Check& check, CheckOutcome& outcome) {
        if (const auto* space = std::get_if<compiler::ExpectFreeSpace>(&check.expect))
            return evaluate_space(check, *space, outcome);
        if (check.elsewhere) return evaluate_across(check, outcome);
        if (std::holds_alternative<compiler::ExpectUsesIndex>(check.expect) &&
            !ask(check, "SET LOCAL enable_seqscan = off", outcome))
            return;
        const auto found = fetch(check, outcome);
        if (!found) return;
        std::visit([&](const auto& expect) { settle(check, expect, *found, outcome); },
                   check.expect);
    }

    template <class Expect>
    void settle(const Check&, const Expect& expect, const Found& found, CheckOutcome& outcome) {
        judge(expect, found, outcome);
    }
    void settle(const Check&, const compiler::ExpectFreeSpace&, const Found&, CheckOutcome&) {}
    void settle(const Check& check, const compiler::ExpectValue& expect, const Found& found,
                CheckOutcome& outcome) {
        const auto question = judge(expect, found, outcome);
        if (!question) return;
        const Answer answer = session_.query(question->sql, {question->left, question->right});
        if (answer.ok()) {
            outcome.passed = !answer.rows.empty() && answer.rows.front().front() == "t";
            if (outcome.passed) outcome.message.clear();
        } else if (answer.fate == Fate::failed) {
            outcome.message += ", which is no interval";
        } else {
            take_error(check, answer, outcome);
        }
    }

    void evaluate_space(const Check& check, const compiler::ExpectFreeSpace& expect,
                        CheckOutcome& outcome) {
        std::optional<std::string> database_size;
        if (check.query) {
            const auto found = fetch(check, outcome);
            if (!found) return;
            database_size = found->first;
        } else if (check.elsewhere) {
            ask_elsewhere(check, outcome, [&](Session& other) -> std::optional<NoAnswer> {
                Answer answer = other.query(check.elsewhere->query.sql.text);
                if (!answer.ok()) return NoAnswer{.answer = std::move(answer), .elsewhere = true};
                database_size = answer.rows.at(0).at(0);
                return std::nullopt;
            });
            if (!database_size) return;
        }
        judge_space(expect, database_size, root_, outcome);
        if (outcome.error) outcome.error->where = check.where;
    }

    void evaluate_across(const Check& check, CheckOutcome& outcome) {
        ask_elsewhere(check, outcome, [&](Session& other) { return compare_across(session_, other, check, outcome); });
    }

    // Of the other database, too, nothing stays of what a check has set or left behind.
    template <class Ask>
    void ask_elsewhere(const Check& check, CheckOutcome& outcome, const Ask& ask) {
        auto opened = others_.session(check.elsewhere->database);
        if (auto* error = std::get_if<Diagnostic>(&opened)) {
            error->where = check.where;
            return fail(outcome, std::move(*error));
        }
        Session& other = *std::get<Session*>(opened);
        Answer answer = other.query("SAVEPOINT cairn_check");
        std::optional<NoAnswer> failed;
        if (answer.ok()) {
            failed = ask(other);
            answer = other.query("ROLLBACK TO SAVEPOINT cairn_check");
        }
        if (failed && !failed->elsewhere) return take_error(check, failed->answer, outcome);
        if (failed && answer.ok()) answer = std::move(failed->answer);
        if (!answer.ok()) take_error_elsewhere(check, answer, outcome);
    }

    void take_error_elsewhere(const Check& check, const Answer& answer, CheckOutcome& outcome) {
        const auto& database = check.elsewhere->database;
        if (answer.fate != Fate::failed) {
            take_error(check, answer, outcome);
            if (answer.fate == Fate::lost) outcome.message = outcome.error->message = fmt::format("database `{}`: {}", database, outcome.message);
            return;
        }
        auto why = server_diagnostic(answer.error, check.elsewhere->query, query_failed);
        why.message = fmt::format("database `{}`: {}", database, why.message);
        fail(outcome, std::move(why));
    }

    // Nothing: the query failed, and `outcome` says how.
    std::optional<Found> fetch(const Check& check, CheckOutcome& outcome) {
        const bool is_show = std::holds_alternative<compiler::ExpectAny>(check.expect);
        const bool compares = std::holds_alternative<compiler::ExpectSameRows>(check.expect);
        Found found;
        Collector collect(found, is_show ? show_rows : compares ? difference_rows : evidence_rows);
        const Answer answer = session_.stream(
            check.query->sql.text, [&](const auto& columns) { found.columns = columns; }, collect);
        if (answer.ok()) return found;
        take_error(check, answer, outcome);
        return std::nullopt;
    }

    bool ask(const Check& check, const std::string& sql, CheckOutcome& outcome) {
        const Answer answer = session_.query(sql);
        if (!answer.ok()) take_error(check, answer, outcome);
        return answer.ok();
    }

    // Without this right other sessions' columns are NULL, and a check for old transactions always
    // passes.
    bool sees_all_stats(const Check& check, CheckOutcome& outcome) {
        if (!sees_stats_) {
            const Answer answer = session_.query(
                "SELECT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage')");
            if (!answer.ok()) {
                take_error(check, answer, outcome);
                return false;
            }
            sees_stats_ = answer.rows.front().front() == "t";
        }
        if (*sees_stats_) return true;
        const std::string role = current_role();
        Diagnostic why = about(
            check, rights_missing,
            fmt::format("`{}` can't see what other sessions do: without pg_read_all_stats this "
                        "check would pass whatever they do",
                        role));
        why.help = fmt::format("GRANT pg_read_all_stats TO {}", role);
        fail(outcome, std::move(why));
        return false;
    }

    std::string current_role() {
        const Answer answer = session_.query("SELECT pg_catalog.quote_ident(current_user)");
        if (!answer.ok() || answer.rows.empty()) return {};
        return answer.rows.front().front().value_or("");
    }

    // What a check set or left behind goes; a check that failed in the server ends here too.
    void back_to_savepoint(const Check& check, CheckOutcome& outcome) {
        const Answer answer = session_.query("ROLLBACK TO SAVEPOINT cairn_check");
        if (answer.ok()) return;
        take_error(check, answer, outcome);
        must_stop_ = true;
    }

    void take_error(const Check& check, const Answer& answer, CheckOutcome& outcome) {
        if (answer.fate == Fate::lost) {
            must_stop_ = true;
            return fail(outcome,
                        about(check, connection_lost,
                              fmt::format("the connection was lost: {}", answer.error.message)));
        }
        if (answer.fate == Fate::cancelled) {
            must_stop_ = true;
            return fail(outcome, about(check, interrupted, "interrupted"));
        }
        if (!check.query) return fail(outcome, about(check, query_failed, answer.error.message));
        refusal_ = answer.error;
        fail(outcome, server_diagnostic(answer.error, *check.query, query_failed));
    }

    // Only once the transaction is sound again the server can be asked who we are.
    void add_grant(const Check& check, CheckOutcome& outcome) {
        if (refusal_.sqlstate != "42501" || !check.query) return;
        outcome.error = server_diagnostic(refusal_, *check.query, query_failed, current_role());
    }

    CheckOutcome refused(const Check& check, const Answer& opened) {
        CheckOutcome outcome = outcome_of(check);
        take_error(check, opened, outcome);
        must_stop_ = true;
        return outcome;
    }

    static CheckOutcome outcome_of(const Check& check) {
        CheckOutcome outcome;
        outcome.title = check.title;
        outcome.warn = check.warn;
        return outcome;
    }

    static Diagnostic about(const Check& check, std::uint16_t code, std::string message) {
        Diagnostic diagnostic;
        diagnostic.code = code;
        diagnostic.where = check.where;
        diagnostic.message = std::move(message);
        return diagnostic;
    }

    static void fail(CheckOutcome& outcome, Diagnostic why) {
        outcome.passed = false;
        outcome.message = why.message;
        outcome.error = std::move(why);
    }

    // A scratch server has no other sessions, and this machine's disk is not the window's.
    static bool is_window_only(const Check& check) {
        return check.needs_all_stats ||
               std::holds_alternative<compiler::ExpectFreeSpace>(check.expect);
    }

    Session& session_;
    OtherDatabases& others_;
    bool rehearsal_;
    const std::string& root_;
    std::optional<bool> sees_stats_;
    postgres::ServerError refusal_;
    bool must_stop_ = false;
};

}  // namespace

std::vector<CheckOutcome> run_checks(Session& session, OtherDatabases& others,
                                     const std::vector<Check>& checks, bool rehearsal,
                                     const std::string& root) {
    return Evaluation(session, others, rehearsal, root).run(checks);
}

}  // namespace cairn::execute
