#include "runtime/undo/out_of_sight.hpp"

#include <fmt/format.h>

#include "runtime/journal/arrays.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

using compiler::Diagnostic;
using sql::NonTransactional;

// Functions of users with their bodies. A regular expression costs more than a look for the bare name.
constexpr const char* code = R"sql(WITH RECURSIVE code AS MATERIALIZED (
    SELECT p.oid, p.proname, p.provolatile, coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) AS body,
           '\m' || pg_catalog.regexp_replace(p.proname, '\W', '\\\&', 'g') || '\M"?\s*\(' AS word
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.oid >= 16384 AND l.lanname NOT IN ('internal', 'c') AND p.pronamespace <> ALL (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'cairn')))sql";

// From `needed` (of, refclassid, refobjid) and `named` (of, oid of a function) by every function that a body names: `reached` (of, first, oid),
// and those among them that may write.
constexpr const char* reached = R"sql(
first AS (
    SELECT of, oid FROM named
    UNION
    SELECT of, refobjid FROM needed WHERE refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    UNION
    SELECT of, o.oprcode::oid FROM needed JOIN pg_catalog.pg_operator o ON o.oid = refobjid WHERE refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass),
reached (of, first, oid) AS (
    SELECT of, oid, oid FROM first
    UNION
    SELECT r.of, r.first, called.oid FROM reached r JOIN code c ON c.oid = r.oid JOIN code called
        ON CASE WHEN pg_catalog.strpos(pg_catalog.lower(c.body), pg_catalog.lower(called.proname)) > 0 THEN c.body ~* called.word ELSE false END),
writing AS (
    SELECT r.* FROM reached r JOIN code c ON c.oid = r.oid
    WHERE c.provolatile = 'v' AND c.body ~* '\m(insert|update|delete|merge|truncate|copy|execute|create|alter|drop|lo_\w+)\M'))sql";

// Functions that the text `$1` names, or that indexes need: of the relations `$2`, of all where `$3`.
constexpr const char* of_statement = R"sql(
index AS (
    SELECT i.indexrelid FROM pg_catalog.pg_index i WHERE $3::bool AND i.indexrelid >= 16384
    UNION
    SELECT i.indexrelid FROM unnest($2::text[]) n CROSS JOIN LATERAL (
        SELECT pg_catalog.to_regclass(n)::oid UNION SELECT p.relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(n)) p) r (oid)
        JOIN pg_catalog.pg_index i ON r.oid IN (i.indexrelid, i.indrelid)),
needed (of, refclassid, refobjid) AS (
    SELECT 0, d.refclassid, d.refobjid FROM index i JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid),
named (of, oid) AS (
    SELECT 0, c.oid FROM code c WHERE CASE WHEN pg_catalog.strpos(pg_catalog.lower($1), pg_catalog.lower(c.proname)) > 0 THEN $1 ~* c.word ELSE false END))sql";

// Of the tables `$1`: what runs when a row is written.
constexpr const char* of_tables = R"sql(
parts AS (SELECT r.of, p.oid FROM unnest($1::oid[]) r (of) CROSS JOIN LATERAL (SELECT r.of UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(r.of) t) p (oid)),
objects (of, classid, objid) AS (
    SELECT p.of, 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid FROM parts p JOIN pg_catalog.pg_index i ON i.indrelid = p.oid
    UNION ALL
    SELECT p.of, 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid FROM parts p JOIN pg_catalog.pg_constraint k ON k.conrelid = p.oid AND k.contype = 'c'
    UNION ALL
    SELECT p.of, 'pg_catalog.pg_attrdef'::pg_catalog.regclass, e.oid FROM parts p JOIN pg_catalog.pg_attribute a ON a.attrelid = p.oid AND a.attgenerated <> ''
        JOIN pg_catalog.pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
    UNION ALL
    SELECT p.of, 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid FROM parts p JOIN pg_catalog.pg_attribute a ON a.attrelid = p.oid AND a.attnum > 0
        JOIN pg_catalog.pg_constraint k ON k.contypid = a.atttypid),
needed (of, refclassid, refobjid) AS (
    SELECT o.of, d.refclassid, d.refobjid FROM objects o JOIN pg_catalog.pg_depend d ON d.classid = o.classid AND d.objid = o.objid),
named (of, oid) AS (SELECT 0::oid, 0::oid WHERE false))sql";

std::string asking(const char* where, const char* for_what) { return fmt::format("{},{},{}\n{}", code, where, reached, for_what); }

}  // namespace

std::optional<Diagnostic> writes_out_of_sight(postgres::Session& session, const compiler::Item& item, const compiler::Statement& statement) {
    using Kind = compiler::Undo::Kind;
    const auto& facts = statement.facts;
    const auto* step = std::get_if<compiler::StepItem>(&item.body);
    const bool drops = facts.non_transactional == NonTransactional::drop_index_concurrently && facts.subject;
    if (step == nullptr || !step->keep_rows || facts.non_transactional == NonTransactional::no || !(facts.may_run_unseen_code || drops)) return std::nullopt;
    if (item.undo.kind != Kind::generated && item.undo.kind != Kind::nothing) return std::nullopt;
    const bool makes_index = facts.non_transactional == NonTransactional::create_index_concurrently;
    journal::TextArray names;
    if (drops) {
        names.add(facts.subject->name);
    } else if (!makes_index) {
        for (const auto& lock : facts.locks) names.add(lock.relation);
    }
    const bool all = !makes_index && !drops && facts.locks.empty();
    static const std::string query = asking(of_statement, "SELECT first::pg_catalog.regprocedure, oid::pg_catalog.regprocedure, first = oid FROM writing "
                                                          "ORDER BY first <> oid, 1, 2 LIMIT 1");
    const auto a = session.query(postgres::Command{query, {makes_index ? statement.sql.text : "", names.literal(), all ? "t" : "f"}, false});
    if (!a.ok()) return server_refused(a, 862, "looking for code that changes rows");
    if (a.rows.empty()) return std::nullopt;
    const auto& row = a.rows[0];
    const std::string does = row[2] == "t" ? "may change rows" : fmt::format("calls `{}`, which may change rows", *row[1]);
    auto refused = no_way_back(fmt::format("`{}` runs for each row of an index that {} builds, and {}: what is changed outside of a transaction can't be kept",
                                           *row[0], drops ? "the rollback" : "this", does));
    refused.where = statement.sql.locate(0, static_cast<std::uint32_t>(statement.sql.text.size()));
    return refused;
}

std::variant<std::set<std::uint32_t>, Diagnostic> tables_with_writing_code(postgres::Session& session, const std::vector<std::uint32_t>& tables) {
    static const std::string query = asking(of_tables, "SELECT DISTINCT of FROM writing");
    const auto a = session.query(postgres::Command{query, {oid_array(tables)}, true});
    if (!a.ok()) return server_refused(a, 862, "looking for code that changes rows");
    std::set<std::uint32_t> found;
    for (const auto& row : a.rows) found.insert(static_cast<std::uint32_t>(std::stoul(*row[0])));
    return found;
}

}  // namespace cairn::undo
