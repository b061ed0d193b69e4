// Types, schemas, comments, privileges, extensions, and what is seldom met.
#include <fmt/format.h>

#include <array>

#include "tests/cluster/property/draft.hpp"

namespace cairn::cluster::property {
namespace {

const char* cascade(Draft& d) {
    return d.random.one_in(2) ? " CASCADE" : "";
}

std::string create_type(Draft& d) {
    const auto name = d.new_name_in_schema("y");
    switch (d.random.below(4)) {
        case 0:
            return fmt::format("CREATE TYPE {} AS ENUM ('sad', 'so so', 'it''s fine')", name);
        case 1:
            return fmt::format("CREATE TYPE {} AS ({} int, {} {})", name, d.new_name("a"),
                               d.new_name("b"), d.type());
        case 2:
            return fmt::format("CREATE TYPE {} AS RANGE (subtype = {})", name,
                               d.random.one_in(2) ? "float8" : "text");
        default:
            return fmt::format(
                "CREATE DOMAIN {} AS {} CONSTRAINT {} CHECK (VALUE IS NULL OR length(VALUE::text) "
                "< 100000){}",
                name, d.random.one_in(2) ? "text" : "int", d.new_name("dc"),
                d.random.one_in(3) ? " DEFAULT '7'" : "");
    }
}

Row any_type(Draft& d, const std::string& kinds) {
    return d.one(fmt::format(
        "SELECT format_type(y.oid, NULL), y.typtype, y.oid FROM pg_type y JOIN pg_namespace n ON "
        "n.oid = y.typnamespace LEFT JOIN pg_class c ON c.oid = y.typrelid "
        "WHERE {} AND strpos('{}', y.typtype::text) > 0 AND (c.oid IS NULL OR c.relkind = 'c') AND "
        "NOT EXISTS (SELECT FROM pg_depend x WHERE x.objid = "
        "y.oid AND x.deptype = 'e') ORDER BY 1",
        ours, kinds));
}

std::string alter_enum(Draft& d) {
    const auto type = any_type(d, "e");
    if (type.empty()) return {};
    const auto label =
        d.one("SELECT quote_literal(enumlabel) FROM pg_enum WHERE enumtypid = " + type[2] +
              " ORDER BY enumsortorder");
    constexpr auto forms =
        std::to_array<std::string_view>({"ADD VALUE {1}", "ADD VALUE {1} BEFORE {0}",
                                         "ADD VALUE IF NOT EXISTS {0}", "RENAME VALUE {0} TO {1}"});
    return fmt::format(
        "ALTER TYPE {} {}", type[0],
        fmt::format(fmt::runtime(d.random.pick(forms)), label[0], literal(d.new_name("value"))));
}

std::string alter_domain(Draft& d) {
    const auto type = any_type(d, "d");
    if (type.empty()) return {};
    const auto check =
        d.one("SELECT quote_ident(conname) FROM pg_constraint WHERE contypid = " + type[2] +
              " ORDER BY 1");
    constexpr auto forms = std::to_array<std::string_view>(
        {"SET DEFAULT '5'", "DROP DEFAULT", "SET NOT NULL", "DROP NOT NULL",
         "ADD CONSTRAINT {0} CHECK (VALUE IS NOT NULL OR true) NOT VALID"});
    if (!check.empty() && d.random.one_in(3))
        return d.random.one_in(2)
                   ? fmt::format("ALTER DOMAIN {} DROP CONSTRAINT {}", type[0], check[0])
                   : fmt::format("ALTER DOMAIN {} RENAME CONSTRAINT {} TO {}", type[0], check[0],
                                 d.new_name("dc"));
    return fmt::format("ALTER DOMAIN {} {}", type[0],
                       fmt::format(fmt::runtime(d.random.pick(forms)), d.new_name("dc")));
}

std::string alter_composite(Draft& d) {
    const auto type = any_type(d, "c");
    if (type.empty()) return {};
    const auto attribute = d.one(
        "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = (SELECT typrelid FROM "
        "pg_type WHERE oid = " +
        type[2] + ") AND attnum > 0 AND NOT attisdropped ORDER BY attnum");
    if (attribute.empty()) return {};
    constexpr auto forms = std::to_array<std::string_view>(
        {"ADD ATTRIBUTE {1} int{2}", "DROP ATTRIBUTE {0}{2}", "RENAME ATTRIBUTE {0} TO {1}{2}",
         "ALTER ATTRIBUTE {0} TYPE text{2}"});
    return fmt::format(
        "ALTER TYPE {} {}", type[0],
        fmt::format(fmt::runtime(d.random.pick(forms)), attribute[0], d.new_name("a"), cascade(d)));
}

std::string rename_type(Draft& d) {
    const auto type = any_type(d, "edcr");
    if (type.empty()) return {};
    constexpr auto forms =
        std::to_array<std::string_view>({"RENAME TO {0}", "SET SCHEMA {1}", "OWNER TO {2}"});
    return fmt::format(
        "ALTER {} {} {}", type[1] == "d" ? "DOMAIN" : "TYPE", type[0],
        fmt::format(fmt::runtime(d.random.pick(forms)), d.new_name("y"), d.schema(), d.role()));
}

std::string drop_type(Draft& d) {
    const auto type = any_type(d, "edcr");
    return type.empty() ? std::string()
                        : fmt::format("DROP {} {}{}", type[1] == "d" ? "DOMAIN" : "TYPE", type[0],
                                      cascade(d));
}

// ---------------------------------------------------------------- schemas, comments, privileges

std::string create_schema(Draft& d) {
    return fmt::format("CREATE SCHEMA {}{}", d.new_name("ns"),
                       d.random.one_in(3) ? " AUTHORIZATION " + d.role() : "");
}

std::string alter_schema(Draft& d) {
    const auto schema = d.schema();
    if (schema == "public") return {};
    constexpr auto forms = std::to_array<std::string_view>(
        {"ALTER SCHEMA {0} RENAME TO {1}", "ALTER SCHEMA {0} OWNER TO {2}",
         "DROP SCHEMA {0} CASCADE", "DROP SCHEMA {0}"});
    return fmt::format(fmt::runtime(d.random.pick(forms)), schema, d.new_name("ns"), d.role());
}

std::string comment(Draft& d) {
    const std::string text = d.random.one_in(4)
                                 ? "NULL"
                                 : literal("comment " + std::to_string(d.random.below(100)) + "'s");
    switch (d.random.below(5)) {
        case 0: {
            const auto table = d.table();
            const auto column = d.column(table);
            return column ? fmt::format("COMMENT ON COLUMN {}.{} IS {}", table, column->name, text)
                          : std::string();
        }
        case 1: {
            const auto type = any_type(d, "edcr");
            return type.empty() ? std::string()
                                : fmt::format("COMMENT ON {} {} IS {}",
                                              type[1] == "d" ? "DOMAIN" : "TYPE", type[0], text);
        }
        case 2: {
            const auto view = d.relation("v");
            return view.empty() ? view : fmt::format("COMMENT ON VIEW {} IS {}", view, text);
        }
        case 3: {
            const auto index = d.relation("i");
            return index.empty() ? index : fmt::format("COMMENT ON INDEX {} IS {}", index, text);
        }
        default: {
            const auto table = d.table();
            return table.empty() ? table : fmt::format("COMMENT ON TABLE {} IS {}", table, text);
        }
    }
}

std::string grant(Draft& d) {
    const auto relation = d.relation("rpvm");
    if (relation.empty()) return {};
    const auto column = d.column(relation);
    if (!column) return {};
    constexpr auto forms = std::to_array<std::string_view>(
        {"GRANT SELECT, INSERT ON {0} TO {2}", "GRANT ALL ON {0} TO {2} WITH GRANT OPTION",
         "REVOKE ALL ON {0} FROM {2}", "GRANT SELECT ({1}), UPDATE ({1}) ON {0} TO {2}",
         "REVOKE SELECT ({1}) ON {0} FROM {2}", "GRANT SELECT ON {0} TO PUBLIC",
         "GRANT SELECT ON ALL TABLES IN SCHEMA {3} TO {2}",
         "GRANT USAGE, CREATE ON SCHEMA {3} TO {2}",
         "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {3} FROM PUBLIC",
         "ALTER DEFAULT PRIVILEGES IN SCHEMA {3} GRANT SELECT ON TABLES TO {2}",
         "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
         "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {3} TO {2}"});
    return fmt::format(fmt::runtime(d.random.pick(forms)), relation, column->name, d.role(),
                       d.schema());
}

// ---------------------------------------------------------------- seldom met

std::string extension(Draft& d) {
    constexpr auto forms = std::to_array<std::string_view>(
        {"CREATE EXTENSION IF NOT EXISTS hstore SCHEMA {0}",
         "CREATE EXTENSION IF NOT EXISTS citext SCHEMA {0}",
         "DROP EXTENSION IF EXISTS hstore CASCADE", "DROP EXTENSION IF EXISTS citext CASCADE",
         "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA {0}"});
    return fmt::format(fmt::runtime(d.random.pick(forms)), d.schema());
}

std::string operator_or_cast(Draft& d) {
    constexpr auto forms = std::to_array<std::string_view>(
        {"CREATE OPERATOR {0}.<#&&#> (leftarg = int, rightarg = int, function = int4pl)",
         "DROP OPERATOR IF EXISTS {0}.<#&&#> (int, int)", "CREATE CAST (point AS text) WITH INOUT",
         "DROP CAST IF EXISTS (point AS text)", "CREATE COLLATION {0}.{1} FROM \"C\"",
         "CREATE TEXT SEARCH CONFIGURATION {0}.{1} (COPY = simple)",
         "CREATE TEXT SEARCH DICTIONARY {0}.{1} (TEMPLATE = simple, stopwords = english)",
         "CREATE CONVERSION {0}.{1} FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8"});
    return fmt::format(fmt::runtime(d.random.pick(forms)), d.schema(), d.new_name("o"));
}

std::string publication(Draft& d) {
    const auto old = d.one("SELECT quote_ident(pubname) FROM pg_publication ORDER BY 1");
    const auto table = d.relation("r");
    if (table.empty()) return {};
    if (old.empty() || d.random.one_in(3))
        return fmt::format("CREATE PUBLICATION {} FOR TABLE {}", d.new_name("pub"), table);
    constexpr auto forms = std::to_array<std::string_view>(
        {"DROP PUBLICATION {0}", "ALTER PUBLICATION {0} SET TABLE {1}",
         "ALTER PUBLICATION {0} ADD TABLE {1}", "ALTER PUBLICATION {0} SET (publish = 'insert')",
         "ALTER PUBLICATION {0} RENAME TO {2}"});
    return fmt::format(fmt::runtime(d.random.pick(forms)), old[0], table, d.new_name("pub"));
}

std::string event_trigger(Draft& d) {
    const auto old = d.one("SELECT quote_ident(evtname) FROM pg_event_trigger ORDER BY 1");
    if (old.empty()) {
        const auto function = d.new_name_in_schema("ef");
        return fmt::format(
            "CREATE FUNCTION {0}() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN END $f$; "
            "CREATE EVENT TRIGGER {1} ON ddl_command_end EXECUTE FUNCTION {0}()",
            function, d.new_name("et"));
    }
    constexpr auto forms =
        std::to_array<std::string_view>({"DROP EVENT TRIGGER {}", "ALTER EVENT TRIGGER {} DISABLE",
                                         "ALTER EVENT TRIGGER {} ENABLE ALWAYS"});
    return fmt::format(fmt::runtime(d.random.pick(forms)), old[0]);
}

// Definitions changed by code.
std::string by_code(Draft& d) {
    std::string inner;
    for (int i = 0; i < 3 && inner.empty(); ++i) inner = any_statement(d, false);
    if (inner.empty() || inner.starts_with("DO ")) return {};
    return fmt::format("DO $do$ BEGIN EXECUTE {}; END $do$", literal(inner));
}

}  // namespace

std::vector<Maker> type_makers() {
    return {{create_type, 7, 3},     {alter_enum, 1, 5},  {alter_domain, 1, 4},
            {alter_composite, 0, 4}, {rename_type, 1, 4}, {drop_type, 0, 4}};
}

std::vector<Maker> other_makers() {
    return {{create_schema, 4, 2}, {alter_schema, 0, 5},  {comment, 3, 5},
            {grant, 4, 9},         {extension, 1, 2},     {operator_or_cast, 2, 3},
            {publication, 1, 3},   {event_trigger, 0, 1}, {by_code, 0, 8}};
}

}  // namespace cairn::cluster::property
