// Looks at what the transaction has touched, by its own locks and counters.
#pragma once

#include <map>
#include <set>

#include "runtime/catalog/definitions.hpp"
#include "runtime/undo/rows/table.hpp"

namespace cairn::undo {

struct Touched {
    std::uint32_t oid = 0;
    std::string name;   // quoted and qualified
    char kind = 'r';
    std::int64_t inserted = 0, updated = 0, deleted = 0;
    std::uint32_t file = 0;
    bool is_new = false;  // created by this transaction: its undo drops it, rows and all
};

// Relations of users that this transaction holds a writer's lock on: DML, nextval and setval take one and keep it.
// Counters are those of the session's transaction so far; with track_counts off a writer's lock counts as a change.
struct View {
    std::map<std::uint32_t, Touched> relations;
    bool large_objects = false;
    bool counts = true;
    bool publishes_all = false;       // a publication FOR ALL TABLES
    bool has_event_triggers = false;  // users' code runs at every CREATE, ours among them
    bool has_drop_triggers = false;   // at every DROP
    std::string client_min_messages;
};
[[nodiscard]] std::variant<View, compiler::Diagnostic> look(postgres::Session&);

// Whether code may switch the counters off and on again: these texts, or some function of users, name the setting. It stays
// noted in the transaction, for `touched` of runtime/catalog.
[[nodiscard]] std::variant<bool, compiler::Diagnostic> may_hide_counts(postgres::Session&, const std::vector<const std::string*>& texts);

// The file of every user table: TRUNCATE and rewrites change it.
[[nodiscard]] std::variant<std::map<std::uint32_t, std::uint32_t>, compiler::Diagnostic> read_files(postgres::Session&);

// What would show that triggers of ours were switched off, or on again: a mark of each of these tables' triggers.
[[nodiscard]] std::variant<std::map<std::uint32_t, std::string>, compiler::Diagnostic> read_trigger_marks(
    postgres::Session&, const std::vector<std::uint32_t>& tables);

// Query: the ids of the running transaction and the subtransactions that are under way, as 32-bit text. Those that are over
// hold no lock on their ids any more.
inline constexpr const char* own_transaction_ids =
    "SELECT l.transactionid::text FROM pg_catalog.pg_locks l WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'transactionid' AND l.granted "
    "AND l.mode = 'ExclusiveLock'";

// Query: how many rows of the catalog the transaction has written so far, what keeping rows wrote meanwhile included.
// `catalogs`: a query of their OIDs.
[[nodiscard]] std::string catalog_writes_query(const std::string& catalogs = catalog::system_catalogs);
// Expression: how many of them a stretch's capture wrote while the stretch ran.
inline constexpr const char* writes_of_capture = "coalesce(nullif(pg_catalog.current_setting('cairn.catalog_writes', true), '')::bigint, 0)";

}  // namespace cairn::undo
