#include "runtime/journal/definition_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "runtime/journal/arrays.hpp"

namespace cairn::journal {
namespace {

constexpr const char* xmin = "r.xmin::text";

struct Part {
    const char* kind;  // as cairn.identity() takes it
    const char* part;  // for people, and SQL, as are the others; `r` is the catalog's row, `o` the object
    const char* value;  // no regproc or regclass among it, whose text depends on the search_path
    const char* catalog;
    const char* where;
    const char* xid = xmin;
    const char* drops = "";  // what DROP calls the relations that have such parts; all of them when empty
    // What others have made themselves is found elsewhere, by its dependency on the table, whose row tells who made it.
    const char* made = "NULL";
};

constexpr const char* column_value =
    "ROW(r.atttypid, r.atttypmod, r.attnotnull, r.attidentity, r.attgenerated, r.attstattarget, r.attstorage, r.attcompression, r.attcollation, "
    "r.attacl, r.attoptions, r.attfdwoptions, r.atthasdef, r.attislocal, r.attinhcount)";
constexpr const char* constraint_value = "ROW(r.convalidated, r.condeferrable, r.condeferred, r.connoinherit, r.conislocal)";
constexpr const char* trigger_value =
    "ROW(r.tgfoid, r.tgtype, r.tgenabled, r.tgdeferrable, r.tginitdeferred, r.tgattr, r.tgargs, r.tgqual::text)";
constexpr const char* rule_value = "ROW(r.ev_type, r.ev_enabled, r.is_instead, r.ev_qual::text, r.ev_action::text)";
constexpr const char* index_value = "ROW(r.indisclustered, r.indisreplident)";
constexpr const char* policy_value = "ROW(r.polcmd, r.polpermissive, r.polroles, r.polqual::text, r.polwithcheck::text)";
constexpr const char* itself = "'its definition'";

// https://www.postgresql.org/docs/15/catalogs.html. Not what PostgreSQL keeps for itself: a table's file and its counts. Nor what a table
// can't have yet when CREATE has made it, and what has an entry of its own in the trail: triggers, rules, policies.
constexpr Part parts[] = {
    {"relation", itself,
     "ROW(r.relname, r.relnamespace, r.relowner, r.relacl, r.reloptions, r.reltablespace, r.relam, r.relpersistence, r.relrowsecurity, "
     "r.relforcerowsecurity, r.relreplident, r.relispartition)", "pg_class", "r.oid = o.oid"},
    {"relation", "CASE WHEN r.attisdropped THEN 'a dropped column' ELSE 'column ' || r.attname END", column_value, "pg_attribute",
     "r.attrelid = o.oid AND r.attnum > 0", xmin, "TABLE FOREIGN VIEW MATERIALIZED INDEX"},
    {"relation", "'the default of column ' || r.adnum", "r.adbin", "pg_attrdef", "r.adrelid = o.oid", xmin, "TABLE FOREIGN VIEW"},
    {"relation", "'constraint ' || r.conname", constraint_value, "pg_constraint", "r.conrelid = o.oid", xmin, "TABLE FOREIGN",
     "(SELECT d.xmin::text FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = r.oid LIMIT 1)"},
    {"relation", "'its query'", rule_value, "pg_rewrite", "r.ev_class = o.oid AND r.rulename = '_RETURN'", xmin, "VIEW MATERIALIZED"},
    {"relation", "'index ' || r.indexrelid", index_value, "pg_index", "r.indexrelid = o.oid", xmin, "INDEX"},
    {"relation", "'index ' || r.indexrelid", index_value, "pg_index", "r.indrelid = o.oid", xmin, "TABLE MATERIALIZED",
     "(SELECT d.xmin::text FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = r.indexrelid LIMIT 1)"},
    {"relation", "'its bounds'", "r", "pg_sequence", "r.seqrelid = o.oid", xmin, "SEQUENCE"},
    {"relation", "'its options'", "r", "pg_foreign_table", "r.ftrelid = o.oid", xmin, "FOREIGN"},
    {"column", itself, column_value, "pg_attribute", "r.attrelid = o.oid AND r.attnum = o.number"},
    {"column", "'its default'", "r.adbin", "pg_attrdef", "r.adrelid = o.oid AND r.adnum = o.number"},
    {"constraint", itself, constraint_value, "pg_constraint", "r.oid = o.oid"},
    {"trigger", itself, trigger_value, "pg_trigger", "r.oid = o.oid"},
    {"rule", itself, rule_value, "pg_rewrite", "r.oid = o.oid"},
    {"policy", itself, policy_value, "pg_policy", "r.oid = o.oid"},
    {"function", itself,
     "ROW(r.proname, r.pronamespace, r.proowner, r.prolang, r.procost, r.prorows, r.provariadic, r.prokind, r.prosecdef, r.proleakproof, "
     "r.proisstrict, r.proretset, r.provolatile, r.proparallel, r.prorettype, r.proargtypes, r.proallargtypes, r.proargmodes, r.proargnames, "
     "r.proargdefaults::text, r.prosrc, r.probin, r.prosqlbody::text, r.proconfig, r.proacl)", "pg_proc", "r.oid = o.oid"},
    {"function", "'its parts'",
     "ROW(r.aggtransfn::oid, r.aggfinalfn::oid, r.aggcombinefn::oid, r.aggserialfn::oid, r.aggdeserialfn::oid, r.aggmtransfn::oid, "
     "r.aggminvtransfn::oid, r.aggmfinalfn::oid, r.aggsortop, r.aggtranstype, r.agginitval, r.aggminitval)", "pg_aggregate", "r.aggfnoid = o.oid"},
    {"type", itself,
     "ROW(r.typname, r.typnamespace, r.typowner, r.typacl, r.typnotnull, r.typdefault, r.typbasetype, r.typtypmod, r.typcollation, r.typstorage)",
     "pg_type", "r.oid = o.oid"},
    {"type", "'value ' || r.enumlabel", "r.enumlabel", "pg_enum", "r.enumtypid = o.oid"},
    {"type", "'constraint ' || r.conname", constraint_value, "pg_constraint", "r.contypid = o.oid"},
    {"type", "CASE WHEN r.attisdropped THEN 'a dropped attribute' ELSE 'attribute ' || r.attname END", column_value, "pg_attribute",
     "r.attnum > 0 AND r.attrelid = (SELECT c.oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' "
     "WHERE t.oid = o.oid)"},
    {"schema", itself, "r", "pg_namespace", "r.oid = o.oid"},
    {"collation", itself, "ROW(r.collname, r.collnamespace, r.collowner)", "pg_collation", "r.oid = o.oid"},
    {"extension", itself, "ROW(r.extowner, r.extnamespace, r.extversion)", "pg_extension", "r.oid = o.oid"},
    {"foreign_server", itself, "r", "pg_foreign_server", "r.oid = o.oid"},
    {"publication", itself, "r", "pg_publication", "r.oid = o.oid"},
    {"publication", "'table ' || (SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = r.prrelid)", "ROW(r.prqual::text, r.prattrs)", "pg_publication_rel", "r.prpubid = o.oid"},
    {"publication", "'schema ' || (SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid = r.pnnspid)", "r.pnnspid", "pg_publication_namespace", "r.pnpubid = o.oid"},
    {"event_trigger", itself, "ROW(r.evtname, r.evtowner, r.evtfoid, r.evtenabled, r.evttags)", "pg_event_trigger", "r.oid = o.oid"},
    // Who changed it last is only for superusers to read.
    {"role", itself,
     "ROW(r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolconnlimit, r.rolvaliduntil, "
     "r.rolbypassrls, r.rolconfig)", "pg_roles", "r.oid = o.oid", "'0'"},
    {"role", "'membership of ' || pg_catalog.pg_get_userbyid(r.member) || ' in ' || pg_catalog.pg_get_userbyid(r.roleid)", "r.admin_option",
     "pg_auth_members", "o.oid IN (r.roleid, r.member)"},
    {"statistics", itself, "ROW(r.stxname, r.stxnamespace, r.stxowner, r.stxstattarget)", "pg_statistic_ext", "r.oid = o.oid"},
};

std::string branch(const Part& one) {
    return fmt::format("SELECT {}, pg_catalog.hashtextextended(({})::text, 0)::text, {}, {} FROM pg_catalog.{} r WHERE o.kind = '{}' AND {}",
                       one.part, one.value, one.xid, one.made, one.catalog, one.kind, one.where);
}

// What COMMENT ON has said of it, and of a table's columns.
std::string comments(const Part& of) {
    const std::string_view kind = of.kind;
    const std::string of_one = kind == "relation" ? "" : kind == "column" ? " AND r.objsubid = o.number" : " AND r.objsubid = 0";
    const std::string where = fmt::format("r.objoid = o.oid AND r.classoid = 'pg_catalog.{}'::pg_catalog.regclass{}",
                                          kind == "column" ? "pg_class" : of.catalog, of_one);
    return branch({of.kind, "CASE WHEN o.kind <> 'relation' OR r.objsubid = 0 THEN 'its comment' ELSE 'the comment on column ' || r.objsubid END",
                   "r.description", "pg_description", where.c_str()});
}

bool has(const UndoRow& row, const Part& part) {
    if (!has_parts(row) || row.object.kind != part.kind) return false;
    const std::string_view drops = part.drops, statement = row.statement;
    constexpr std::string_view drop = "DROP ";
    if (drops.empty() || !statement.starts_with(drop)) return true;
    const auto kind = statement.substr(drop.size(), statement.find(' ', drop.size()) - drop.size());
    return drops.find(kind) != std::string_view::npos;
}

// Rows (part, hash, xid, made) of the object `o` (kind, oid, number). Only catalogs of kinds that occur: each that is named is opened.
std::string parts_of(const std::vector<UndoRow>& rows) {
    std::string sql;
    const char* last = nullptr;
    const auto add = [&](const std::string& query) { sql += (sql.empty() ? "" : " UNION ALL ") + query; };
    for (const auto& part : parts) {
        if (std::none_of(rows.begin(), rows.end(), [&](const UndoRow& row) { return has(row, part); })) continue;
        const bool first_of_kind = last == nullptr || std::string_view(last) != part.kind;
        if (first_of_kind) add(comments(part));
        add(branch(part));
        last = part.kind;
    }
    return sql;
}

// OFFSET 0 keeps it index scans, object by object.
// An identity is an OID, a column's its table's and the number.
std::string of_object(const std::string& kind, const std::string& identity, const std::string& queries) {
    return fmt::format("(SELECT {0} AS kind, pg_catalog.split_part({1}, '.', 1)::oid AS oid, nullif(pg_catalog.split_part({1}, '.', 2), '')::int AS number) o "
                       "CROSS JOIN LATERAL ({2} OFFSET 0) p (part, hash, xid, made)",
                       kind, identity, queries);
}

// What the trail keeps of an object; of parts that `xids`, if any, have written: others may have been there already.
std::string noted(const std::string& queries, const std::string& xids = {}) {
    return fmt::format("(SELECT pg_catalog.jsonb_build_object('parts', pg_catalog.jsonb_object_agg(p.part, p.hash){}, 'xid', u.xmin::text) FROM {})",
                       xids.empty() ? "" : fmt::format(" FILTER (WHERE p.xid = u.xmin::text OR p.xid IN ({}))", xids),
                       of_object("u.object_kind", "u.identity", queries));
}

constexpr const char* notable = "u.kind = 'sql' AND u.detail IS NULL AND u.identity IS NOT NULL AND NOT u.undone";

}  // namespace

bool has_parts(const UndoRow& row) {
    if (row.difference || !(row.statement.starts_with("DROP ") || row.statement.find(" DROP ") != std::string::npos)) return false;
    return std::any_of(std::begin(parts), std::end(parts), [&](const Part& part) { return row.object.kind == part.kind; });
}

postgres::Command note_parts(const std::string& run, const std::vector<UndoRow>& rows) {
    TextArray seqs;
    for (const auto& row : rows) {
        if (has_parts(row)) seqs.add(std::to_string(row.seq));
    }
    const std::string sql = fmt::format(
        "UPDATE cairn.undo u SET detail = {} WHERE u.run = $1 AND u.ordinal = $2::int AND u.seq = ANY ($3::int[]) AND u.identity IS NOT NULL",
        noted(parts_of(rows)));
    return {sql, {run, std::to_string(rows.front().ordinal), seqs.literal()}, true};
}

bool has_unknown_writer(const UndoRow& row) {
    return std::any_of(std::begin(parts), std::end(parts), [&](const Part& part) { return has(row, part) && std::string_view(part.xid) != xmin; });
}

postgres::Command kinds_to_note(const std::string& run) {
    return {fmt::format("SELECT DISTINCT u.object_kind FROM cairn.undo u WHERE u.run = $1 AND {}", notable), {run}, false};
}

postgres::Command note_all(const std::string& run, const std::vector<std::string>& kinds, const std::string& own_xids) {
    std::string queries;
    TextArray noting;
    for (const auto& part : parts) {
        if (std::find(kinds.begin(), kinds.end(), part.kind) == kinds.end()) continue;
        queries += (queries.empty() ? "" : " UNION ALL ") + branch(part);
        noting.add(part.kind);
    }
    if (queries.empty()) return {"SELECT", {}, false};
    return {fmt::format("UPDATE cairn.undo u SET detail = {} WHERE u.run = $1 AND {} AND u.object_kind = ANY ($2::text[])", noted(queries, own_xids), notable),
            {run, noting.literal()}, false};
}

postgres::Command changed_parts(const std::string& run, const std::vector<UndoRow>& rows, const std::string& settled_xids) {
    TextArray seqs, identities;
    for (const auto& row : rows) {
        if (!has_parts(row) || !row.identity) continue;
        seqs.add(std::to_string(row.seq));
        identities.add(row.identity);
    }
    // What the step's own transaction wrote last is as it left it, and a value that was noted tells more than a transaction. Mostly
    // nothing is left then: nobody asks whose transactions are whose.
    const std::string sql = fmt::format(
        "SELECT d.seq, pg_catalog.string_agg(DISTINCT d.part, ', ') FROM ("
        "SELECT u.seq, p.part, p.xid, p.made FROM unnest($3::int[], $4::text[]) n (seq, identity) "
        "JOIN cairn.undo u ON u.run = $1 AND u.ordinal = $2::int AND u.seq = n.seq "
        "CROSS JOIN LATERAL {} "
        "WHERE p.hash IS DISTINCT FROM u.detail -> 'parts' ->> p.part AND p.xid <> coalesce(u.detail ->> 'xid', u.xmin::text) OFFSET 0) d "
        "WHERE d.xid NOT IN ({}) AND (d.made IS NULL OR d.made IN ({})) GROUP BY d.seq",
        of_object("u.object_kind", "n.identity", parts_of(rows)), settled_xids, settled_xids);
    return {sql, {run, std::to_string(rows.front().ordinal), seqs.literal(), identities.literal()}, true};
}

}  // namespace cairn::journal
