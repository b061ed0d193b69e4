// The definitions of objects as SQL: what recreates each of them, property by property, and the way
// from one state of them back to another.
//
// All of it runs inside the caller's transaction. What is asked of each kind of object is in
// definitions/family.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::catalog {

// As pg_depend names it. Parts that have a row of their own (constraint, trigger, default, rule,
// policy) are objects; columns are facets of their table, a row type and a composite type's
// relation are the table and the type.
struct ObjectId {
    std::string catalog;  // "pg_class", "pg_proc", …
    std::uint32_t oid = 0;
    friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

// One property of an object. Its SQL uses the names of the state it was read in, schema-qualified.
// Several statements are separated by \x1e.
struct Facet {
    std::string value;  // equal values need nothing
    std::string set;    // makes it so where it is absent; without trailing semicolon
    std::string reset;  // takes it away; empty: `set` of another value is enough
    // Not empty and equal in both states: `set` of the one replaces the other directly. Else the
    // one is reset and the other set.
    std::string in_place;
    enum class How {
        always,
        given,
        created,
        fresh,
        last,
        contents,
        rename,
        retype,
        lasting
    } how = How::always;  // family.hpp
};

// A row of pg_depend: the object, or its column, needs another, or that one's column.
struct Dependency {
    ObjectId on;
    int own_column = 0, column = 0;  // 0: not a column
    char kind = 'n';                 // pg_depend.deptype: n, a, i, P, S
    friend auto operator<=>(const Dependency&, const Dependency&) = default;
};

struct Object {
    ObjectId id;
    std::string word;      // as ALTER and COMMENT ON say it: "TABLE", "FUNCTION", "CONSTRAINT"
    std::string identity;  // as DROP takes it: `public.f(integer)`, `c ON public.t`
    std::string schema, name, suffix;  // not quoted; identity is made of them
    std::vector<Dependency> depends_on;
    bool root = false;                    // it was asked for; else it depends on one that was
    bool member = false;                  // of an extension, which makes and drops it
    std::map<std::string, Facet> facets;  // "" is the object itself: set is CREATE, reset is DROP
    // Of a table or a composite type, with their numbers, which change when they are made again.
    std::vector<std::pair<std::string, int>> columns;
    std::uint32_t relation = 0;  // whose columns these are: that of a composite type bears another OID than the type
};

using Definitions = std::map<ObjectId, Object>;

// Query: the OIDs of the catalogs that PostgreSQL comes with.
inline constexpr const char* system_catalogs =
    "SELECT oid FROM pg_catalog.pg_class WHERE oid < 16384 AND relkind = 'r' AND relnamespace = 11";
// These, as a literal of oid[]. The same for as long as a session lasts, which asks once. C0840.
[[nodiscard]] std::variant<std::string, compiler::Diagnostic> read_system_catalogs(postgres::Session&);

// What this transaction has written, subtransactions that were not rolled back included.
struct Touched {
    std::set<ObjectId> objects;
    std::uint64_t xid = 0;              // of the transaction; 0: it has written nothing
    // Catalogs in which it has changed or deleted rows that were there before, with their number or more.
    std::map<std::string, std::int64_t> replaced_in;
    // Catalogs it has written to and may not read (roles, for one who is no superuser): `objects`
    // has none of theirs.
    std::vector<std::string> unreadable;
    std::vector<std::string> unknown;  // of which nothing is read: no way back comes from here
};

// The settings of a transaction before they were pinned for reading; empty: they are not pinned.
using Pinned = std::vector<postgres::Value>;

// `on` in a transaction in which code may have switched `track_counts` off and on again.
inline constexpr const char* counts_are_hidden = "cairn.counts_are_hidden";

// The objects whose catalog rows this transaction has written and that are still there. Schema
// `cairn`, temporary objects and TOAST are left out. Only catalogs that PostgreSQL's own counters
// name are read, so that pg_stat_force_next_flush() belongs before BEGIN; all of them under
// `track_counts = off`. Those that one expects are given as `likely`: they are found by an index, and
// when they account for all that was written, large catalogs need not be looked through.
// `counts_are_its_own`: the counters were zero when it began, which spares looking for what it has replaced itself.
// With `pinned` the transaction's settings stay as they are read with, for read_definitions to go on and put them back.
[[nodiscard]] std::variant<Touched, compiler::Diagnostic> touched(
    postgres::Session&, const std::set<ObjectId>& likely = {}, Pinned* pinned = nullptr, bool counts_are_its_own = false);

// Seen from outside of that transaction, or once it was rolled back: what it has changed or deleted,
// as it still is. Some more, when others have rolled back such changes in the meantime. The session has no
// transaction.
[[nodiscard]] std::variant<std::set<ObjectId>, compiler::Diagnostic> touched_by_aborted(
    postgres::Session&, const Touched&, const std::set<ObjectId>& likely = {});

// Those among the objects that are there, as the session sees it.
[[nodiscard]] std::variant<std::set<ObjectId>, compiler::Diagnostic> standing(
    postgres::Session&, const std::set<ObjectId>&);

// The roots that exist, and what would have to be made again if one of them had to be: of tables
// only themselves. The transaction's settings are as before when it returns. C0840 when the server
// refuses.
[[nodiscard]] std::variant<Definitions, compiler::Diagnostic> read_definitions(
    postgres::Session&, const std::set<ObjectId>& roots, const Pinned& pinned = {});

// Rows that `before_rows` can't bring back: they must have been kept.
struct RowLoss {
    std::uint32_t table = 0;            // its OID in the state before
    std::string identity;               // in the state before
    std::vector<std::int16_t> columns;  // by number; empty: all
    enum class Why { dropped_table, dropped_column, retyped } why = Why::dropped_table;
};

// An object as the step left it: another digest now means that somebody has changed it since.
struct Guard {
    ObjectId id;
    std::string word, identity, digest;
};

struct WayBack {
    // To be run in this order, rows put back in between. All names are qualified; they want
    // `check_function_bodies = off`.
    std::vector<std::string> before_rows, after_rows;
    std::vector<compiler::Diagnostic> refused;  // C0841; not empty: there is no way back
    std::vector<RowLoss> losses;
    std::vector<Guard> guards;  // of what the way back changes or drops
};

// Both read with the same roots, those objects added to the second that the step has made.
[[nodiscard]] WayBack way_back(const Definitions& before, const Definitions& after);

// Of everything that is compared.
[[nodiscard]] std::string digest(const Object&);

}  // namespace cairn::catalog
