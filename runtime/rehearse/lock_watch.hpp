// Watches from sessions of its own which locks a statement takes that is no transaction of ours,
// such as CREATE INDEX CONCURRENTLY: the pg_locks of its own session show nothing before or after
// it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/rehearse/measure.hpp"

namespace cairn::rehearse {

// Looking again and again would miss what is held for a moment only. So each table that the
// statement names is held in EXCLUSIVE mode until the statement asks for it, and then in ACCESS
// SHARE until it asks for more: what it asks for stands in pg_locks while it waits. That time is
// taken off.
class LockWatch {
public:
    // `application`: the application_name of the session to be watched. When it returns, the
    // statement may be sent.
    LockWatch(const std::string& conninfo, std::string application, const compiler::Statement&);
    LockWatch(const LockWatch&) = delete;
    LockWatch& operator=(const LockWatch&) = delete;
    ~LockWatch();

    struct Seen {
        std::vector<Probe> looks;  // in order; those that saw nothing new are left out
        Moment waited = 0;         // milliseconds that the statement waited for us
    };
    // Ends the watch.
    [[nodiscard]] Seen stop();

private:
    struct Gate {
        postgres::Session session;
        std::string relation;     // its OID
        std::string transaction;  // the session's virtual transaction id, as pg_locks has it
        bool is_open = false;     // only ACCESS SHARE is left
    };
    void set_gates(const std::string& conninfo, const compiler::Statement&);
    void watch();
    using Row = std::vector<postgres::Value>;
    void let_pass(const Probe& seen, const std::vector<Row>& waiting);
    [[nodiscard]] bool is_of_dead_index(const Probe::Held&);
    bool open_gate(const Row& waiting);
    void keep(Probe);

    std::string application_;
    std::optional<postgres::Session> session_;
    bool let_go_at_once_ = false;
    std::vector<Gate> gates_;
    Seen seen_;
    bool same_ = false;  // whether the last but one saw what the last did
    std::mutex mutex_;
    std::condition_variable wake_;
    bool ended_ = false;
    std::thread thread_;
};

}  // namespace cairn::rehearse
