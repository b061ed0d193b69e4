#include "runtime/undo/rows/switches.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/catalog/definitions/relations.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

// Pairs of what switches off and what switches on again. A foreign key between two of the tables waits until all of them are
// as they were. Triggers and rules that don't fire in this session anyway (disabled, replica only) stay as they are. A published
// table takes INSERT without a replica identity, but neither UPDATE nor DELETE: the whole row is its identity meanwhile. A foreign key
// that cascades deletes or changes rows of the table it belongs to, and triggers for each statement fire there even where it finds none.
constexpr const char* query = R"sql(
WITH one AS (SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[])),
acted_on AS (SELECT DISTINCT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class c ON c.oid = f.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE f.contype = 'f' AND f.confrelid = ANY ($1::oid[]) AND f.conrelid <> ALL ($1::oid[])
        AND (f.confdeltype IN ('c', 'n', 'd') OR f.confupdtype IN ('c', 'n', 'd')) AND pg_catalog.pg_has_role(c.relowner, 'USAGE'))
SELECT pg_catalog.format('ALTER TABLE ONLY %s DISABLE TRIGGER %I', o.name, t.tgname),
       pg_catalog.format('ALTER TABLE ONLY %s ENABLE %s TRIGGER %I', o.name, CASE t.tgenabled WHEN 'A' THEN 'ALWAYS' ELSE '' END, t.tgname)
    FROM (SELECT oid, name, 0 AS events FROM one UNION ALL SELECT oid, name, 8 | 16 FROM acted_on) o
    JOIN pg_catalog.pg_trigger t ON t.tgrelid = o.oid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
        AND (o.events = 0 OR t.tgtype & 1 = 0 AND t.tgtype & o.events <> 0)  -- for each statement, DELETE or UPDATE
UNION ALL
SELECT pg_catalog.format('ALTER TABLE ONLY %s DISABLE RULE %I', o.name, r.rulename),
       pg_catalog.format('ALTER TABLE ONLY %s ENABLE %s RULE %I', o.name, CASE r.ev_enabled WHEN 'A' THEN 'ALWAYS' ELSE '' END, r.rulename)
    FROM one o JOIN pg_catalog.pg_rewrite r ON r.ev_class = o.oid WHERE r.rulename <> '_RETURN' AND r.ev_enabled IN ('O', 'A')
UNION ALL
SELECT pg_catalog.format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY DEFERRED', o.name, f.conname),
       pg_catalog.format('ALTER TABLE %s ALTER CONSTRAINT %I NOT DEFERRABLE', o.name, f.conname)
    FROM one o JOIN pg_catalog.pg_constraint f ON f.conrelid = o.oid
    WHERE f.contype = 'f' AND f.conparentid = 0 AND NOT f.condeferrable AND f.confrelid = ANY ($1::oid[])
UNION ALL
SELECT pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY FULL', o.name),
       pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY %s', o.name, CASE c.relreplident WHEN 'n' THEN 'NOTHING' ELSE 'DEFAULT' END)
    FROM one o JOIN pg_catalog.pg_class c ON c.oid = o.oid
    WHERE c.relkind = 'r' AND (c.relreplident = 'n' OR c.relreplident = 'd' AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid AND i.indimmediate))
        AND EXISTS (SELECT FROM pg_catalog.pg_publication p WHERE (p.pubupdate OR p.pubdelete) AND (p.puballtables OR EXISTS (
            SELECT FROM pg_catalog.pg_class a LEFT JOIN pg_catalog.pg_publication_rel r ON r.prrelid = a.oid AND r.prpubid = p.oid
                LEFT JOIN pg_catalog.pg_publication_namespace s ON s.pnnspid = a.relnamespace AND s.pnpubid = p.oid
            WHERE (a.oid = c.oid OR a.oid IN (SELECT relid FROM pg_catalog.pg_partition_ancestors(c.oid)))
                AND (r.oid IS NOT NULL OR s.oid IS NOT NULL)))))sql";

// A check that is inherited is dropped where it comes from: ancestors first, and added to them last. Children that have it of
// their own as well drop theirs.
const std::string constraint_switches = R"sql(
SELECT pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', o.name, k.conname),
       pg_catalog.concat_ws('; ', pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s', o.name, k.conname, pg_catalog.pg_get_constraintdef(k.oid)),
           pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, o.name, d.description),
           (SELECT pg_catalog.string_agg()sql" + catalog::switch_internal_trigger() + R"sql(, '; ' ORDER BY t.oid)
            FROM pg_catalog.pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgisinternal AND t.tgenabled <> 'O')),
       k.oid, o.name, k.conname
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)) o(name)
    LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objoid = k.oid)sql";

const std::string unproved_query = R"sql(
WITH RECURSIVE up(member, oid, depth) AS (
    SELECT m, m, 0 FROM unnest($1::oid[]) m
    UNION ALL
    SELECT up.member, i.inhparent, up.depth + 1 FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.oid)
)sql" + constraint_switches + R"sql(
    JOIN (SELECT oid, pg_catalog.max(depth) AS depth, pg_catalog.min(depth) AS nearest FROM up GROUP BY oid) a ON a.oid = c.oid
WHERE NOT k.convalidated AND k.conparentid = 0 AND (k.coninhcount = 0 OR k.conislocal) AND (k.contype = 'c' OR k.contype = 'f' AND a.nearest = 0)
ORDER BY a.depth DESC, k.oid)sql";

const std::string unproved_keys_query = constraint_switches + R"sql(
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT k.convalidated AND k.confrelid = ANY ($1::oid[]) AND k.conrelid <> ALL ($1::oid[]) ORDER BY k.oid)sql";

const std::string domain_switches = R"sql(
SELECT pg_catalog.format('ALTER DOMAIN %s DROP CONSTRAINT %I', o.name, k.conname),
       pg_catalog.concat_ws('; ', pg_catalog.format('ALTER DOMAIN %s ADD CONSTRAINT %I %s', o.name, k.conname, pg_catalog.pg_get_constraintdef(k.oid)),
           pg_catalog.format('COMMENT ON CONSTRAINT %I ON DOMAIN %s IS %L', k.conname, o.name, d.description)),
       k.oid, o.name, k.conname
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_type t ON t.oid = k.contypid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    CROSS JOIN LATERAL (SELECT pg_catalog.format('%I.%I', n.nspname, t.typname)) o(name)
    LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objoid = k.oid
WHERE NOT k.convalidated AND pg_catalog.pg_has_role(t.typowner, 'USAGE'))sql";

// Checks of domains that values of the tables have, also within arrays, ranges and composite types.
const std::string unproved_domains_query = R"sql(
WITH RECURSIVE held(type) AS (
    SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT n.type FROM held h CROSS JOIN LATERAL (
        SELECT CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END FROM pg_catalog.pg_type t WHERE t.oid = h.type
        UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE h.type IN (r.rngtypid, r.rngmultitypid)
        UNION ALL SELECT a.atttypid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid
            WHERE t.oid = h.type AND a.attnum > 0 AND NOT a.attisdropped) n(type)
))sql" + domain_switches + R"sql( AND t.oid IN (SELECT type FROM held) ORDER BY k.oid)sql";

const std::string acting_query = constraint_switches + R"sql(
WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = ANY ($1::oid[]) AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd')) ORDER BY k.oid)sql";

// What goes and comes with constraints $1: an inherited check, the key of a partition.
constexpr const char* along_query = R"sql(
WITH RECURSIVE along(oid, relid, name, contype) AS (
    SELECT k.oid, k.conrelid, k.conname, k.contype FROM pg_catalog.pg_constraint k WHERE k.oid = ANY ($1::oid[])
    UNION
    SELECT k.oid, k.conrelid, k.conname, k.contype FROM along a JOIN pg_catalog.pg_inherits i ON i.inhparent = a.relid
        JOIN pg_catalog.pg_constraint k ON k.conrelid = i.inhrelid AND k.contype = a.contype
            AND CASE a.contype WHEN 'f' THEN k.conparentid = a.oid ELSE k.conname = a.name AND k.coninhcount > 0 END)
SELECT a.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), a.name
FROM along a JOIN pg_catalog.pg_class c ON c.oid = a.relid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE a.oid <> ALL ($1::oid[]))sql";

constexpr const char* forced_query = R"sql(
SELECT pg_catalog.format('ALTER TABLE ONLY %I.%I NO FORCE ROW LEVEL SECURITY', n.nspname, c.relname),
       pg_catalog.format('ALTER TABLE ONLY %I.%I FORCE ROW LEVEL SECURITY', n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1::oid[]) AND pg_catalog.row_security_active(c.oid) AND pg_catalog.pg_has_role(c.relowner, 'USAGE'))sql";

void add(const std::vector<postgres::Value>& row, Switches& to) {
    to.off += *row[0] + ";\n";
    to.on = *row[1] + ";\n" + to.on;
}

std::variant<Switches, compiler::Diagnostic> read(postgres::Session& session, const char* which, const std::vector<std::uint32_t>& tables) {
    const auto a = session.query(postgres::Command{which, {oid_array(tables)}, true});
    if (!a.ok()) return server_refused(a, 865, "reading triggers and foreign keys");
    Switches switches;
    for (const auto& row : a.rows) add(row, switches);
    return switches;
}

std::variant<LeftAway, compiler::Diagnostic> read_constraints(postgres::Session& session, const std::string& which, const std::vector<std::uint32_t>& tables,
                                                             const LeftAway& but) {
    if (tables.empty()) return LeftAway{};
    const auto a = session.query(postgres::Command{which, {oid_array(tables)}, true});
    if (!a.ok()) return server_refused(a, 865, "reading constraints");
    LeftAway found;
    std::string oids;
    for (const auto& row : a.rows) {
        if (std::any_of(but.constraints.begin(), but.constraints.end(), [&](const auto& one) { return one.oid == *row[2]; })) continue;
        add(row, found.switches);
        found.constraints.push_back({.oid = *row[2], .table = *row[3], .name = *row[4]});
        oids += (oids.empty() ? "{" : ",") + *row[2];
    }
    if (oids.empty()) return found;
    const auto along = session.query(postgres::Command{along_query, {oids + "}"}, true});
    if (!along.ok()) return server_refused(along, 865, "reading constraints");
    for (const auto& row : along.rows) found.constraints.push_back({.oid = *row[0], .table = *row[1], .name = *row[2]});
    return found;
}

}  // namespace

std::variant<Switches, compiler::Diagnostic> read_switches(postgres::Session& session, const std::vector<std::uint32_t>& tables) {
    return read(session, query, tables);
}

std::variant<LeftAway, compiler::Diagnostic> read_acting(postgres::Session& session, const std::vector<std::uint32_t>& tables) {
    return read_constraints(session, acting_query, tables, {});
}

std::variant<LeftAway, compiler::Diagnostic> read_unproved(postgres::Session& session, const std::vector<std::uint32_t>& tables, const LeftAway& but) {
    auto own = read_constraints(session, unproved_query, tables, but);
    if (std::holds_alternative<compiler::Diagnostic>(own)) return own;
    auto& found = std::get<LeftAway>(own);
    for (const std::string& which : {unproved_keys_query, unproved_domains_query}) {
        auto read = read_constraints(session, which, tables, but);
        if (std::holds_alternative<compiler::Diagnostic>(read)) return read;
        const auto& more = std::get<LeftAway>(read);
        found.switches.off += more.switches.off;
        found.switches.on += more.switches.on;
        found.constraints.insert(found.constraints.end(), more.constraints.begin(), more.constraints.end());
    }
    return own;
}

std::variant<LeftAway, compiler::Diagnostic> read_unproved_of_types(postgres::Session& session, const std::vector<std::string>& statements) {
    LeftAway found;
    const auto any = [&](const auto& holds) { return std::any_of(statements.begin(), statements.end(), holds); };
    if (!any([](const std::string& sql) { return sql.starts_with("ALTER TABLE ") && sql.find(" TYPE ") != std::string::npos; })) return found;
    const auto a = session.query(domain_switches + " ORDER BY k.oid");
    if (!a.ok()) return server_refused(a, 865, "reading constraints of domains");
    for (const auto& row : a.rows) {
        const std::string type = " TYPE " + *row[3], changes = "ALTER DOMAIN " + *row[3] + " ";
        const bool is_given = any([&](const std::string& sql) {
            const auto at = sql.find(type);
            return at != std::string::npos && (at + type.size() == sql.size() || std::string_view(" [,").find(sql[at + type.size()]) != std::string_view::npos);
        });
        if (!is_given || any([&](const std::string& sql) { return sql.starts_with(changes); })) continue;
        add(row, found.switches);
        found.constraints.push_back({.oid = *row[2], .table = *row[3], .name = *row[4]});
    }
    return found;
}

std::variant<Switches, compiler::Diagnostic> read_forced_security(postgres::Session& session, const std::vector<std::uint32_t>& tables) {
    return read(session, forced_query, tables);
}

std::optional<compiler::Diagnostic> without_forced_security(postgres::Session& session, const std::vector<std::uint32_t>& tables,
                                                            const std::function<std::optional<compiler::Diagnostic>()>& work) {
    const auto forced = read_forced_security(session, tables);
    if (const auto* d = std::get_if<compiler::Diagnostic>(&forced)) return *d;
    const auto& [off, on] = std::get<Switches>(forced);
    if (!off.empty()) {
        if (const auto a = session.script(off); !a.ok()) return server_refused(a, 865, "lifting row security");
    }
    if (auto d = work()) return d;
    if (!on.empty()) {
        if (const auto a = session.script(on); !a.ok()) return server_refused(a, 865, "putting row security back");
    }
    return std::nullopt;
}

}  // namespace cairn::undo
