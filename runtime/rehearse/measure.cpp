#include "runtime/rehearse/measure.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <set>
#include <string_view>

namespace cairn::rehearse {
namespace {

using sql::LockMode;

constexpr std::chrono::milliseconds between_samples{1};

// `whose`: a condition on the pid `l.pid`.
std::string lock_query(const std::string& whose) {
    return "SELECT pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000,"
           " pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_catalog.pg_lsn, l.relation, l.mode"
           " FROM (SELECT) AS one LEFT JOIN (pg_catalog.pg_locks AS l"
           " LEFT JOIN pg_catalog.pg_class AS c ON c.oid = l.relation)"
           " ON l.locktype = 'relation' AND l.granted AND l.relation >= 16384::pg_catalog.oid"
           " AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d"
           " WHERE d.datname = pg_catalog.current_database())"
           " AND coalesce(c.relkind NOT IN ('i', 'I', 't')"
           " AND c.relnamespace <> coalesce(pg_catalog.to_regnamespace('cairn'), 0), true)"
           " AND " +
           whose;
}

// `AccessExclusiveLock`, as pg_locks writes it.
LockMode mode_of(std::string_view name) {
    constexpr std::array modes{
        "AccessShareLock", "RowShareLock",          "RowExclusiveLock", "ShareUpdateExclusiveLock",
        "ShareLock",       "ShareRowExclusiveLock", "ExclusiveLock",    "AccessExclusiveLock"};
    const auto at = std::find(modes.begin(), modes.end(), name);
    return at == modes.end() ? LockMode::access_share : static_cast<LockMode>(at - modes.begin());
}

}  // namespace

const std::string& probe_query() {
    static const std::string query = lock_query("l.pid = pg_catalog.pg_backend_pid()");
    return query;
}

Moment moment_now() {
    return std::chrono::duration<double, std::milli>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Probe read_probe(const std::vector<std::vector<postgres::Value>>& rows) {
    Probe probe;
    for (const auto& row : rows) {
        if (row.size() < 4) continue;
        if (probe.at == 0) {
            probe.at = std::strtod(row[0].value_or("0").c_str(), nullptr);
            const auto wal = row[1].value_or("0");
            std::from_chars(wal.data(), wal.data() + wal.size(), probe.wal);
        }
        if (row[2] && row[3]) probe.held.push_back({*row[2], mode_of(*row[3])});
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

std::vector<HeldLock> LockTimes::held(const RelationNames& names,
                                      std::optional<Moment> until) const {
    std::vector<HeldLock> locks;
    const std::string* relation = nullptr;
    double longest = 0;
    // By relation and, backwards, the strongest mode first.
    for (auto at = times_.rbegin(); at != times_.rend(); ++at) {
        const auto name = names.find(at->first.relation);
        if (name == names.end()) continue;
        const double time = until.value_or(at->second.to) - at->second.from;
        const bool weaker = relation != nullptr && *relation == at->first.relation;
        if (weaker && time <= longest) continue;
        relation = &at->first.relation;
        longest = time;
        const auto held = std::chrono::milliseconds(static_cast<std::int64_t>(time + 0.5));
        locks.push_back({name->second, at->first.mode, held});
    }
    std::stable_sort(locks.begin(), locks.end(), [](const HeldLock& one, const HeldLock& other) {
        return one.relation < other.relation;
    });
    return locks;
}

LockSampler::LockSampler(const std::string& conninfo, std::string application)
    : application_(std::move(application)) {
    auto connected = postgres::Session::connect(conninfo, "cairn rehearse");
    if (auto* session = std::get_if<postgres::Session>(&connected))
        session_.emplace(std::move(*session));
    thread_ = std::thread([this] { watch(); });
}

LockSampler::~LockSampler() {
    if (thread_.joinable()) (void)stop();
}

const LockTimes& LockSampler::stop() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    times_.let_go(moment_now(), nullptr);
    return times_;
}

void LockSampler::watch() {
    if (!session_) return;
    const auto query = lock_query(
        "l.pid IN (SELECT a.pid FROM pg_catalog.pg_stat_activity AS a WHERE a.application_name = " +
        sql::quote_literal(application_) + ")");
    for (Moment since = 0;;) {
        const auto answer = session_->query(postgres::Command{query, {}, true});
        if (!answer.ok()) return;
        const auto probe = read_probe(answer.rows);
        times_.saw(since == 0 ? probe.at : since, probe);
        since = probe.at;
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, between_samples, [&] { return ended_; })) return;
    }
}

}  // namespace cairn::rehearse
