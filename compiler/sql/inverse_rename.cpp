// RENAME and SET SCHEMA: the same statement with its names the other way round.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/sql/inverse.hpp"
#include "compiler/sql/names.hpp"
#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

bool is_relation(std::string_view kind) {
    constexpr auto kinds =
        std::to_array<std::string_view>({"OBJECT_FOREIGN_TABLE", "OBJECT_INDEX", "OBJECT_MATVIEW",
                                         "OBJECT_SEQUENCE", "OBJECT_TABLE", "OBJECT_VIEW"});
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool is_routine(std::string_view kind) {
    return kind == "OBJECT_FUNCTION" || kind == "OBJECT_PROCEDURE" || kind == "OBJECT_AGGREGATE" ||
           kind == "OBJECT_ROUTINE";
}

// Objects without a schema, named by one word.
const char* global_kind(std::string_view kind) {
    if (kind == "OBJECT_SCHEMA") return "schema";
    if (kind == "OBJECT_PUBLICATION") return "publication";
    if (kind == "OBJECT_EVENT_TRIGGER") return "event_trigger";
    if (kind == "OBJECT_FOREIGN_SERVER") return "foreign_server";
    return nullptr;
}

// Objects in a schema, named by a list of words.
const char* schema_kind(std::string_view kind) {
    if (kind == "OBJECT_TYPE" || kind == "OBJECT_DOMAIN") return "type";
    if (kind == "OBJECT_COLLATION") return "collation";
    if (kind == "OBJECT_STATISTIC_EXT") return "statistics";
    return nullptr;
}

// `(uuid, text)` of a signature.
std::string arguments_of(Value object, std::string_view kind) {
    const std::string all = object_with_args(object, kind);
    return all.substr(dotted_name(object["objname"]).size());
}

struct Names {
    std::string words;               // TABLE, TYPE
    std::string old_name, new_name;  // unquoted
};

void rename_part(StatementFacts& facts, Value node, const Names& names, const char* kind) {
    const std::string table = relation_name(node["relation"]);
    const std::string from = quote_identifier(names.new_name),
                      to = quote_identifier(names.old_name);
    std::string sql;
    const std::string_view kind_name = kind;
    if (kind_name == "column" || kind_name == "constraint") {
        sql = fmt::format("ALTER {} {} RENAME {} {} TO {}{}", names.words, table,
                          names.words == "TYPE"   ? "ATTRIBUTE"
                          : kind_name == "column" ? "COLUMN"
                                                  : "CONSTRAINT",
                          from, to, node["behavior"].is("DROP_CASCADE") ? " CASCADE" : "");
    } else {
        sql = fmt::format("ALTER {} {} ON {} RENAME TO {}", names.words, from, table, to);
    }
    by_rule(facts, {.sql = sql,
                    .object = {.kind = kind, .name = table, .sub = names.new_name},
                    .only_if_created = false,
                    .guard_rows = false});
}

void rename_whole(StatementFacts& facts, const Names& names, const std::string& prefix,
                  const std::string& suffix, const char* kind) {
    const std::string now = prefix + quote_identifier(names.new_name) + suffix;
    by_rule(facts, {.sql = fmt::format("ALTER {} {} RENAME TO {}", names.words, now,
                                       quote_identifier(names.old_name)),
                    .object = {.kind = kind, .name = now, .sub = {}},
                    .only_if_created = false,
                    .guard_rows = false});
}

void rename_domain_constraint(StatementFacts& facts, Value node, const Names& names) {
    const std::string domain = dotted_name(node["object"].as("List")["items"]);
    by_rule(facts,
            {.sql = fmt::format("ALTER DOMAIN {} RENAME CONSTRAINT {} TO {}", domain,
                                quote_identifier(names.new_name), quote_identifier(names.old_name)),
             .object = {.kind = "type", .name = domain, .sub = {}},
             .only_if_created = false,
             .guard_rows = false});
}

std::string prefix_of(Value names) {
    const std::string schema = dotted_prefix(names);
    return schema.empty() ? "" : schema + ".";
}

// The schema of `schema.name`, and of `database.schema.name`.
std::string schema_of(Value names) {
    const std::string prefix = dotted_prefix(names);
    const std::string outer = dotted_prefix(names, 2);
    return outer.empty() ? prefix : prefix.substr(outer.size() + 1);
}

}  // namespace

void undo_rename(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    const std::string_view kind = node["renameType"].text();
    if (node["missing_ok"].is_true())
        return cannot(facts, "whether there is anything to rename can't be known");
    Names names{.words = object_words_of(kind),
                .old_name = node["subname"].str(),
                .new_name = node["newname"].str()};
    if (is_relation(kind)) {
        names.old_name = node["relation"]["relname"].str();
        return rename_whole(facts, names, schema_prefix(node["relation"]), "", "relation");
    }
    if (kind == "OBJECT_COLUMN" || kind == "OBJECT_ATTRIBUTE") {
        names.words = object_words_of(node["relationType"].text());
        return rename_part(facts, node, names, "column");
    }
    if (kind == "OBJECT_TABCONSTRAINT") return rename_part(facts, node, names, "constraint");
    if (kind == "OBJECT_TRIGGER") return rename_part(facts, node, names, "trigger");
    if (kind == "OBJECT_RULE") return rename_part(facts, node, names, "rule");
    if (kind == "OBJECT_POLICY") return rename_part(facts, node, names, "policy");
    if (is_routine(kind)) {
        const Value object = node["object"].as("ObjectWithArgs");
        if (object["args_unspecified"].is_true())
            return cannot(facts, "write the function's argument types");
        names.old_name = last_name(object["objname"]);
        return rename_whole(facts, names, prefix_of(object["objname"]), arguments_of(object, kind),
                            "function");
    }
    if (const char* in_schema = schema_kind(kind)) {
        const Value list = node["object"].as("List")["items"];
        names.old_name = last_name(list);
        return rename_whole(facts, names, prefix_of(list), "", in_schema);
    }
    if (const char* global = global_kind(kind)) {
        if (names.old_name.empty()) names.old_name = node["object"].as("String")["sval"].str();
        return rename_whole(facts, names, "", "", global);
    }
    if (kind == "OBJECT_DOMCONSTRAINT") return rename_domain_constraint(facts, node, names);
    cannot(facts, fmt::format("no rule renames a {} back", names.words));
}

void undo_set_schema(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    if (node["missing_ok"].is_true())
        return cannot(facts, "whether there is anything to move can't be known");
    const std::string_view kind = node["objectType"].text();
    const std::string target = quote_identifier(node["newschema"].str());
    std::string old_schema, name, object_kind;
    if (is_relation(kind)) {
        old_schema = quote_identifier(node["relation"]["schemaname"].str());
        if (!node["relation"]["schemaname"]) old_schema.clear();
        name = quote_identifier(node["relation"]["relname"].str());
        object_kind = "relation";
    } else if (is_routine(kind)) {
        const Value object = node["object"].as("ObjectWithArgs");
        if (object["args_unspecified"].is_true())
            return cannot(facts, "write the function's argument types");
        old_schema = schema_of(object["objname"]);
        name = quote_identifier(last_name(object["objname"])) + arguments_of(object, kind);
        object_kind = "function";
    } else if (const char* in_schema = schema_kind(kind)) {
        const Value list = node["object"].as("List")["items"];
        old_schema = schema_of(list);
        name = quote_identifier(last_name(list));
        object_kind = in_schema;
    } else {
        return cannot(facts, fmt::format("no rule moves a {} back", object_words_of(kind)));
    }
    if (old_schema.empty())
        return cannot(facts, "write the schema it is moved from: `schema.name`");
    const std::string now = target + "." + name;
    by_rule(facts, {.sql = fmt::format("ALTER {} {} SET SCHEMA {}", object_words_of(kind), now,
                                       old_schema),
                    .object = {.kind = object_kind, .name = now, .sub = {}},
                    .only_if_created = false,
                    .guard_rows = false});
}

void undo_rename_value(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    const std::string type = dotted_name(node["typeName"]);
    by_rule(facts, {.sql = fmt::format("ALTER TYPE {} RENAME VALUE {} TO {}", type,
                                       quote_literal(node["newVal"].str()),
                                       quote_literal(node["oldVal"].str())),
                    .object = {.kind = "enum_value", .name = type, .sub = node["newVal"].str()},
                    .only_if_created = false,
                    .guard_rows = false});
}

}  // namespace cairn::sql
