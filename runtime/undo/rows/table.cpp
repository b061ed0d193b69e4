#include "runtime/undo/rows/table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

using postgres::Answer;
using postgres::Session;
using postgres::Value;

constexpr const char* tables_query = R"sql(
SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind,
       coalesce(pg_catalog.pg_partition_root(c.oid)::oid, c.oid),
       c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid),
       NOT c.relispartition AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid),
       pg_catalog.pg_has_role(c.relowner, 'USAGE'), pg_catalog.has_table_privilege(c.oid, 'TRIGGER'),
       pg_catalog.row_security_active(c.oid),
       c.relhasrules OR EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[]))sql";

constexpr const char* columns_query = R"sql(
SELECT a.attrelid, a.attnum, pg_catalog.quote_ident(a.attname),
       CASE WHEN b.built_in THEN pg_catalog.format_type(a.atttypid, a.atttypmod)
           ELSE pg_catalog.format('%I.%I', n.nspname, t.typname) END,
       NOT b.built_in, a.attgenerated <> '', a.attidentity = 'a', a.attnotnull
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace,
LATERAL (SELECT n.nspname = 'pg_catalog' AND t.oid < 16384 AS built_in) b
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum)sql";

// The best key of each table: the primary key, then the one of the fewest columns. Equality is that of the index's operator
// class; it is exact where B-tree may fold equal entries (support function 4) and the collation tells all texts apart.
constexpr const char* keys_query = R"sql(
WITH best AS (
    SELECT DISTINCT ON (i.indrelid) i.indrelid, i.indexrelid, i.indkey, i.indclass, i.indcollation, i.indnkeyatts
    FROM pg_catalog.pg_index i
    WHERE i.indrelid = ANY ($1::oid[]) AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indisready
      AND i.indpred IS NULL AND i.indexprs IS NULL
      AND NOT EXISTS (SELECT FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) p
          JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p] WHERE NOT a.attnotnull)
    ORDER BY i.indrelid, NOT i.indisprimary, i.indnkeyatts, i.indexrelid)
SELECT b.indrelid, b.indkey[p], pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname),
       coalesce(CASE WHEN NOT (l.collname = 'default' AND l.collnamespace = 'pg_catalog'::pg_catalog.regnamespace)
           THEN pg_catalog.format('%I.%I', ln.nspname, l.collname) END, ''),
       coalesce(l.collisdeterministic, true) AND EXISTS (SELECT FROM pg_catalog.pg_amproc f WHERE f.amprocfamily = c.opcfamily
           AND f.amproclefttype = c.opcintype AND f.amprocrighttype = c.opcintype AND f.amprocnum = 4)
FROM best b CROSS JOIN LATERAL pg_catalog.generate_series(0, b.indnkeyatts - 1) p
JOIN pg_catalog.pg_opclass c ON c.oid = b.indclass[p]
JOIN pg_catalog.pg_amop m ON m.amopfamily = c.opcfamily AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype
    AND m.amopstrategy = 3 AND m.amoppurpose = 's'
JOIN pg_catalog.pg_operator o ON o.oid = m.amopopr JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
LEFT JOIN pg_catalog.pg_collation l ON l.oid = b.indcollation[p]
LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
ORDER BY b.indrelid, p)sql";

// Bits: 1 inserts, 2 updates, 4 deletes, 8 truncates. A foreign key's action changes the referencing table; a TRUNCATE
// with CASCADE reaches it whatever the action.
constexpr const char* widen_query = R"sql(
WITH RECURSIVE reach(oid, ops) AS (
    SELECT * FROM unnest($1::oid[], $2::int[])
    UNION
    SELECT n.oid, n.ops FROM reach r CROSS JOIN LATERAL (
        SELECT i.inhrelid AS oid, r.ops FROM pg_catalog.pg_inherits i WHERE i.inhparent = r.oid
        UNION ALL
        SELECT i.inhparent, r.ops FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
            WHERE i.inhrelid = r.oid AND p.relkind = 'p'
        UNION ALL
        SELECT f.conrelid, CASE WHEN f.confdeltype = 'c' THEN r.ops & 4 WHEN f.confdeltype IN ('n', 'd') THEN (r.ops & 4) / 2 ELSE 0 END
            | CASE WHEN f.confupdtype IN ('c', 'n', 'd') THEN r.ops & 2 ELSE 0 END | (r.ops & 8)
            FROM pg_catalog.pg_constraint f WHERE f.contype = 'f' AND f.confrelid = r.oid
        UNION ALL
        SELECT d.refobjid, r.ops FROM pg_catalog.pg_class v JOIN pg_catalog.pg_rewrite w ON w.ev_class = v.oid
            JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
                AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> v.oid
            WHERE v.oid = r.oid AND v.relkind = 'v'
    ) n WHERE n.ops <> 0
)
SELECT c.oid, bit_or(r.ops) FROM reach r JOIN pg_catalog.pg_class c ON c.oid = r.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT IN ('cairn', 'pg_catalog', 'information_schema', 'pg_toast')
GROUP BY c.oid ORDER BY c.oid)sql";

// Where the rows of the table are values of columns, by its row type: domains over it, arrays, ranges and composite types of it too.
constexpr const char* holders = R"sql(
WITH RECURSIVE of(relation, type) AS (
    SELECT c.oid, c.reltype FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1::oid[])
    UNION
    SELECT o.relation, n.type FROM of o CROSS JOIN LATERAL (
        SELECT t.oid FROM pg_catalog.pg_type t WHERE o.type IN (t.typelem, t.typbasetype)
        UNION ALL SELECT r.rngtypid FROM pg_catalog.pg_range r WHERE r.rngsubtype = o.type
        UNION ALL SELECT r.rngmultitypid FROM pg_catalog.pg_range r WHERE r.rngsubtype = o.type
        UNION ALL SELECT c.reltype FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind = 'c'
            WHERE a.atttypid = o.type AND NOT a.attisdropped) n(type)
)
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(a.attname), pg_catalog.format('%I.%I', mine_n.nspname, mine.relname)
FROM of o JOIN pg_catalog.pg_attribute a ON a.atttypid = o.type AND NOT a.attisdropped
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm') JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class mine ON mine.oid = o.relation JOIN pg_catalog.pg_namespace mine_n ON mine_n.oid = mine.relnamespace
ORDER BY 3, 1, a.attnum LIMIT 1)sql";

std::uint32_t number(const Value& v) { return static_cast<std::uint32_t>(std::stoul(*v)); }
bool yes(const Value& v) { return v == "t"; }

int bits(const RowOps& ops) { return (ops.inserts ? 1 : 0) | (ops.updates ? 2 : 0) | (ops.deletes ? 4 : 0) | (ops.truncates ? 8 : 0); }

RowOps ops_of(int b) {
    return {.inserts = (b & 1) != 0, .updates = (b & 2) != 0, .deletes = (b & 4) != 0, .truncates = (b & 8) != 0};
}

Table table_of(const std::vector<Value>& row) {
    Table t;
    t.oid = number(row[0]);
    t.name = *row[1];
    t.kind = row[2]->front();
    t.root = number(row[3]);
    t.has_heirs = yes(row[4]);
    t.is_heir = yes(row[5]);
    t.is_owned = yes(row[6]);
    t.may_trigger = yes(row[7]);
    t.hides_rows = yes(row[8]);
    t.has_code = yes(row[9]);
    return t;
}

}  // namespace

std::variant<Tables, compiler::Diagnostic> read_tables(Session& session, const std::vector<std::uint32_t>& oids) {
    const std::vector<Value> params{oid_array(oids)};
    const auto answers = session.pipeline({{tables_query, params, true}, {columns_query, params, true}, {keys_query, params, true}});
    for (const auto& a : answers) {
        if (!a.ok()) return server_refused(a, 862, "reading the definitions of tables");
    }
    Tables tables;
    for (const auto& row : answers[0].rows) tables.emplace(number(row[0]), table_of(row));
    for (const auto& row : answers[1].rows) {
        const auto t = tables.find(number(row[0]));
        if (t == tables.end()) continue;
        t->second.columns.push_back({.number = static_cast<std::int16_t>(std::stoi(*row[1])), .name = *row[2], .type = *row[3],
                                     .as_text = yes(row[4]), .is_generated = yes(row[5]), .identity_always = yes(row[6]),
                                     .not_null = yes(row[7])});
    }
    for (const auto& row : answers[2].rows) {
        const auto t = tables.find(number(row[0]));
        if (t == tables.end()) continue;
        t->second.key.push_back({.number = static_cast<std::int16_t>(std::stoi(*row[1])), .equals = *row[2],
                                 .collation = *row[3], .is_exact = yes(row[4])});
    }
    return tables;
}

KeptRows keeping(const Table& table) {
    KeptRows rows;
    rows.oid = table.oid;
    rows.table = table.name;
    rows.only = table.has_heirs;
    rows.key = table.key;
    for (const auto& c : table.columns) {
        const bool in_key = std::any_of(table.key.begin(), table.key.end(), [&](const KeyColumn& k) { return k.number == c.number; });
        if (!c.is_generated || in_key) rows.columns.push_back(c);
    }
    return rows;
}

std::variant<std::vector<CaptureTable>, compiler::Diagnostic> widen(Session& session, const std::vector<CaptureTable>& tables) {
    if (tables.empty()) return std::vector<CaptureTable>{};
    std::vector<std::uint32_t> oids;
    for (const auto& t : tables) oids.push_back(t.oid);
    const std::string ops = "{" + joined(tables, ",", [](const CaptureTable& t) { return std::to_string(bits(t.ops)); }) + "}";
    const Answer a = session.query(postgres::Command{widen_query, {oid_array(oids), ops}, true});
    if (!a.ok()) return server_refused(a, 862, "looking for the tables that a change reaches");
    std::vector<CaptureTable> wide;
    for (const auto& row : a.rows) wide.push_back({.oid = number(row[0]), .ops = ops_of(std::stoi(*row[1]))});
    return wide;
}

std::optional<compiler::Diagnostic> values_elsewhere(Session& session, const std::vector<std::uint32_t>& tables) {
    if (tables.empty()) return std::nullopt;
    const auto a = session.query(postgres::Command{holders, {oid_array(tables)}, true});
    if (!a.ok()) return server_refused(a, 862, "looking for values of a table's row type");
    if (a.rows.empty()) return std::nullopt;
    const auto& row = a.rows[0];
    return no_way_back(fmt::format("column {} of `{}` holds rows of `{}` as values, and what the step takes from these would not come back", *row[1], *row[0], *row[2]));
}

}  // namespace cairn::undo
