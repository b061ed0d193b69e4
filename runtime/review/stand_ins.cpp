#include "runtime/review/stand_ins.hpp"

#include "compiler/sql/facts.hpp"

namespace cairn::review {

using compiler::Diagnostic;
using postgres::Session;
using sql::quote_identifier;

namespace {

using Rows = std::vector<std::vector<postgres::Value>>;

constexpr const char* members =
    " JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' JOIN "
    "pg_extension e ON e.oid = d.refobjid AND "
    "e.extname = $1 ";

// A type that takes every text and every modifier.
std::string base_type(const std::string& schema, const std::string& name) {
    const std::string type = schema + "." + quote_identifier(name),
                      in = schema + "." + quote_identifier("cairn_in_" + name),
                      out = schema + "." + quote_identifier("cairn_out_" + name),
                      modifier = schema + "." + quote_identifier("cairn_mod_" + name);
    const std::string internal = " LANGUAGE internal IMMUTABLE STRICT AS ";
    return "CREATE TYPE " + type + "; CREATE FUNCTION " + in + "(cstring) RETURNS " + type +
           internal + "'textin'; CREATE FUNCTION " + out + "(" + type + ") RETURNS cstring" +
           internal + "'textout'; CREATE FUNCTION " + modifier + "(cstring[]) RETURNS integer" +
           internal + "'array_ndims'; CREATE TYPE " + type + " (INPUT = " + in +
           ", OUTPUT = " + out + ", TYPMOD_IN = " + modifier + ", STORAGE = extended)";
}

}  // namespace

std::optional<Diagnostic> stand_in_for_extension(Database& database, Session& scratch,
                                                 const std::string& extension, Lacking& lacking) {
    const std::string why = "of extension " + extension + ", which is not installed here";
    lacking.add(extension, "an extension that is not installed here");
    const auto each = [&](const std::string& query, const auto& use) -> std::optional<Diagnostic> {
        auto rows = database.rows(query, {extension});
        if (auto* error = std::get_if<Diagnostic>(&rows)) return std::move(*error);
        for (const auto& row : std::get<Rows>(rows)) use(row);
        return std::nullopt;
    };
    std::optional<Diagnostic> error = each(
        "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = "
        "e.extnamespace WHERE e.extname = $1",
        [&](const auto& row) {
            (void)scratch.query("CREATE SCHEMA IF NOT EXISTS " + row[0].value_or(""));
        });
    // The schema an extension brings along has its own members.
    if (!error)
        error = each(std::string("SELECT quote_ident(n.nspname) FROM pg_namespace n") + members +
                         "WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid",
                     [&](const auto& row) {
                         (void)scratch.query("CREATE SCHEMA IF NOT EXISTS " + row[0].value_or(""));
                     });
    if (!error)
        error = each(
            std::string("SELECT quote_ident(n.nspname), t.typname, t.typtype, "
                        "(SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) "
                        "FROM pg_enum WHERE enumtypid = t.oid), "
                        "format_type(t.typbasetype, t.typtypmod) FROM pg_type t JOIN pg_namespace "
                        "n ON n.oid = t.typnamespace") +
                members +
                "WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND t.typtype IN ('b', "
                "'e', 'd') AND t.typelem = 0 "
                "ORDER BY t.typtype <> 'b', t.oid",
            [&](const auto& row) {
                const auto schema = row[0].value_or(""), name = row[1].value_or(""),
                           kind = row[2].value_or("");
                const auto type = schema + "." + quote_identifier(name);
                lacking.add(name, "a type " + why);
                (void)scratch.script(
                    kind == "e"   ? "CREATE TYPE " + type + " AS ENUM (" + row[3].value_or("") + ")"
                    : kind == "d" ? "CREATE DOMAIN " + type + " AS " + row[4].value_or("text")
                                  : base_type(schema, name));
            });
    if (!error)
        error = each(
            std::string("SELECT quote_ident(n.nspname) || '.' || quote_ident(p.proname), "
                        "pg_get_function_arguments(p.oid), "
                        "pg_get_function_result(p.oid), p.proname, "
                        "EXISTS (SELECT FROM pg_proc o WHERE o.proname = p.proname AND "
                        "o.pronamespace = 'pg_catalog'::regnamespace), "
                        "p.prokind FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace") +
                members +
                "WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid ORDER BY p.oid",
            [&](const auto& row) {
                if (row[4].value_or("f") == "f")
                    lacking.add(row[3].value_or(""), "a function " + why);
                if (row[5].value_or("") != "f") return;
                // One with a type inside PostgreSQL can't be written in PL/pgSQL, and is not called
                // by a plan.
                (void)scratch.query("CREATE FUNCTION " + row[0].value_or("") + "(" +
                                    row[1].value_or("") + ") RETURNS " + row[2].value_or("void") +
                                    " IMMUTABLE LANGUAGE plpgsql AS $cairn$ BEGIN RAISE EXCEPTION "
                                    "'a stand-in for " +
                                    quote_identifier(extension) + "'; END $cairn$");
            });
    if (!error)
        error = each(
            std::string("SELECT quote_ident(n.nspname), o.oprname, o.oprcode::regproc::text, "
                        "CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END, "
                        "format_type(o.oprright, NULL), "
                        "EXISTS (SELECT FROM pg_operator i WHERE i.oprname = o.oprname AND "
                        "i.oprnamespace = 'pg_catalog'::regnamespace) "
                        "FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace") +
                members +
                "WHERE d.classid = 'pg_operator'::regclass AND d.objid = o.oid ORDER BY o.oid",
            [&](const auto& row) {
                if (row[5].value_or("f") == "f")
                    lacking.add(row[1].value_or(""), "an operator " + why);
                (void)scratch.query("CREATE OPERATOR " + row[0].value_or("") + "." +
                                    row[1].value_or("") + " (FUNCTION = " + row[2].value_or("") +
                                    (row[3] ? ", LEFTARG = " + *row[3] : "") +
                                    ", RIGHTARG = " + row[4].value_or("") + ")");
            });
    return error;
}

std::optional<Diagnostic> stand_in_for_collations(Database& database, Session& scratch,
                                                  Lacking& lacking) {
    auto rows = database.rows(
        "SELECT DISTINCT c.collname FROM pg_collation c JOIN (SELECT attcollation AS oid FROM "
        "pg_attribute WHERE attrelid >= 16384 UNION SELECT "
        "typcollation FROM pg_type WHERE oid >= 16384) used USING (oid) WHERE c.collnamespace = "
        "'pg_catalog'::regnamespace AND c.collname NOT IN "
        "('default', 'C', 'POSIX')");
    if (auto* error = std::get_if<Diagnostic>(&rows)) return std::move(*error);
    for (const auto& row : std::get<Rows>(rows)) {
        const auto name = row[0].value_or("");
        if (scratch.query("CREATE COLLATION pg_catalog." + quote_identifier(name) + " FROM \"C\"")
                .ok())
            lacking.add(name, "a locale that this machine does not have");
    }
    return std::nullopt;
}

std::variant<std::vector<Unreadable>, Diagnostic> unreadable_tables(Database& database) {
    auto rows = database.rows(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), 'CREATE TABLE ' || "
        "quote_ident(n.nspname) || '.' || quote_ident(c.relname) "
        "|| ' (' || coalesce((SELECT string_agg(quote_ident(a.attname) || ' ' || "
        "format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) FROM "
        "pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '') || "
        "')', c.relname, quote_ident(n.nspname) FROM "
        "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', "
        "'v', 'm', 'f') AND c.oid >= 16384 AND n.nspname <> "
        "'cairn' AND n.nspname !~ '^pg_' AND NOT (has_table_privilege(c.oid, 'SELECT') AND "
        "has_schema_privilege(n.oid, 'USAGE')) ORDER BY c.oid");
    if (auto* error = std::get_if<Diagnostic>(&rows)) return std::move(*error);
    std::vector<Unreadable> out;
    for (const auto& row : std::get<Rows>(rows))
        out.push_back({.name = row[0].value_or(""),
                       .sql = "CREATE SCHEMA IF NOT EXISTS " + row[3].value_or("") + "; " +
                              row[1].value_or(""),
                       .bare = row[2].value_or("")});
    return out;
}

}  // namespace cairn::review
