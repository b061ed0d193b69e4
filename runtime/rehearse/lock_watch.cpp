#include "runtime/rehearse/lock_watch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>

namespace cairn::rehearse {
namespace {

using postgres::Session;

constexpr std::chrono::microseconds between_looks{200};

std::optional<Session> connect(const std::string& conninfo) {
    auto connected = Session::connect(conninfo, "cairn rehearse");
    if (auto* session = std::get_if<Session>(&connected)) return std::move(*session);
    return std::nullopt;
}

// The tables that the statement names, or whose index it names.
std::string tables_query(const compiler::Statement& statement) {
    std::string names;
    for (const auto& lock : statement.facts.locks)
        names += (names.empty() ? "" : ", ") + sql::quote_literal(lock.relation);
    return "SELECT DISTINCT t.oid, pg_catalog.quote_ident(n.nspname) || '.' ||"
           " pg_catalog.quote_ident(t.relname)"
           " FROM pg_catalog.unnest(ARRAY[" +
           names +
           "]::text[]) AS named (name)"
           " LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = "
           "pg_catalog.to_regclass(named.name)"
           " JOIN pg_catalog.pg_class AS t"
           " ON t.oid = coalesce(i.indrelid, pg_catalog.to_regclass(named.name))"
           " JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace"
           " WHERE t.relkind IN ('r', 'p')";
}

// SKIP_LOCKED would pass over what is held.
bool skips_locked(const compiler::Statement& statement) {
    std::string text = statement.sql.text;
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text.find("skip_locked") != std::string::npos;
}

}  // namespace

LockWatch::LockWatch(const std::string& conninfo, std::string application,
                     const compiler::Statement& statement)
    : application_(std::move(application)), session_(connect(conninfo)) {
    if (session_ && !statement.facts.locks.empty() && !skips_locked(statement))
        set_gates(conninfo, statement);
    thread_ = std::thread([this] { watch(); });
}

LockWatch::~LockWatch() {
    if (thread_.joinable()) (void)stop();
}

// EXCLUSIVE, unlike ACCESS EXCLUSIVE, writes nothing to the log.
void LockWatch::set_gates(const std::string& conninfo, const compiler::Statement& statement) {
    // VACUUM gives up truncating the table when somebody so much as reads it.
    let_go_at_once_ = statement.facts.kind == "VACUUM";
    const auto tables = session_->query(tables_query(statement));
    for (const auto& row : tables.rows) {
        auto session = connect(conninfo);
        if (!session) return;
        const std::string lock = "LOCK TABLE ONLY " + row[1].value_or("");
        const auto locked =
            session->script("BEGIN; " + lock + " IN ACCESS SHARE MODE; SAVEPOINT open; " + lock +
                            " IN EXCLUSIVE MODE");
        const auto own = session->query(
            "SELECT l.virtualxid FROM pg_catalog.pg_locks AS l"
            " WHERE l.locktype = 'virtualxid' AND l.pid = pg_catalog.pg_backend_pid()");
        if (!locked.ok() || own.rows.empty()) continue;
        gates_.push_back({.session = std::move(*session),
                          .relation = row[0].value_or(""),
                          .transaction = own.rows[0][0].value_or("")});
    }
}

LockWatch::Seen LockWatch::stop() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    return std::move(seen_);
}

void LockWatch::watch() {
    const auto query = lock_query(
        "l.pid IN (SELECT a.pid FROM pg_catalog.pg_stat_activity AS a WHERE a.application_name = " +
            sql::quote_literal(application_) + ")",
        Waiting::shown);
    while (session_) {
        const auto answer = session_->query(postgres::Command{query, {}, true});
        if (!answer.ok()) break;
        auto probe = read_probe(answer.rows);
        std::erase_if(probe.held, [&](const auto& held) { return is_of_dead_index(held); });
        std::sort(probe.held.begin(), probe.held.end());
        std::vector<Row> waiting;
        std::copy_if(answer.rows.begin(), answer.rows.end(), std::back_inserter(waiting),
                     [](const Row& row) { return row[5] == "f"; });
        keep(probe);
        if (!waiting.empty() && !gates_.empty()) let_pass(probe, waiting);
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, between_looks, [&] { return ended_; })) break;
    }
    gates_.clear();
}

// An index that DROP INDEX CONCURRENTLY or REINDEX CONCURRENTLY has declared dead is used by
// nobody, and so nobody waits for the ACCESS EXCLUSIVE in which it goes. Asked for anew: the look
// may be older.
bool LockWatch::is_of_dead_index(const Probe::Held& held) {
    if (held.mode != sql::LockMode::access_exclusive) return false;
    const auto living = session_->query(
        "SELECT FROM pg_catalog.pg_class AS c"
        " LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid"
        " WHERE c.oid = $1::pg_catalog.oid AND coalesce(i.indislive, true)",
        {held.relation});
    return living.ok() && living.rows.empty();
}

// What is asked for is granted the moment nobody stands before it.
void LockWatch::let_pass(const Probe& seen, const std::vector<Row>& waiting) {
    Probe granted = seen;
    Moment since = seen.at;
    bool opened = false;
    for (const auto& row : waiting) {
        opened = open_gate(row) || opened;
        if (row[2]) granted.held.push_back(held_of(row));
        if (row[6]) since = std::min(since, std::strtod(row[6]->c_str(), nullptr));
    }
    if (!opened) gates_.clear();  // whatever it is, we are not to stand in its way
    Probe before = seen;
    before.at = granted.at = moment_now();
    seen_.waited += granted.at - since;
    std::sort(granted.held.begin(), granted.held.end());
    keep(std::move(before));
    keep(std::move(granted));
}

// For a lock on the gate's table, or for the end of whoever holds any. False: it waits for no gate.
bool LockWatch::open_gate(const Row& waiting) {
    const auto gate = std::find_if(gates_.begin(), gates_.end(), [&](const Gate& each) {
        return waiting[2] ? each.relation == *waiting[2] : each.transaction == waiting[7];
    });
    if (gate == gates_.end()) return false;
    if (waiting[2] && !gate->is_open && !let_go_at_once_) {
        gate->is_open = true;
        return gate->session.script("ROLLBACK TO SAVEPOINT open").ok();
    }
    (void)gate->session.script("ROLLBACK");
    gates_.erase(gate);
    return true;
}

// Of looks that saw the same the first and the last tell all.
void LockWatch::keep(Probe probe) {
    auto& looks = seen_.looks;
    const bool same = !looks.empty() && looks.back().held == probe.held;
    if (same && same_)
        looks.back() = std::move(probe);
    else
        looks.push_back(std::move(probe));
    same_ = same;
}

}  // namespace cairn::rehearse
