#include "runtime/postgres/sentinel.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <pqxx/pqxx>

namespace cairn::postgres {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Sentinel::Connection {
    std::unique_ptr<pqxx::connection> open;

    pqxx::connection& get(const std::string& conninfo) {
        if (!open || !open->is_open()) {
            open = std::make_unique<pqxx::connection>(conninfo);
            // 6.4 reconnects silently unless told not to; the call is deprecated without a replacement there.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
            open->inhibit_reactivation(true);
#pragma GCC diagnostic pop
        }
        return *open;
    }
};

Sentinel::Sentinel(Options options) : options_(std::move(options)) {
    // Signals are for the main thread: it polls for them.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { loop(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Sentinel::~Sentinel() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void Sentinel::guard(std::int64_t token) {
    const std::lock_guard lock(mutex_);
    token_ = token;
}

std::size_t Sentinel::watch(int backend, OnBlocked on_blocked) {
    const std::lock_guard lock(mutex_);
    watched_.emplace(next_, Watched{.backend = backend, .on_blocked = std::move(on_blocked), .item = {}, .since = {}});
    return next_++;
}

void Sentinel::moved_to(std::size_t session, int backend) {
    const std::lock_guard lock(mutex_);
    watched_.at(session).backend = backend;
}

void Sentinel::working_on(std::size_t session, const std::string& item) {
    const std::lock_guard lock(mutex_);
    watched_.at(session).item = item;
    watched_.at(session).since = steady_clock::now();
}

void Sentinel::leave(std::size_t session) {
    const std::lock_guard lock(mutex_);
    watched_.erase(session);
}

void Sentinel::loop() {
    const milliseconds interval = std::max(options_.lease / 3, milliseconds(20));
    const milliseconds patience = std::min(interval, milliseconds(1000));
    auto next_beat = steady_clock::now() + interval;
    Connection connection;
    std::unique_lock lock(mutex_);
    while (!stop_) {
        wake_.wait_for(lock, patience);
        if (stop_ || token_ == 0) continue;
        const auto now = steady_clock::now();
        const std::int64_t token = token_;
        std::string items;
        std::vector<Watched> waiting;
        for (const auto& [number, watched] : watched_) {
            if (watched.item.empty()) continue;
            items += (items.empty() ? "" : ", ") + watched.item;
            if (now - watched.since >= patience) waiting.push_back(watched);
        }
        lock.unlock();
        try {
            if (now >= next_beat) {
                beat(connection, token, items);
                next_beat = now + interval;
            }
            for (const auto& watched : waiting) look_for_blockers(connection, options_, watched);
        } catch (const std::exception&) {
            connection.open.reset();  // the server is away: the runner itself notices, and the next round tries again
        }
        lock.lock();
    }
}

void Sentinel::beat(Connection& connection, std::int64_t token, const std::string& items) {
    pqxx::nontransaction work(connection.get(options_.conninfo));
    const auto rows = work.exec_params(
        "UPDATE cairn.lease SET expires = clock_timestamp() + $2::bigint * interval '1 ms', item = nullif($3, '') "
        "WHERE id = 1 AND token = $1::bigint RETURNING 1",
        token, options_.lease.count(), items);
    if (!rows.empty()) return;
    // A token that changed meanwhile is our own reconnection.
    const std::lock_guard lock(mutex_);
    if (token_ == token) lost_ = true;
}

void Sentinel::look_for_blockers(Connection& connection, const Options& options, const Watched& watched) {
    pqxx::nontransaction work(connection.get(options.conninfo));
    const auto rows = work.exec_params(
        "SELECT a.pid, coalesce(a.usename, '?'), coalesce(a.application_name, ''), coalesce(a.state, '?'), "
        "left(coalesce(a.query, ''), 200), "
        "coalesce(extract(epoch FROM clock_timestamp() - a.xact_start) * 1000, 0)::bigint "
        "FROM unnest(pg_catalog.pg_blocking_pids($1)) b (pid) JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid",
        watched.backend);
    if (rows.empty()) return;
    std::vector<BlockerSeen> seen;
    for (const auto& row : rows) {
        seen.push_back({.pid = row[0].as<int>(), .user = row[1].c_str(), .application = row[2].c_str(),
                        .state = row[3].c_str(), .query = row[4].c_str(), .since = milliseconds(row[5].as<std::int64_t>())});
    }
    watched.on_blocked(seen);
}

}  // namespace cairn::postgres
