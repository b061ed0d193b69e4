// Measures what a step holds while it runs: relation locks from pg_locks, the moment and the WAL
// position of each of its statements.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "compiler/sql/facts.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/rehearse/rehearse.hpp"

namespace cairn::rehearse {

// For run::Settings::probe. Locks on system catalogs, on the journal and on indexes are left out.
[[nodiscard]] const std::string& probe_query();

// Milliseconds since the epoch, by the clock that the scratch server shares with us.
using Moment = double;
[[nodiscard]] Moment moment_now();

struct Probe {
    Moment at = 0;
    std::int64_t wal = 0;  // bytes since the server's beginning
    struct Held {
        std::string relation;  // its OID
        sql::LockMode mode = sql::LockMode::access_share;
        friend auto operator<=>(const Held&, const Held&) = default;
    };
    std::vector<Held> held;
};
[[nodiscard]] Probe read_probe(const std::vector<std::vector<postgres::Value>>& rows);

using RelationNames = std::map<std::string, std::string>;  // OID -> `public.users`

// From when to when each lock was held, as far as probes can tell: both ends lie between two of
// them, and the longer time counts.
class LockTimes {
public:
    // The locks of `probe` that are new were taken after `since`.
    void saw(Moment since, const Probe& probe);
    // What was held when it was last seen, but for what `but` still holds, no longer is.
    void let_go(Moment now, const Probe* but);
    [[nodiscard]] bool knows(const Probe::Held& held) const { return times_.contains(held); }
    // Of each relation in `names` its strongest lock, and weaker ones that were held for longer;
    // sorted by relation, the strongest first. `until`: when what is held at the last was let go.
    [[nodiscard]] std::vector<HeldLock> held(const RelationNames& names,
                                             std::optional<Moment> until) const;

private:
    struct Times {
        Moment from = 0, to = 0;
        bool is_held = false;
    };
    std::map<Probe::Held, Times> times_;
};

// Watches the locks of another session again and again on a connection and a thread of its own: of
// statements that are no transaction of ours, such as CREATE INDEX CONCURRENTLY.
class LockSampler {
public:
    // `application`: the application_name of the session to be watched.
    LockSampler(const std::string& conninfo, std::string application);
    LockSampler(const LockSampler&) = delete;
    LockSampler& operator=(const LockSampler&) = delete;
    ~LockSampler();
    // Ends the watch.
    [[nodiscard]] const LockTimes& stop();

private:
    void watch();

    std::string application_;
    std::optional<postgres::Session> session_;
    LockTimes times_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool ended_ = false;
    std::thread thread_;
};

}  // namespace cairn::rehearse
