// Names before and after: what RENAME and SET SCHEMA change, what DROP takes away.
#include "compiler/sql/created.hpp"
#include "compiler/sql/names.hpp"

namespace cairn::sql {
namespace {

std::string sibling(Value names, const std::string& name) {
    const std::string schema = dotted_prefix(names);
    return (schema.empty() ? "" : schema + ".") + quote_identifier(name);
}

std::optional<Renaming> rename(Value node) {
    const std::string_view kind = node["renameType"].text();
    const std::string to = node["newname"].str();
    if (kind == "OBJECT_COLUMN" || kind == "OBJECT_TABCONSTRAINT") {
        const char* word = kind == "OBJECT_COLUMN" ? "column" : "constraint";
        const std::string table = relation_name(node["relation"]);
        return Renaming{{word, table, node["subname"].str()}, {word, table, to}};
    }
    if (kind == "OBJECT_TYPE" || kind == "OBJECT_DOMAIN") {
        const Value names = node["object"].as("List")["items"];
        return Renaming{{"type", dotted_name(names), {}}, {"type", sibling(names, to), {}}};
    }
    if (kind == "OBJECT_SCHEMA") {
        return Renaming{{"schema", quote_identifier(node["subname"].str()), {}},
                        {"schema", quote_identifier(to), {}}};
    }
    if (node["relation"] && !node["subname"]) {
        const Value relation = node["relation"];
        return Renaming{{"relation", relation_name(relation), {}},
                        {"relation", schema_prefix(relation) + quote_identifier(to), {}}};
    }
    return std::nullopt;
}

std::optional<Renaming> move(Value node) {
    const std::string schema = node["newschema"].str();
    if (const Value relation = node["relation"]) {
        return Renaming{{"relation", relation_name(relation), {}},
                        {"relation", qualified(schema, relation["relname"].text()), {}}};
    }
    const std::string_view kind = node["objectType"].text();
    if (kind != "OBJECT_TYPE" && kind != "OBJECT_DOMAIN") return std::nullopt;
    const Value names = node["object"].as("List")["items"];
    return Renaming{{"type", dotted_name(names), {}},
                    {"type", qualified(schema, last_name(names)), {}}};
}

std::string dropped_key(std::string_view kind, Value object) {
    const Value names = object.as("List")["items"];
    if (kind == "OBJECT_TABLE" || kind == "OBJECT_VIEW" || kind == "OBJECT_MATVIEW" ||
        kind == "OBJECT_INDEX" || kind == "OBJECT_SEQUENCE" || kind == "OBJECT_FOREIGN_TABLE") {
        return "relation " + dotted_name(names);
    }
    if (kind == "OBJECT_TRIGGER" || kind == "OBJECT_RULE" || kind == "OBJECT_POLICY") {
        const char* word = kind == "OBJECT_TRIGGER" ? "trigger"
                           : kind == "OBJECT_RULE"  ? "rule"
                                                    : "policy";
        return key_of({word, dotted_prefix(names), last_name(names)});
    }
    if (kind == "OBJECT_TYPE" || kind == "OBJECT_DOMAIN")
        return "type " + type_name(object.as("TypeName"));
    if (kind == "OBJECT_SCHEMA")
        return "schema " + quote_identifier(object.as("String")["sval"].str());
    if (kind == "OBJECT_FUNCTION" || kind == "OBJECT_PROCEDURE" || kind == "OBJECT_AGGREGATE") {
        return "function " + object_with_args(object.as("ObjectWithArgs"), kind);
    }
    return {};
}

}  // namespace

std::optional<Renaming> renaming_of(const Subject& subject) {
    if (subject.type == "RenameStmt") return rename(subject.node);
    if (subject.type == "AlterObjectSchemaStmt") return move(subject.node);
    return std::nullopt;
}

std::vector<std::string> dropped_keys(const Subject& subject) {
    std::vector<std::string> out;
    if (subject.type != "DropStmt") return out;
    for (const Value object : subject.node["objects"]) {
        out.push_back(dropped_key(subject.node["removeType"].text(), object));
    }
    return out;
}

}  // namespace cairn::sql
