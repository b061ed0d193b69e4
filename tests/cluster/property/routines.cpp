// Functions, procedures, triggers, rules and policies.
#include <fmt/format.h>

#include <array>

#include "tests/cluster/property/draft.hpp"

namespace cairn::cluster::property {
namespace {

const char* cascade(Draft& d) {
    return d.random.one_in(2) ? " CASCADE" : "";
}

std::string create_function(Draft& d) {
    const auto name = d.new_name_in_schema("f");
    constexpr auto tails = std::to_array<const char*>({"", " STABLE", " IMMUTABLE STRICT",
                                                       " SECURITY DEFINER SET search_path = ''",
                                                       " COST 50 PARALLEL SAFE"});
    if (d.random.one_in(3)) {
        const auto table = d.relation("r");
        if (table.empty()) return {};
        return fmt::format(
            "CREATE FUNCTION {}() RETURNS SETOF {} LANGUAGE sql STABLE AS $f$ SELECT * FROM {} $f$",
            name, table, table);
    }
    return fmt::format(
        "CREATE FUNCTION {}(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql{} AS $f$ SELECT a "
        "+ {} $f$",
        name, d.random.pick(tails), d.random.below(9));
}

// A function without arguments that changes rows, or the schema.
std::string create_changer(Draft& d) {
    const auto table = d.relation("r");
    if (table.empty()) return {};
    const bool procedure = d.random.one_in(3);
    std::string body;
    switch (d.random.below(3)) {
        case 0:
            body = fmt::format("DELETE FROM {} t WHERE {};", table, d.some_rows());
            break;
        case 1: {
            const auto column = d.column(table);
            if (!column || column->generated) return {};
            body = fmt::format("UPDATE {} t SET {} = {} WHERE {};", table, column->name,
                               d.value(*column), d.some_rows());
            break;
        }
        default:
            body = fmt::format(
                "EXECUTE 'ALTER TABLE ' || {} || ' ADD COLUMN made_by_code int DEFAULT 7';",
                literal(table));
    }
    return fmt::format("CREATE {} {}(){} LANGUAGE plpgsql AS $f$ BEGIN {} END $f$",
                       procedure ? "PROCEDURE" : "FUNCTION", d.new_name_in_schema("f"),
                       procedure ? "" : " RETURNS void", body);
}

Row any_function(Draft& d, const std::string& condition) {
    return d.one(
        fmt::format("SELECT p.oid::regprocedure, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' "
                    "THEN 'AGGREGATE' ELSE 'FUNCTION' END, p.prosrc FROM pg_proc p "
                    "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {} AND NOT EXISTS (SELECT "
                    "FROM pg_depend x WHERE x.objid = p.oid AND x.deptype = 'e') "
                    "AND {} ORDER BY p.oid::regprocedure::text",
                    ours, condition));
}

std::string replace_function(Draft& d) {
    const auto f =
        any_function(d, "p.prokind = 'f' AND p.pronargs = 2 AND p.prorettype = 'int'::regtype");
    if (f.empty()) return {};
    const auto name = f[0].substr(0, f[0].find("(integer"));
    return fmt::format(
        "CREATE OR REPLACE FUNCTION {}(a int, b text DEFAULT 'y') RETURNS int LANGUAGE sql AS $f$ "
        "SELECT a * {} $f$",
        name, 2 + d.random.below(9));
}

std::string alter_function(Draft& d) {
    const auto f = any_function(d, "p.prokind IN ('f', 'p')");
    if (f.empty()) return {};
    constexpr auto forms = std::to_array<std::string_view>(
        {"SECURITY DEFINER", "SET work_mem = '8MB'", "RESET ALL", "RENAME TO {0}", "OWNER TO {1}",
         "SET SCHEMA {2}", "STABLE", "COST 77"});
    return fmt::format(
        "ALTER {} {} {}", f[1], f[0],
        fmt::format(fmt::runtime(d.random.pick(forms)), d.new_name("f"), d.role(), d.schema()));
}

std::string drop_function(Draft& d) {
    const auto f = any_function(d, "true");
    return f.empty() ? std::string() : fmt::format("DROP {} {}{}", f[1], f[0], cascade(d));
}

std::string create_aggregate(Draft& d) {
    return fmt::format("CREATE AGGREGATE {}(int) (sfunc = int4pl, stype = int, initcond = '{}')",
                       d.new_name_in_schema("agg"), d.random.below(5));
}

// ---------------------------------------------------------------- triggers

// With its function: one that changes the new row, one that writes elsewhere, one that looks at all
// rows at once.
std::string create_trigger(Draft& d) {
    const auto table = d.relation("rrrp");
    if (table.empty()) return {};
    const auto function = d.new_name_in_schema("tf"), trigger = d.new_name("tr");
    const auto make = [&](const std::string& body) {
        return fmt::format(
            "CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN {} END $f$; ",
            function, body);
    };
    switch (d.random.below(4)) {
        case 0: {
            const auto column = d.column(table);
            if (!column || column->type != "text" || column->generated) return {};
            return make(fmt::format("NEW.{0} := coalesce(NEW.{0}, '') || '+'; RETURN NEW;",
                                    column->name)) +
                   fmt::format(
                       "CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE "
                       "FUNCTION {}()",
                       trigger, table, function);
        }
        case 1: {
            const auto other = d.new_name_in_schema("log");
            return fmt::format("CREATE TABLE {} (line text); ", other) +
                   make(fmt::format("INSERT INTO {} VALUES (TG_OP || ' ' || coalesce(OLD::text, "
                                    "'')); RETURN NULL;",
                                    other)) +
                   fmt::format(
                       "CREATE TRIGGER {} AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW "
                       "EXECUTE FUNCTION {}()",
                       trigger, table, function);
        }
        case 2: {
            const auto other = d.relation("r");
            return make(fmt::format("DELETE FROM {} t WHERE {}; RETURN NULL;", other,
                                    d.some_rows())) +
                   fmt::format(
                       "CREATE TRIGGER {} AFTER UPDATE ON {} REFERENCING OLD TABLE AS o NEW TABLE "
                       "AS n FOR EACH STATEMENT EXECUTE FUNCTION {}()",
                       trigger, table, function);
        }
        default:
            return make("RETURN NULL;") +
                   fmt::format(
                       "CREATE CONSTRAINT TRIGGER {} AFTER INSERT OR UPDATE ON {} DEFERRABLE "
                       "INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {}()",
                       trigger, table, function);
    }
}

std::string alter_trigger(Draft& d) {
    const auto trigger =
        d.one(fmt::format("SELECT quote_ident(g.tgname), g.tgrelid::regclass FROM pg_trigger g "
                          "JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = "
                          "c.relnamespace WHERE {} AND NOT g.tgisinternal ORDER BY 1, 2",
                          ours));
    if (trigger.empty()) return {};
    constexpr auto forms = std::to_array<std::string_view>(
        {"ALTER TABLE {1} DISABLE TRIGGER {0}", "ALTER TABLE {1} ENABLE REPLICA TRIGGER {0}",
         "ALTER TABLE {1} ENABLE ALWAYS TRIGGER {0}", "ALTER TRIGGER {0} ON {1} RENAME TO {2}",
         "DROP TRIGGER {0} ON {1}", "DROP TRIGGER {0} ON {1} CASCADE"});
    return fmt::format(fmt::runtime(d.random.pick(forms)), trigger[0], trigger[1],
                       d.new_name("tr"));
}

// ---------------------------------------------------------------- rules, policies

std::string create_rule(Draft& d) {
    const auto relation = d.relation("rv"), other = d.relation("r");
    if (relation.empty() || other.empty()) return {};
    constexpr auto forms = std::to_array<std::string_view>(
        {"CREATE RULE {0} AS ON DELETE TO {1} DO INSTEAD NOTHING",
         "CREATE RULE {0} AS ON INSERT TO {1} DO ALSO DELETE FROM {2} t WHERE {3}",
         "CREATE RULE {0} AS ON UPDATE TO {1} DO ALSO NOTIFY something"});
    return fmt::format(fmt::runtime(d.random.pick(forms)), d.new_name("rule"), relation, other,
                       d.some_rows());
}

std::string drop_rule(Draft& d) {
    const auto rule =
        d.one(fmt::format("SELECT quote_ident(r.rulename), r.ev_class::regclass FROM pg_rewrite r "
                          "JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = "
                          "c.relnamespace WHERE {} AND r.rulename <> '_RETURN' ORDER BY 1, 2",
                          ours));
    if (rule.empty()) return {};
    return d.random.one_in(2) ? fmt::format("DROP RULE {} ON {}", rule[0], rule[1])
                              : fmt::format("ALTER RULE {} ON {} RENAME TO {}", rule[0], rule[1],
                                            d.new_name("rule"));
}

std::string create_policy(Draft& d) {
    const auto table = d.table();
    const auto column = d.column(table);
    if (!column) return {};
    constexpr auto forms = std::to_array<std::string_view>(
        {"USING ({0} IS NOT NULL)", "AS RESTRICTIVE FOR SELECT TO {1} USING ({0} IS NULL)",
         "FOR INSERT WITH CHECK (true)",
         "FOR ALL TO {1} USING (true) WITH CHECK ({0} IS NOT NULL)"});
    return fmt::format("CREATE POLICY {} ON {} {}", d.new_name("pol"), table,
                       fmt::format(fmt::runtime(d.random.pick(forms)), column->name, d.role()));
}

std::string alter_policy(Draft& d) {
    const auto policy =
        d.one(fmt::format("SELECT quote_ident(p.polname), p.polrelid::regclass FROM pg_policy p "
                          "JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = "
                          "c.relnamespace WHERE {} ORDER BY 1, 2",
                          ours));
    if (policy.empty()) return {};
    constexpr auto forms = std::to_array<std::string_view>(
        {"DROP POLICY {0} ON {1}", "ALTER POLICY {0} ON {1} TO {2}",
         "ALTER POLICY {0} ON {1} RENAME TO {3}", "ALTER POLICY {0} ON {1} USING (false)"});
    return fmt::format(fmt::runtime(d.random.pick(forms)), policy[0], policy[1], d.role(),
                       d.new_name("pol"));
}

}  // namespace

std::vector<Maker> routine_makers() {
    return {{create_function, 4, 4}, {create_changer, 4, 4}, {replace_function, 1, 4},
            {alter_function, 1, 5},  {drop_function, 0, 6},  {create_aggregate, 1, 1},
            {create_trigger, 5, 4},  {alter_trigger, 1, 5},  {create_rule, 1, 2},
            {drop_rule, 0, 3},       {create_policy, 3, 3},  {alter_policy, 1, 4}};
}

}  // namespace cairn::cluster::property
