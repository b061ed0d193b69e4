#include "runtime/execute/strong_locks/holders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/journal/arrays.hpp"

namespace cairn::execute {

using postgres::Answer;
using postgres::Command;
using sql::LockMode;
using std::chrono::milliseconds;

namespace {

// As pg_locks calls the modes that conflict: https://www.postgresql.org/docs/15/explicit-locking.html
const char* conflicting(LockMode wanted) {
    switch (wanted) {
        case LockMode::share:
            return "RowExclusiveLock ShareUpdateExclusiveLock ShareRowExclusiveLock ExclusiveLock AccessExclusiveLock";
        case LockMode::share_row_exclusive:
            return "RowExclusiveLock ShareUpdateExclusiveLock ShareLock ShareRowExclusiveLock ExclusiveLock AccessExclusiveLock";
        case LockMode::exclusive:
            return "RowShareLock RowExclusiveLock ShareUpdateExclusiveLock ShareLock ShareRowExclusiveLock ExclusiveLock AccessExclusiveLock";
        default:
            return "AccessShareLock RowShareLock RowExclusiveLock ShareUpdateExclusiveLock ShareLock ShareRowExclusiveLock ExclusiveLock "
                   "AccessExclusiveLock";
    }
}

// What a transaction is without the right to see it: its number, which others can't have, and pid. The owner of an index's
// lock is its table's too, and the other way round.
constexpr const char* query =
    "WITH RECURSIVE named (oid, held) AS ("
    "  SELECT x.oid, w.held FROM unnest($1::text[], $2::text[]) AS w (name, held), "
    "  LATERAL (SELECT pg_catalog.to_regclass(w.name)::oid UNION SELECT i.indrelid FROM pg_catalog.pg_index i "
    "           WHERE i.indexrelid = pg_catalog.to_regclass(w.name)) AS x (oid) WHERE x.oid IS NOT NULL), "
    "family (oid, held) AS (SELECT oid, held FROM named UNION SELECT h.inhrelid, f.held FROM family f JOIN pg_catalog.pg_inherits h ON h.inhparent = f.oid) "
    "SELECT coalesce(l.pid, 0), l.virtualtransaction, f.oid::pg_catalog.regclass::text, coalesce(a.usename, p.owner, ''), coalesce(a.application_name, ''), "
    "coalesce(a.state, ''), left(coalesce(a.query, ''), 200), "
    "(extract(epoch FROM clock_timestamp() - coalesce(p.prepared, a.xact_start)) * 1000)::bigint, p.gid, "
    "coalesce(a.query LIKE 'autovacuum: %', false), coalesce(a.query LIKE '%(to prevent wraparound)', false), "
    "(extract(epoch FROM current_setting('deadlock_timeout')::interval) * 1000)::bigint "
    "FROM family f JOIN pg_catalog.pg_locks l ON l.relation = f.oid "
    "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
    "LEFT JOIN (SELECT t.virtualtransaction, x.gid, x.prepared, x.owner FROM pg_catalog.pg_prepared_xacts x JOIN pg_catalog.pg_locks t "
    "           ON t.locktype = 'transactionid' AND t.transactionid = x.transaction AND t.pid IS NULL) p "
    "ON l.pid IS NULL AND p.virtualtransaction = l.virtualtransaction "
    "WHERE l.locktype = 'relation' AND l.granted AND l.mode = ANY (string_to_array(f.held, ' ')) "
    "AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()) "
    "AND l.pid IS DISTINCT FROM pg_backend_pid() ORDER BY 8 DESC NULLS LAST, 1, 3";

Holder::Kind kind_of(const std::vector<postgres::Value>& row) {
    using enum Holder::Kind;
    if (row[8]) return prepared;
    if (row[4]->starts_with("pg_dump")) return dump;
    if (row[9] == "t") return row[10] == "t" ? wraparound : autovacuum;
    return row[7] ? transaction : unknown;
}

std::string called(Holder::Kind kind) {
    switch (kind) {
        case Holder::Kind::dump: return "pg_dump";
        case Holder::Kind::wraparound: return "autovacuum to prevent wraparound";
        case Holder::Kind::autovacuum: return "autovacuum";
        case Holder::Kind::prepared: return "prepared transaction";
        case Holder::Kind::transaction: return "transaction";
        case Holder::Kind::unknown: return "transaction of unknown age";
    }
    return "";
}

Holder read(const std::vector<postgres::Value>& row) {
    Holder holder{.kind = kind_of(row), .transaction = fmt::format("{} {}", *row[0], *row[1]), .session = {}};
    holder.session = {.pid = std::stoi(*row[0]), .user = *row[3], .application = *row[4], .state = *row[5], .query = *row[6],
                      .since = milliseconds(row[7] ? std::stoll(*row[7]) : 0), .kind = called(holder.kind), .relation = *row[2]};
    if (row[8]) holder.session.query = fmt::format("ROLLBACK PREPARED or COMMIT PREPARED '{}'", *row[8]);
    holder.deadlock_timeout = milliseconds(std::stoll(*row[11]));
    return holder;
}

}  // namespace

bool Holder::is_long() const {
    if (kind == Kind::dump || kind == Kind::wraparound) return true;
    return (kind == Kind::transaction || kind == Kind::prepared) && session.since >= old_transaction;
}

std::string Holder::in_words() const {
    std::string out = fmt::format("{} on {}", session.kind, session.relation);
    if (kind == Kind::prepared) return fmt::format("{}, {:.1f} s old: {}", out, static_cast<double>(session.since.count()) / 1000, session.query);
    out += fmt::format(", pid {} (", session.pid);
    if (!session.user.empty()) out += session.user + ", ";
    if (!session.application.empty() && kind != Kind::dump) out += session.application + ", ";
    if (!session.state.empty()) out += session.state + ", ";
    return out + fmt::format("{:.1f} s)", static_cast<double>(session.since.count()) / 1000);
}

std::variant<std::vector<Holder>, Answer> find_holders(postgres::Session& session, const std::vector<sql::Lock>& wanted,
                                                       const std::vector<compiler::Statement>& settings) {
    journal::TextArray names, held;
    for (const auto& lock : wanted) {
        names.add(lock.relation);
        held.add(conflicting(lock.mode));
    }
    std::vector<Command> commands;
    if (!settings.empty()) commands.push_back({"BEGIN", {}, false});
    for (const auto& setting : settings) commands.push_back({setting.sql.text, {}, false});
    const std::size_t at = commands.size();
    commands.push_back({query, {names.literal(), held.literal()}, true});
    if (!settings.empty()) commands.push_back({"ROLLBACK", {}, false});
    const auto answers = session.pipeline(commands);
    std::vector<Holder> holders;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (answers[i].ok()) continue;
        const Answer failed = answers[i];
        if (session.alive() && !settings.empty()) (void)session.script("ROLLBACK");
        // A SET that the server refuses: the step itself says so, at its place.
        if (failed.fate == postgres::Fate::failed && i < at) return holders;
        return failed;
    }
    std::set<std::string> seen;
    for (const auto& row : answers[at].rows) {
        Holder holder = read(row);
        if (seen.insert(holder.transaction).second) holders.push_back(std::move(holder));
    }
    return holders;
}

}  // namespace cairn::execute
