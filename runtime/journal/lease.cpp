#include "runtime/journal/lease.hpp"

#include <fmt/format.h>

#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/machine.hpp"

namespace cairn::journal {
namespace {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;

struct Row {
    std::int64_t token = 0;
    std::string run, plan, who;
    process::ProcessIdentity holder;
    bool held = false, expired = false;
    std::string expires_in;
};

std::variant<Row, Diagnostic> look(Session& session) {
    const Answer a = session.query(
        "SELECT token, coalesce(run, ''), coalesce(plan, ''), coalesce(who, ''), coalesce(host, ''), "
        "coalesce(machine, ''), coalesce(pid, 0), coalesce(pid_started, ''), run IS NOT NULL, "
        "coalesce(expires <= clock_timestamp(), true), "
        "coalesce(ceil(extract(epoch FROM expires - clock_timestamp())), 0)::int FROM cairn.lease WHERE id = 1");
    if (!a.ok()) return journal_error(a, "reading the lease");
    if (a.rows.empty()) {
        Diagnostic d;
        d.code = 702;
        d.message = "the journal's table cairn.lease is empty: somebody has deleted its row";
        d.help = "INSERT INTO cairn.lease (id, token) SELECT 1, (extract(epoch FROM now()) * 1000)::bigint;";
        return d;
    }
    const auto& r = a.rows[0];
    Row row;
    row.token = std::stoll(*r[0]);
    row.run = *r[1];
    row.plan = *r[2];
    row.who = *r[3];
    row.holder = {.host = *r[4], .machine = *r[5], .pid = std::stoi(*r[6]), .started = *r[7]};
    row.held = *r[8] == "t";
    row.expired = *r[9] == "t";
    row.expires_in = *r[10];
    return row;
}

Diagnostic held_by(const Row& row) {
    Diagnostic d;
    d.code = 704;
    d.message = fmt::format("run {} of plan `{}` holds this database: {}, pid {} on {}, lease for {} more seconds", row.run,
                            row.plan, row.who, row.holder.pid, row.holder.host, row.expires_in);
    d.help = "cairn status " + row.run;
    return d;
}

std::optional<Diagnostic> terminated(const Answer& a) {
    if (a.ok()) return std::nullopt;
    Diagnostic d = journal_error(a, "ending the former runner's session");
    if (a.error.sqlstate == "42501") {
        d.message = "the former runner's session still holds the lease and may not be ended: " + a.error.message;
        d.help = "GRANT pg_signal_backend TO the role that runs cairn";
    }
    return d;
}

Diagnostic twice(const LeaseRequest& request) {
    Diagnostic d;
    d.code = 729;
    d.message = fmt::format("two databases of plan `{}` are one and the same: it holds the lease there already", request.plan);
    d.help = "--db NAME=postgresql://host/database";
    return d;
}

// Ends the sessions of the former holder, whose open transactions keep the lease's row locked.
std::optional<Diagnostic> terminate_former(Session& session) {
    return terminated(session.query(
        "SELECT pg_terminate_backend(s.pid, 5000) FROM cairn.lease l CROSS JOIN LATERAL (SELECT l.backend AS pid, l.backend_start AS start "
        "UNION ALL SELECT (b ->> 0)::int, (b ->> 1)::timestamptz FROM pg_catalog.jsonb_array_elements(l.beside) b) former "
        "JOIN pg_catalog.pg_stat_activity s ON s.pid = former.pid AND s.backend_start = former.start WHERE l.id = 1 AND s.pid <> pg_backend_pid()"));
}

// A pooler's backend serves others too, and must not be ended for its former holder.
constexpr const char* take_statement = R"sql(
UPDATE cairn.lease SET token = token + 1, run = $2, plan = $3, host = $4, machine = $5, pid = $6,
    pid_started = $7, who = $8, backend = CASE WHEN $10::boolean THEN NULL ELSE pg_backend_pid() END,
    backend_start = (SELECT backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid()),
    beside = '[]', item = NULL, acquired = clock_timestamp(), expires = clock_timestamp() + $9::bigint * interval '1 ms'
WHERE id = 1 AND token = $1::bigint RETURNING token)sql";

// One try at taking the row from the holder of `token`. Empty optional: someone else was quicker.
struct Attempt {
    std::optional<LeaseToken> token;
    bool blocked = false;
    std::optional<Diagnostic> error;
};

Attempt try_take(Session& session, std::int64_t token, const LeaseRequest& request) {
    const auto me = process::this_process();
    process::fault_point("lease: before taking it");
    const auto answers = session.pipeline(
        {{"BEGIN", {}, false},
         {"SET LOCAL lock_timeout = '500ms'", {}, false},
         {"SELECT 1 FROM cairn.lease WHERE id = 1 FOR UPDATE", {}, false},
         {take_statement,
          {std::to_string(token), request.run, request.plan, me.host, me.machine, std::to_string(me.pid), me.started,
           process::user_at_host(), std::to_string(request.length.count()), session.pooled() ? "t" : "f"},
          false},
         {"COMMIT", {}, false}});
    process::fault_point("lease: after taking it");
    for (const auto& a : answers) {
        if (a.ok()) continue;
        if (session.alive()) (void)session.script("ROLLBACK");
        if (a.error.sqlstate == "55P03") return {.token = {}, .blocked = true, .error = {}};
        if (a.error.sqlstate == "25006") return {.token = {}, .blocked = false, .error = read_only(session)};
        return {.token = {}, .blocked = false, .error = journal_error(a, "taking the lease")};
    }
    if (answers[3].rows.empty()) return {};
    return {.token = LeaseToken{std::stoll(*answers[3].rows[0][0])}, .blocked = false, .error = {}};
}

std::variant<LeaseToken, Diagnostic> take(Session& session, std::int64_t token, const LeaseRequest& request) {
    constexpr int tries = 20;  // of half a second each
    for (int i = 0; i < tries; ++i) {
        Attempt attempt = try_take(session, token, request);
        if (attempt.token) return *attempt.token;
        if (attempt.error) return *attempt.error;
        if (attempt.blocked) {
            if (auto error = terminate_former(session)) return *error;
            continue;
        }
        auto now = look(session);
        if (auto* error = std::get_if<Diagnostic>(&now)) return *error;
        return held_by(std::get<Row>(now));
    }
    Diagnostic d;
    d.code = 704;
    d.message = "the lease's row stays locked by another session";
    d.help = "SELECT pid, usename, query FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids(…))";
    return d;
}

Diagnostic taken_over(const LeaseRequest& request) {
    Diagnostic d;
    d.code = 714;
    d.message = "another runner has taken over this run";
    d.help = "cairn status " + request.run;
    return d;
}

}  // namespace

std::variant<LeaseToken, Diagnostic> acquire(Session& session, const LeaseRequest& request) {
    auto seen = look(session);
    if (auto* error = std::get_if<Diagnostic>(&seen)) return *error;
    const Row& row = std::get<Row>(seen);
    if (row.held && !row.expired && !process::is_dead(row.holder)) {
        const auto me = process::this_process();
        const bool is_ours = row.run == request.run && row.holder.machine == me.machine && row.holder.pid == me.pid && row.holder.started == me.started;
        return is_ours ? twice(request) : held_by(row);
    }
    return take(session, row.token, request);
}

std::variant<LeaseToken, Diagnostic> fence_again(Session& session, LeaseToken token, const LeaseRequest& request) {
    auto seen = look(session);
    if (auto* error = std::get_if<Diagnostic>(&seen)) return *error;
    if (std::get<Row>(seen).token != token.value) return taken_over(request);
    return take(session, token.value, request);
}

std::variant<Backend, Diagnostic> work_beside(Session& session, LeaseToken token, const LeaseRequest& request) {
    return work_beside_again(session, token, request, {});
}

std::variant<Backend, Diagnostic> work_beside_again(Session& session, LeaseToken token, const LeaseRequest& request, const Backend& former) {
    constexpr int tries = 12;  // of five seconds each
    for (int i = 0; former.pid != 0; ++i) {
        const Answer ended = session.query("SELECT pg_terminate_backend(pid, 5000) FROM pg_catalog.pg_stat_activity WHERE pid = $1::int AND "
                                           "backend_start = $2::timestamptz", {std::to_string(former.pid), former.start});
        if (auto error = terminated(ended)) return *error;
        if (ended.rows.empty()) break;
        if (i + 1 < tries) continue;
        Diagnostic d;
        d.code = 709;
        d.message = fmt::format("the connection was lost, and its session (pid {}) does not end: what it was at may still take effect", former.pid);
        d.help = "cairn resume " + request.run;
        return d;
    }
    const Answer joined = session.query(
        "UPDATE cairn.lease SET beside = (SELECT coalesce(pg_catalog.jsonb_agg(b), '[]') FROM pg_catalog.jsonb_array_elements(beside) b "
        "WHERE b ->> 0 <> $2) || pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_array(s.pid, s.backend_start)) "
        "FROM pg_catalog.pg_stat_activity s WHERE id = 1 AND token = $1::bigint AND s.pid = pg_backend_pid() RETURNING s.pid, pg_catalog.to_json(s.backend_start) #>> '{}'",
        {std::to_string(token.value), std::to_string(former.pid)});
    if (!joined.ok()) return journal_error(joined, "joining the run's other sessions");
    if (joined.rows.empty()) return taken_over(request);
    return Backend{.pid = std::stoi(*joined.rows[0][0]), .start = *joined.rows[0][1]};
}

}  // namespace cairn::journal
