#include "runtime/undo/rows/packed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

// The transition table can't be read from the middle: each array but the first passes over what the ones before it took. After
// four of them a row each is cheaper. A test has smaller ones by setting `cairn.keys_in_array`.
constexpr int least = 1000;
constexpr const char* in_one = "coalesce(nullif(current_setting('cairn.keys_in_array', true), '')::bigint, 1048576)";

// `each` of the key's columns, in the kept order.
template <class Each>
std::string of_key(const KeptRows& rows, const Each& each) {
    return joined(rows.key, ", ", [&](const KeyColumn& k) { return each(column(rows, k.number)); });
}

std::string packed_name(const KeptColumn& c) { return fmt::format("p_{}", c.number); }

std::string key_names(const KeptRows& rows) { return of_key(rows, kept_name); }

// Query of (the key, who put it in).
std::string unpacked(const KeptRows& rows, const std::string& table) {
    return fmt::format("SELECT {0}, p.xmin AS cairn_xmin FROM {1} p CROSS JOIN LATERAL ROWS FROM ({2}) u({3}) WHERE p.cairn_op = 'P'",
                       of_key(rows, [](const KeptColumn& c) { return "u." + kept_name(c); }), table,
                       of_key(rows, [](const KeptColumn& c) { return fmt::format("pg_catalog.unnest(p.{})", packed_name(c)); }), key_names(rows));
}

}  // namespace

bool can_pack(const KeptRows& rows) {
    static constexpr std::array<std::string_view, 8> types{
        "smallint", "integer", "bigint", "oid", "uuid", "date", "timestamp without time zone", "timestamp with time zone"};
    return !rows.key.empty() && std::all_of(rows.key.begin(), rows.key.end(), [&](const KeyColumn& k) {
        const auto& c = column(rows, k.number);
        return !c.as_text && std::find(types.begin(), types.end(), c.type) != types.end();
    });
}

std::string is_worth_packing(const std::string& transition) { return fmt::format("EXISTS (SELECT FROM {} OFFSET {})", transition, least - 1); }

std::string pack(const Unit& u, const std::string& transition) {
    const KeptRows& r = u.rows;
    const std::string table = first_table(u);
    const std::string names = of_key(r, [](const KeptColumn& c) { return c.name; });
    return fmt::format(
        "EXECUTE $first$ CREATE TABLE {table} (cairn_op \"char\", {columns}, {arrays}) $first$; "
        "EXECUTE $first$ ALTER TABLE {table} {storage} $first$; cairn_n := 0; cairn_most := {in_one}; "
        "LOOP EXECUTE $first$ INSERT INTO {table} (cairn_op, {packed}) SELECT 'P', {aggregates} FROM (SELECT {names} FROM {transition} OFFSET $1 LIMIT $2) n "
        "HAVING count(*) > 0 RETURNING cardinality({one}) $first$ INTO cairn_part USING cairn_n, cairn_most; "
        "cairn_n := cairn_n + coalesce(cairn_part, 0); EXIT WHEN cairn_part IS DISTINCT FROM cairn_most OR cairn_n >= 4 * cairn_most; END LOOP; "
        "IF cairn_n >= 4 * cairn_most THEN EXECUTE $first$ INSERT INTO {table} (cairn_op, {keys}) SELECT 'i', {names} FROM {transition} OFFSET $1 $first$ "
        "USING cairn_n; GET DIAGNOSTICS cairn_part = ROW_COUNT; cairn_n := cairn_n + cairn_part; END IF;",
        fmt::arg("table", table), fmt::arg("columns", of_key(r, [](const KeptColumn& c) { return kept_name(c) + " " + kept_type(c); })),
        fmt::arg("arrays", of_key(r, [](const KeptColumn& c) { return packed_name(c) + " " + kept_type(c) + "[]"; })),
        fmt::arg("storage", of_key(r, [](const KeptColumn& c) { return fmt::format("ALTER COLUMN {} SET STORAGE EXTERNAL", packed_name(c)); })),
        fmt::arg("packed", of_key(r, packed_name)), fmt::arg("keys", key_names(r)), fmt::arg("names", names),
        fmt::arg("aggregates", of_key(r, [](const KeptColumn& c) { return fmt::format("array_agg(n.{})", c.name); })),
        fmt::arg("one", packed_name(column(r, r.key[0].number))), fmt::arg("transition", transition), fmt::arg("in_one", in_one));
}

// Constants for every row, and columns that are NULL in all of them, cost no rewrite.
std::string finish_packed(const Unit& u) {
    std::string columns;
    for (const auto& c : u.rows.columns) {
        const bool in_key = std::any_of(u.rows.key.begin(), u.rows.key.end(), [&](const KeyColumn& k) { return k.number == c.number; });
        if (!in_key) columns += fmt::format(", ADD COLUMN {} {}", kept_name(c), kept_type(c));
    }
    return fmt::format("ALTER TABLE {} ADD COLUMN cairn_seq int DEFAULT 0, ADD COLUMN cairn_xmin xid{};\n", first_table(u), columns);
}

std::string merge_packed(const Unit& u, const std::string& statement) {
    const std::string names = key_names(u.rows), first = first_table(u);
    return fmt::format("INSERT INTO {0} (cairn_seq, cairn_op, {1}) SELECT {2}, 'i', {1} FROM ({3}) p UNION ALL SELECT {2}, 'i', {1} FROM {4} WHERE cairn_op = 'i';\n"
                       "DROP TABLE {4};\n", u.rows.kept_table, names, statement, unpacked(u.rows, first), first);
}

std::optional<compiler::Diagnostic> unpack(postgres::Session& session, const KeptRows& rows) {
    const std::string names = key_names(rows);
    const auto a = session.script(fmt::format("INSERT INTO {0} (cairn_op, {1}, cairn_xmin) SELECT 'i', {1}, cairn_xmin FROM ({2}) p; "
                                              "DELETE FROM {0} WHERE cairn_op = 'P'", rows.kept_table, names, unpacked(rows, rows.kept_table)));
    if (!a.ok()) return server_refused(a, 865, fmt::format("unpacking the rows kept of `{}`", rows.table));
    return std::nullopt;
}

}  // namespace cairn::undo
