#include "runtime/rehearse/measure.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <tuple>

namespace cairn::rehearse {
namespace {

using sql::LockMode;

// `AccessExclusiveLock`, as pg_locks writes it.
LockMode mode_of(std::string_view name) {
    constexpr std::array modes{
        "AccessShareLock", "RowShareLock",          "RowExclusiveLock", "ShareUpdateExclusiveLock",
        "ShareLock",       "ShareRowExclusiveLock", "ExclusiveLock",    "AccessExclusiveLock"};
    const auto at = std::find(modes.begin(), modes.end(), name);
    return at == modes.end() ? LockMode::access_share : static_cast<LockMode>(at - modes.begin());
}

}  // namespace

std::string lock_query(const std::string& whose, Waiting waiting) {
    const std::string kinds =
        waiting == Waiting::left_out
            ? "l.locktype = 'relation' AND l.granted"
            : "(l.locktype = 'relation'"
              " OR l.locktype IN ('virtualxid', 'transactionid') AND NOT l.granted)";
    return "SELECT pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000,"
           " pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_catalog.pg_lsn, l.relation, l.mode,"
           " CASE WHEN c.relkind IN ('r', 'm') THEN c.relfilenode END, l.granted,"
           " pg_catalog.date_part('epoch', l.waitstart) * 1000, l.virtualxid"
           " FROM (SELECT) AS one LEFT JOIN (pg_catalog.pg_locks AS l"
           " LEFT JOIN pg_catalog.pg_class AS c ON c.oid = l.relation) ON " +
           kinds +
           " AND coalesce(l.relation >= 16384::pg_catalog.oid AND l.database ="
           " (SELECT d.oid FROM pg_catalog.pg_database AS d"
           " WHERE d.datname = pg_catalog.current_database()), true)"
           " AND coalesce(c.relkind <> 't'"
           " AND c.relnamespace <> coalesce(pg_catalog.to_regnamespace('cairn'), 0), true)"
           " AND " +
           whose;
}

const std::string& probe_query() {
    static const std::string query =
        lock_query("l.pid = pg_catalog.pg_backend_pid()", Waiting::left_out);
    return query;
}

Probe::Held held_of(const std::vector<postgres::Value>& row) {
    return {row[2].value_or(""), mode_of(row[3].value_or(""))};
}

Moment moment_of(std::chrono::system_clock::time_point when) {
    return std::chrono::duration<double, std::milli>(when.time_since_epoch()).count();
}

Probe read_probe(const run::ProbeRows& rows) {
    Probe probe;
    for (const auto& row : rows) {
        if (row.size() < 8) continue;
        if (probe.at == 0) {
            probe.at = std::strtod(row[0].value_or("0").c_str(), nullptr);
            const auto wal = row[1].value_or("0");
            std::from_chars(wal.data(), wal.data() + wal.size(), probe.wal);
        }
        if (row[5] != "t" || !row[2]) continue;
        probe.held.push_back(held_of(row));
        if (row[4]) probe.files[*row[2]] = *row[4];
    }
    return probe;
}

void LockTimes::saw(Moment since, const Probe& probe) {
    let_go(probe.at, &probe);
    for (const auto& held : probe.held) {
        auto& times = times_.try_emplace(held, Times{since, since}).first->second;
        times.to = std::max(times.to, probe.at);
        times.is_held = true;
    }
}

void LockTimes::let_go(Moment now, const Probe* but) {
    for (auto& [held, times] : times_) {
        if (!times.is_held || (but != nullptr && std::find(but->held.begin(), but->held.end(),
                                                           held) != but->held.end()))
            continue;
        times.to = now;
        times.is_held = false;
    }
}

std::vector<HeldLock> that_count(std::vector<HeldLock> locks) {
    std::sort(locks.begin(), locks.end(), [](const HeldLock& one, const HeldLock& other) {
        return std::tie(one.relation, other.mode, other.held) <
               std::tie(other.relation, one.mode, one.held);
    });
    std::vector<HeldLock> out;
    for (auto& lock : locks) {
        const bool weaker = !out.empty() && out.back().relation == lock.relation;
        if (!weaker || lock.held > out.back().held) out.push_back(std::move(lock));
    }
    return out;
}

std::vector<HeldLock> LockTimes::held(const RelationNames& names,
                                      std::optional<Moment> until) const {
    std::vector<HeldLock> locks;
    for (const auto& [held, times] : times_) {
        const auto name = names.find(held.relation);
        if (name == names.end()) continue;
        const double time = until.value_or(times.to) - times.from;
        const auto whole = static_cast<std::int64_t>(std::max(time, 0.0) + 0.5);
        locks.push_back({name->second, held.mode, std::chrono::milliseconds(whole)});
    }
    return that_count(std::move(locks));
}

}  // namespace cairn::rehearse
