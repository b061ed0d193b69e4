#include "compiler/sql/created.hpp"

#include "compiler/sql/names.hpp"
#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

Creation relation(Value range_var, const std::string& words) {
    const std::string name = relation_name(range_var);
    Creation out;
    out.object = {.kind = "relation", .name = name, .sub = {}};
    out.drop = "DROP " + words + " " + name;
    out.temporary = range_var["relpersistence"].is("t");
    return out;
}

Creation table(Value node) {
    Creation out = relation(node["relation"], "TABLE");
    out.if_not_exists = node["if_not_exists"].is_true();
    out.holds_rows = true;
    if (node["partbound"]) {
        for (const Value parent : node["inhRelations"]) out.on = relation_name(parent);
        out.drop.clear();
        out.why_not = "a partition is detached before it is dropped, with what foreign keys to its parent have there";
    }
    return out;
}

Creation named(const char* kind, const std::string& words, const std::string& name) {
    Creation out;
    out.object = {.kind = kind, .name = name, .sub = {}};
    out.drop = "DROP " + words + " " + name;
    return out;
}

// A trigger, rule or policy: `DROP TRIGGER name ON table`.
Creation part_of(const char* kind, const std::string& words, Value name, Value range_var) {
    Creation out;
    out.on = relation_name(range_var);
    out.object = {.kind = kind, .name = out.on, .sub = name.str()};
    out.drop = "DROP " + words + " " + quote_identifier(name.str()) + " ON " + out.on;
    return out;
}

Creation without_rule(std::string why_not) {
    Creation out;
    out.why_not = std::move(why_not);
    return out;
}

Creation index(Value node) {
    Creation out;
    out.on = relation_name(node["relation"]);
    out.temporary = node["relation"]["relpersistence"].is("t");
    if (!node["idxname"]) {
        out.why_not = "the server chooses the name of the index: name it";
        return out;
    }
    const std::string name =
        schema_prefix(node["relation"]) + quote_identifier(node["idxname"].str());
    out.object = {.kind = "relation", .name = name, .sub = {}};
    out.drop = (node["concurrent"].is_true() ? "DROP INDEX CONCURRENTLY " : "DROP INDEX ") + name;
    out.if_not_exists = node["if_not_exists"].is_true();
    return out;
}

Creation schema(Value node) {
    if (node["schemaElts"]) {
        return without_rule(
            "the schema's objects are created with it: create them in statements of their own");
    }
    const Value role = node["authrole"];
    std::string name = quote_identifier(node["schemaname"].str());
    if (!node["schemaname"]) name = role_name(role);
    if (!node["schemaname"] && !role["roletype"].is("ROLESPEC_CSTRING")) {
        return without_rule("the schema is named after the current user: name it");
    }
    Creation out = named("schema", "SCHEMA", name);
    out.if_not_exists = node["if_not_exists"].is_true();
    return out;
}

Creation function(Value node) {
    const bool procedure = node["is_procedure"].is_true();
    const std::string name = signature(node["funcname"], node["parameters"], procedure);
    if (name.find("%TYPE") != std::string::npos)
        return without_rule("an argument's type is taken from a column (%TYPE): write the type");
    Creation out = named("function", procedure ? "PROCEDURE" : "FUNCTION", name);
    out.object.name = input_signature(node["funcname"], node["parameters"]);
    out.replaces = node["replace"].is_true();
    return out;
}

Creation aggregate(const Subject& subject) {
    const Value node = subject.node;
    const Value arguments = (*node["args"].begin()).as("List")["items"];
    for (const Token& token : subject.text.tokens()) {
        const std::string_view word = subject.text.word(token);
        if (word == "order" || word == "ORDER")
            return without_rule("it is an ordered-set aggregate");
    }
    if (node["oldstyle"].is_true())
        return without_rule("its arguments are written in the old style");
    std::string name = signature(node["defnames"], arguments, false);
    if (!arguments) name = dotted_name(node["defnames"]) + "(*)";
    Creation out = named("function", "AGGREGATE", name);
    out.replaces = node["replace"].is_true();
    return out;
}

std::optional<Creation> definition(const Subject& subject) {
    const Value node = subject.node;
    const std::string_view kind = node["kind"].text();
    if (kind == "OBJECT_AGGREGATE") return aggregate(subject);
    if (kind == "OBJECT_TYPE") return named("type", "TYPE", dotted_name(node["defnames"]));
    if (kind == "OBJECT_COLLATION") {
        Creation out = named("collation", "COLLATION", dotted_name(node["defnames"]));
        out.if_not_exists = node["if_not_exists"].is_true();
        return out;
    }
    return std::nullopt;
}

Creation extension(Value node) {
    for (const Value option : node["options"]) {
        if (option.as("DefElem")["defname"].is("cascade")) {
            return without_rule(
                "CASCADE creates other extensions too: create each in a statement of its own");
        }
    }
    Creation out = named("extension", "EXTENSION", quote_identifier(node["extname"].str()));
    out.if_not_exists = node["if_not_exists"].is_true();
    return out;
}

Creation replaceable(Creation out, Value node) {
    out.replaces = node["replace"].is_true();
    return out;
}

Creation optional(Creation out, Value node) {
    out.if_not_exists = node["if_not_exists"].is_true();
    return out;
}

Creation table_as(Value node) {
    const bool view = node["objtype"].is("OBJECT_MATVIEW");
    Creation out =
        optional(relation(node["into"]["rel"], view ? "MATERIALIZED VIEW" : "TABLE"), node);
    out.holds_rows = !view;
    return out;
}

std::optional<Creation> select_into(Value node) {
    if (!node["intoClause"]) return std::nullopt;
    Creation out = relation(node["intoClause"]["rel"], "TABLE");
    out.holds_rows = true;
    return out;
}

}  // namespace

std::optional<Creation> creation_of(const Subject& subject) {
    const std::string_view type = subject.type;
    const Value node = subject.node;
    if (type == "CreateStmt") return table(node);
    if (type == "CreateTableAsStmt") return table_as(node);
    if (type == "SelectStmt") return select_into(node);
    if (type == "CreateForeignTableStmt") {
        return optional(relation(node["base"]["relation"], "FOREIGN TABLE"), node["base"]);
    }
    if (type == "IndexStmt") return index(node);
    if (type == "ViewStmt") return replaceable(relation(node["view"], "VIEW"), node);
    if (type == "CreateSeqStmt") return optional(relation(node["sequence"], "SEQUENCE"), node);
    if (type == "CreateSchemaStmt") return schema(node);
    if (type == "CreateEnumStmt" || type == "CreateRangeStmt") {
        return named("type", "TYPE", dotted_name(node["typeName"]));
    }
    if (type == "CompositeTypeStmt") return named("type", "TYPE", relation_name(node["typevar"]));
    if (type == "CreateDomainStmt") return named("type", "DOMAIN", dotted_name(node["domainname"]));
    if (type == "CreateFunctionStmt") return function(node);
    if (type == "DefineStmt") return definition(subject);
    if (type == "CreateTrigStmt") {
        return replaceable(part_of("trigger", "TRIGGER", node["trigname"], node["relation"]), node);
    }
    if (type == "RuleStmt") {
        return replaceable(part_of("rule", "RULE", node["rulename"], node["relation"]), node);
    }
    if (type == "CreatePolicyStmt")
        return part_of("policy", "POLICY", node["policy_name"], node["table"]);
    if (type == "CreateExtensionStmt") return extension(node);
    if (type == "CreateStatsStmt") {
        return optional(named("statistics", "STATISTICS", dotted_name(node["defnames"])), node);
    }
    if (type == "CreatePublicationStmt") {
        return named("publication", "PUBLICATION", quote_identifier(node["pubname"].str()));
    }
    if (type == "CreateRoleStmt")
        return named("role", "ROLE", quote_identifier(node["role"].str()));
    if (type == "CreateEventTrigStmt") {
        return named("event_trigger", "EVENT TRIGGER", quote_identifier(node["trigname"].str()));
    }
    if (type == "CreateForeignServerStmt") {
        return optional(
            named("foreign_server", "SERVER", quote_identifier(node["servername"].str())), node);
    }
    return std::nullopt;
}

std::string key_of(const ObjectName& object) {
    std::string out = object.kind + " " + object.name;
    if (!object.sub.empty()) out += " " + object.sub;
    return out;
}

}  // namespace cairn::sql
