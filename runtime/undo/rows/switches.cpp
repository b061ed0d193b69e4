#include "runtime/undo/rows/switches.hpp"

#include <fmt/format.h>

#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

// Pairs of what switches off and what switches on again. A foreign key between two of the tables waits until all of them are
// as they were. Triggers and rules that don't fire in this session anyway (disabled, replica only) stay as they are.
constexpr const char* query = R"sql(
WITH one AS (SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[]))
SELECT pg_catalog.format('ALTER TABLE ONLY %s DISABLE TRIGGER %I', o.name, t.tgname),
       pg_catalog.format('ALTER TABLE ONLY %s ENABLE %s TRIGGER %I', o.name, CASE t.tgenabled WHEN 'A' THEN 'ALWAYS' ELSE '' END, t.tgname)
    FROM one o JOIN pg_catalog.pg_trigger t ON t.tgrelid = o.oid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
UNION ALL
SELECT pg_catalog.format('ALTER TABLE ONLY %s DISABLE RULE %I', o.name, r.rulename),
       pg_catalog.format('ALTER TABLE ONLY %s ENABLE %s RULE %I', o.name, CASE r.ev_enabled WHEN 'A' THEN 'ALWAYS' ELSE '' END, r.rulename)
    FROM one o JOIN pg_catalog.pg_rewrite r ON r.ev_class = o.oid WHERE r.rulename <> '_RETURN' AND r.ev_enabled IN ('O', 'A')
UNION ALL
SELECT pg_catalog.format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY DEFERRED', o.name, f.conname),
       pg_catalog.format('ALTER TABLE %s ALTER CONSTRAINT %I NOT DEFERRABLE', o.name, f.conname)
    FROM one o JOIN pg_catalog.pg_constraint f ON f.conrelid = o.oid
    WHERE f.contype = 'f' AND f.conparentid = 0 AND NOT f.condeferrable AND f.confrelid = ANY ($1::oid[]))sql";

constexpr const char* forced_query = R"sql(
SELECT pg_catalog.format('ALTER TABLE ONLY %I.%I NO FORCE ROW LEVEL SECURITY', n.nspname, c.relname),
       pg_catalog.format('ALTER TABLE ONLY %I.%I FORCE ROW LEVEL SECURITY', n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1::oid[]) AND c.relrowsecurity AND c.relforcerowsecurity AND pg_catalog.pg_has_role(c.relowner, 'USAGE'))sql";

std::variant<Switches, compiler::Diagnostic> read(postgres::Session& session, const char* which, const std::vector<std::uint32_t>& tables) {
    const auto a = session.query(postgres::Command{which, {oid_array(tables)}, true});
    if (!a.ok()) return server_refused(a, 865, "reading triggers and foreign keys");
    Switches switches;
    for (const auto& row : a.rows) {
        switches.off += *row[0] + ";\n";
        switches.on = *row[1] + ";\n" + switches.on;
    }
    return switches;
}

}  // namespace

std::variant<Switches, compiler::Diagnostic> read_switches(postgres::Session& session, const std::vector<std::uint32_t>& tables) {
    return read(session, query, tables);
}

std::variant<Switches, compiler::Diagnostic> read_forced_security(postgres::Session& session, const std::vector<std::uint32_t>& tables) {
    return read(session, forced_query, tables);
}

}  // namespace cairn::undo
