// Measures what a step holds while it runs: relation locks from pg_locks, the moment and the WAL
// position of each of its statements.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/sql/facts.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/rehearse/rehearse.hpp"

namespace cairn::rehearse {

// For run::Settings::probe. Locks on system catalogs, on the journal and on TOAST tables are left
// out.
[[nodiscard]] const std::string& probe_query();

// The same of the sessions that `whose` says, a condition on `l.pid`. Each row: the moment, the WAL
// position, a relation, the mode, the relation's file, whether the lock is granted, and since when
// it is waited for, and the virtual transaction; with `shown` also what is waited for, without a
// relation where that is the end of a transaction.
enum class Waiting { left_out, shown };
[[nodiscard]] std::string lock_query(const std::string& whose, Waiting);

// Milliseconds since the epoch, by the clock that the scratch server shares with us.
using Moment = double;
[[nodiscard]] Moment moment_of(std::chrono::system_clock::time_point);
[[nodiscard]] inline Moment moment_now() {
    return moment_of(std::chrono::system_clock::now());
}

struct Probe {
    Moment at = 0;
    std::int64_t wal = 0;  // bytes since the server's beginning
    struct Held {
        std::string relation;  // its OID
        sql::LockMode mode = sql::LockMode::access_share;
        friend auto operator<=>(const Held&, const Held&) = default;
    };
    std::vector<Held> held;
    std::map<std::string, std::string> files;  // of the tables held: OID -> number of its file
};
// Of what waits for a lock nothing is taken in.
[[nodiscard]] Probe read_probe(const run::ProbeRows& rows);
[[nodiscard]] Probe::Held held_of(const std::vector<postgres::Value>& row);

using RelationNames = std::map<std::string, std::string>;  // OID -> `public.users`

// Of each relation its strongest lock, and weaker ones that were held for longer; sorted by
// relation, the strongest first.
[[nodiscard]] std::vector<HeldLock> that_count(std::vector<HeldLock>);

// From when to when each lock was held, as far as probes can tell: both ends lie between two of
// them, and the longer time counts.
class LockTimes {
public:
    // The locks of `probe` that are new were taken after `since`.
    void saw(Moment since, const Probe& probe);
    // What was held when it was last seen, but for what `but` still holds, no longer is.
    void let_go(Moment now, const Probe* but);
    [[nodiscard]] bool knows(const Probe::Held& held) const { return times_.contains(held); }
    // Those of relations in `names` that count. `until`: when what is held at the last was let go.
    [[nodiscard]] std::vector<HeldLock> held(const RelationNames& names,
                                             std::optional<Moment> until) const;

private:
    struct Times {
        Moment from = 0, to = 0;
        bool is_held = false;
    };
    std::map<Probe::Held, Times> times_;
};

}  // namespace cairn::rehearse
