#include "runtime/execute/batch/lag.hpp"

namespace cairn::execute {

namespace {

// The *_lag columns stand still when a standby has stopped reporting: then the time since its last report counts. What
// receives WAL without replaying it (pg_receivewal) reports what it has written; it flushes whole files only.
// https://www.postgresql.org/docs/15/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
constexpr const char* lag_query = R"sql(
SELECT pid, application_name, (extract(epoch FROM CASE WHEN coalesce(replay_lsn, write_lsn) < pg_catalog.pg_current_wal_lsn()
    THEN greatest(coalesce(replay_lag, write_lag, '0'), clock_timestamp() - reply_time) ELSE '0' END) * 1000)::bigint
FROM pg_catalog.pg_stat_replication WHERE state = 'streaming' AND NOT pg_catalog.pg_is_in_recovery() ORDER BY 3 DESC NULLS LAST)sql";

Standby read(const std::vector<postgres::Value>& row) {
    return {.pid = std::stoi(*row[0]), .name = row[1].value_or(""), .lag = std::chrono::milliseconds(std::stoll(row[2].value_or("0")))};
}

}  // namespace

std::variant<Standby, postgres::Answer> furthest_behind(postgres::Session& session, const std::set<int>& but) {
    postgres::Answer a = session.query(lag_query);
    if (!a.ok()) return a;
    for (const auto& row : a.rows) {
        Standby standby = read(row);
        if (!but.contains(standby.pid)) return standby;
    }
    return Standby{};
}

std::variant<std::set<int>, postgres::Answer> behind_already(postgres::Session& session, std::chrono::milliseconds bound) {
    postgres::Answer a = session.query(lag_query);
    if (!a.ok()) return a;
    std::set<int> behind;
    for (const auto& row : a.rows) {
        const Standby standby = read(row);
        if (standby.lag > bound) behind.insert(standby.pid);
    }
    return behind;
}

}  // namespace cairn::execute
