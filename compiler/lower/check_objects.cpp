// Checks of the catalog: each names what it found beside its verdict. Names go to to_regclass and its like as
// literals, so that PostgreSQL folds and finds them as it does in SQL.
#include <fmt/format.h>

#include <array>

#include "compiler/lower/check_parts.hpp"
#include "compiler/resolve/identifier.hpp"

namespace cairn::compiler {

namespace {

using grammar::ObjectKind;
using grammar::ObjectState;
using sql::quote_literal;

std::vector<std::string> parts_of(const std::string& written) {
    return parse_name(written).value_or(std::vector<std::string>{written});
}

// The last part as the catalog holds it, as a literal.
std::string catalog_name(const std::string& written) { return quote_literal(parts_of(written).back()); }

std::string table_query(const std::string& name, bool exists) {
    return fmt::format(
        "SELECT {}COALESCE(c.relkind IN ('r', 'p', 'f'), false) AS passed,\n"
        "       CASE c.relkind WHEN 'r' THEN 'a table' WHEN 'p' THEN 'a partitioned table'\n"
        "            WHEN 'f' THEN 'a foreign table' WHEN 'v' THEN 'a view'\n"
        "            WHEN 'm' THEN 'a materialized view' WHEN 'S' THEN 'a sequence'\n"
        "            WHEN 'i' THEN 'an index' WHEN 'I' THEN 'a partitioned index'\n"
        "            WHEN 'c' THEN 'a composite type' ELSE 'nothing of this name' END AS found\n"
        "FROM (SELECT pg_catalog.to_regclass({}) AS oid) AS named\n"
        "LEFT JOIN pg_catalog.pg_class AS c ON c.oid = named.oid",
        exists ? "" : "NOT ", quote_literal(name));
}

// The type as format_type() writes it, where the plan writes a shorthand with a modifier; those without
// one are left to to_regtype().
std::string canonical_type(const std::string& written) {
    struct Alias {
        std::string_view name, full, after;
    };
    constexpr auto aliases = std::to_array<Alias>({{"varchar", "character varying", ""},
                                                   {"char", "character", ""},
                                                   {"varbit", "bit varying", ""},
                                                   {"decimal", "numeric", ""},
                                                   {"dec", "numeric", ""},
                                                   {"timestamptz", "timestamp", " with time zone"},
                                                   {"timetz", "time", " with time zone"}});
    std::string type;
    for (const char c : written) {
        const bool glued = !type.empty() && (type.back() == '(' || type.back() == ',' || type.back() == ' ');
        if (c == ' ' && glued) continue;
        if ((c == '(' || c == ')' || c == ',' || c == '[') && type.ends_with(' ')) type.pop_back();
        type += c;
    }
    const std::size_t open = type.find('('), close = type.find(')');
    if (open == std::string::npos || close == std::string::npos) return type;
    for (const Alias& alias : aliases) {
        if (type.substr(0, open) != alias.name) continue;
        return std::string(alias.full) + type.substr(open, close + 1 - open) + std::string(alias.after) +
               type.substr(close + 1);
    }
    const std::string head = type.substr(0, open);
    if ((head == "timestamp" || head == "time") && close + 1 == type.size()) return type + " without time zone";
    return type;
}

std::string type_condition(const std::string& type) {
    const std::string wanted = quote_literal(canonical_type(type));
    const std::string actual = "pg_catalog.format_type(a.atttypid, a.atttypmod)";
    // A type without a modifier may be written as any name of it: int4, varchar.
    if (type.find('(') != std::string::npos) return actual + " = " + wanted;
    return fmt::format("{} IN ({}, pg_catalog.format_type(pg_catalog.to_regtype({}), NULL))", actual, wanted,
                       wanted);
}

std::string column_query(const grammar::ObjectCheck& check, const std::string& name,
                         const std::string& type) {
    std::vector<std::string> parts = parts_of(name);
    const std::string column = quote_literal(parts.back());
    parts.pop_back();
    std::string condition, more;
    switch (check.state) {
        case ObjectState::absent: condition = "a.attname IS NULL"; break;
        case ObjectState::not_null: condition = "COALESCE(a.attnotnull, false)"; break;
        case ObjectState::is_type:
            condition = fmt::format("COALESCE({}, false)", type_condition(type));
            more = fmt::format(",\n       CASE WHEN pg_catalog.to_regtype({0}) IS NULL THEN 'no type is called so: ' "
                               "ELSE '' END || {0} AS wanted",
                               quote_literal(canonical_type(type)));
            break;
        default: condition = "a.attname IS NOT NULL"; break;
    }
    return fmt::format(
        "SELECT {} AS passed,\n"
        "       CASE WHEN named.oid IS NULL THEN 'no such table' WHEN a.attname IS NULL THEN 'no such column'\n"
        "            ELSE pg_catalog.format_type(a.atttypid, a.atttypmod)\n"
        "                 || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END END AS found{}\n"
        "FROM (SELECT pg_catalog.to_regclass({}) AS oid) AS named\n"
        "LEFT JOIN pg_catalog.pg_attribute AS a\n"
        "  ON a.attrelid = named.oid AND a.attname = {} AND a.attnum > 0 AND NOT a.attisdropped",
        condition, more, quote_literal(as_sql(parts)), column);
}

std::string constraint_query(ObjectState state, const std::string& name, const std::string& table) {
    const char* condition = state == ObjectState::absent ? "con.conname IS NULL"
                            : state == ObjectState::valid ? "COALESCE(con.convalidated, false)"
                                                          : "con.conname IS NOT NULL";
    return fmt::format(
        "SELECT {} AS passed,\n"
        "       CASE WHEN named.oid IS NULL THEN 'no such table' WHEN con.conname IS NULL THEN 'no such constraint'\n"
        "            ELSE pg_catalog.pg_get_constraintdef(con.oid) END AS found\n"
        "FROM (SELECT pg_catalog.to_regclass({}) AS oid) AS named\n"
        "LEFT JOIN pg_catalog.pg_constraint AS con ON con.conrelid = named.oid AND con.conname = {}",
        condition, quote_literal(table), catalog_name(name));
}

std::string index_query(ObjectState state, const std::string& name) {
    const char* condition = state == ObjectState::absent ? "i.indexrelid IS NULL"
                            : state == ObjectState::valid ? "COALESCE(i.indisvalid AND i.indisready, false)"
                                                          : "i.indexrelid IS NOT NULL";
    return fmt::format(
        "SELECT {} AS passed,\n"
        "       CASE WHEN i.indexrelid IS NULL THEN 'no such index'\n"
        "            ELSE pg_catalog.pg_get_indexdef(i.indexrelid)\n"
        "                 || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END END AS found\n"
        "FROM (SELECT pg_catalog.to_regclass({}) AS oid) AS named\n"
        "LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = named.oid",
        condition, quote_literal(name));
}

std::string function_query(bool exists, const std::string& name) {
    const char* test = exists ? "IS NOT NULL" : "IS NULL";
    if (name.ends_with(')')) {
        return fmt::format(
            "SELECT p.oid {} AS passed,\n"
            "       COALESCE('returns ' || pg_catalog.pg_get_function_result(p.oid), 'no such function') AS found\n"
            "FROM (SELECT pg_catalog.to_regprocedure({}) AS oid) AS named\n"
            "LEFT JOIN pg_catalog.pg_proc AS p ON p.oid = named.oid",
            test, quote_literal(name));
    }
    // to_regproc() says NULL of an overloaded name, which would pass for an absent one.
    const std::vector<std::string> parts = parts_of(name);
    const std::string place =
        parts.size() > 1
            ? fmt::format("p.pronamespace = pg_catalog.to_regnamespace({})",
                          quote_literal(sql::quote_identifier(parts.front())))
            : std::string("pg_catalog.pg_function_is_visible(p.oid)");
    return fmt::format(
        "SELECT pg_catalog.min(p.proname::text) {} AS passed,\n"
        "       COALESCE(pg_catalog.string_agg(p.oid::pg_catalog.regprocedure::text, '; '), 'no such function') AS found\n"
        "FROM pg_catalog.pg_proc AS p\n"
        "WHERE p.proname = {} AND {}",
        test, catalog_name(name), place);
}

std::string policy_query(bool exists, const std::string& name, const std::string& table) {
    return fmt::format(
        "SELECT pol.polname {} AS passed,\n"
        "       CASE WHEN named.oid IS NULL THEN 'no such table' WHEN pol.polname IS NULL THEN 'no such policy'\n"
        "            ELSE 'a policy' END AS found\n"
        "FROM (SELECT pg_catalog.to_regclass({}) AS oid) AS named\n"
        "LEFT JOIN pg_catalog.pg_policy AS pol ON pol.polrelid = named.oid AND pol.polname = {}",
        exists ? "IS NOT NULL" : "IS NULL", quote_literal(table), catalog_name(name));
}

// Keys that partitions inherit are their parent's. The rows are counted by a query that PostgreSQL writes
// for each key, so that the text here is the same for every database.
constexpr const char* foreign_keys_query =
    "SELECT con.conname AS \"constraint\", con.conrelid::pg_catalog.regclass::text AS \"table\",\n"
    "       con.convalidated AS validated, counted.orphans\n"
    "FROM pg_catalog.pg_constraint AS con\n"
    "JOIN pg_catalog.pg_class AS child ON child.oid = con.conrelid\n"
    "JOIN pg_catalog.pg_class AS parent ON parent.oid = con.confrelid\n"
    "CROSS JOIN LATERAL (\n"
    "  SELECT pg_catalog.string_agg(pg_catalog.format('c.%I = p.%I', ca.attname, pa.attname), ' AND ' ORDER BY k.n) AS matches,\n"
    "         pg_catalog.string_agg(pg_catalog.format('c.%I IS NOT NULL', ca.attname), ' AND ' ORDER BY k.n) AS given\n"
    "  FROM unnest(con.conkey, con.confkey) WITH ORDINALITY AS k (child_column, parent_column, n)\n"
    "  JOIN pg_catalog.pg_attribute AS ca ON ca.attrelid = con.conrelid AND ca.attnum = k.child_column\n"
    "  JOIN pg_catalog.pg_attribute AS pa ON pa.attrelid = con.confrelid AND pa.attnum = k.parent_column\n"
    ") AS keys\n"
    "CROSS JOIN LATERAL (\n"
    "  SELECT (pg_catalog.xpath('/row/orphans/text()', pg_catalog.query_to_xml(pg_catalog.format(\n"
    "    'SELECT count(*) AS orphans FROM %s%s AS c WHERE %s AND NOT EXISTS (SELECT FROM %s%s AS p WHERE %s)',\n"
    "    CASE child.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END, con.conrelid::pg_catalog.regclass, keys.given,\n"
    "    CASE parent.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END, con.confrelid::pg_catalog.regclass, keys.matches),\n"
    "    false, true, '')))[1]::text::bigint AS orphans\n"
    ") AS counted\n"
    "WHERE con.contype = 'f' AND con.conparentid = 0 AND NOT (con.convalidated AND counted.orphans = 0)\n"
    "ORDER BY 2, 1";

}  // namespace

void lower_form(const grammar::ObjectCheck& form, const std::vector<Body>&, const CheckContext& context,
                Check& check) {
    const std::string name = context.text(form.name);
    const std::string table = form.on ? context.text(*form.on) : std::string();
    const bool exists = form.state != ObjectState::absent;
    std::string query;
    switch (form.kind) {
        case ObjectKind::table: query = table_query(name, exists); break;
        case ObjectKind::column:
            query = column_query(form, name, form.type ? context.text(*form.type) : std::string());
            break;
        case ObjectKind::constraint: query = constraint_query(form.state, name, table); break;
        case ObjectKind::index: query = index_query(form.state, name); break;
        case ObjectKind::function: query = function_query(exists, name); break;
        case ObjectKind::policy: query = policy_query(exists, name, table); break;
    }
    check.query = composed(query, context);
    check.expect = ExpectTrue{};
}

void lower_form(const grammar::ForeignKeysValid&, const std::vector<Body>&, const CheckContext& context,
                Check& check) {
    check.query = composed(foreign_keys_query, context);
    check.expect = ExpectNothing{};
}

void lower_form(const grammar::RowLevelSecurity& form, const std::vector<Body>&, const CheckContext& context,
                Check& check) {
    std::string tables;
    for (const grammar::Template& table : form.tables) {
        if (!tables.empty()) tables += ", ";
        tables += fmt::format("({})", quote_literal(context.text(table)));
    }
    check.query = composed(
        fmt::format("SELECT pg_catalog.bool_and(COALESCE(c.relrowsecurity, false)) AS passed,\n"
                    "       pg_catalog.string_agg(named.name || CASE WHEN c.oid IS NULL THEN ' (no such table)' ELSE '' END, ', ')\n"
                    "         FILTER (WHERE c.relrowsecurity IS NOT TRUE) AS without\n"
                    "FROM (VALUES {}) AS named (name)\n"
                    "LEFT JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(named.name)",
                    tables),
        context);
    check.expect = ExpectTrue{};
}

void lower_form(const grammar::RowsOf& form, const std::vector<Body>&, const CheckContext& context,
                Check& check) {
    check.query = composed("SELECT count(*) FROM " + as_sql(parts_of(context.text(form.table))), context);
    check.expect = expect_value(form.op, form.value, context);
}

}  // namespace cairn::compiler
