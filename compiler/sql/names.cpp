#include "compiler/sql/names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "compiler/sql/facts.hpp"

namespace cairn::sql {
namespace {

// How the grammar's own spellings of built-in types come out of the parser, and go back.
constexpr auto spelled = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"bit", "bit"},
    {"bool", "boolean"},
    {"bpchar", "character"},
    {"float4", "real"},
    {"float8", "double precision"},
    {"int2", "smallint"},
    {"int4", "integer"},
    {"int8", "bigint"},
    {"interval", "interval"},
    {"numeric", "numeric"},
    {"time", "time"},
    {"timestamp", "timestamp"},
    {"timestamptz", "timestamp with time zone"},
    {"timetz", "time with time zone"},
    {"varbit", "bit varying"},
    {"varchar", "character varying"},
});

std::string_view string_of(Value node) {
    return node.as("String")["sval"].text();
}

std::string base_type(Value names) {
    if (names.size() == 2 && string_of(*names.begin()) == "pg_catalog") {
        const std::string_view name = string_of(names.last());
        const auto* found = std::find_if(spelled.begin(), spelled.end(),
                                         [&](const auto& pair) { return pair.first == name; });
        if (found != spelled.end()) return std::string(found->second);
    }
    return dotted_name(names);
}

void add_to_list(std::string& list, std::string_view item) {
    if (!list.empty()) list += ", ";
    list += item;
}

}  // namespace

std::string qualified(std::string_view schema, std::string_view name) {
    const std::string quoted = quote_identifier(std::string(name));
    return schema.empty() ? quoted : quote_identifier(std::string(schema)) + "." + quoted;
}

std::string relation_name(Value range_var) {
    const std::string name = qualified(range_var["schemaname"].text(), range_var["relname"].text());
    const std::string_view catalog = range_var["catalogname"].text();
    return catalog.empty() ? name : quote_identifier(std::string(catalog)) + "." + name;
}

std::string schema_prefix(Value range_var) {
    const std::string schema = range_var["schemaname"].str();
    return schema.empty() ? "" : quote_identifier(schema) + ".";
}

std::string dotted_name(Value strings) {
    return dotted_prefix(strings, 0);
}

std::string dotted_prefix(Value strings, std::size_t drop) {
    std::string out;
    std::size_t left = strings.size();
    for (const Value part : strings) {
        if (left-- <= drop) break;
        if (!out.empty()) out += '.';
        out += quote_identifier(std::string(string_of(part)));
    }
    return out;
}

std::string last_name(Value strings) {
    return std::string(string_of(strings.last()));
}

std::string type_name(Value type) {
    std::string out = type["setof"].is_true() ? "SETOF " : "";
    out += base_type(type["names"]);
    if (type["pct_type"].is_true()) out += "%TYPE";
    for (std::size_t i = type["arrayBounds"].size(); i > 0; --i) out += "[]";
    return out;
}

std::string signature(Value name, Value parameters, bool procedure) {
    std::string list;
    for (const Value node : parameters) {
        const Value parameter = node.as("FunctionParameter");
        const std::string_view mode = parameter["mode"].text();
        if (mode == "FUNC_PARAM_TABLE" || (mode == "FUNC_PARAM_OUT" && !procedure)) continue;
        const std::string_view word = mode == "FUNC_PARAM_VARIADIC" ? "VARIADIC "
                                      : mode == "FUNC_PARAM_OUT"    ? "OUT "
                                                                    : "";
        add_to_list(list, std::string(word) + type_name(parameter["argType"]));
    }
    return dotted_name(name) + "(" + list + ")";
}

std::string input_signature(Value name, Value parameters) {
    std::string list;
    for (const Value node : parameters) {
        const Value parameter = node.as("FunctionParameter");
        const std::string_view mode = parameter["mode"].text();
        if (mode == "FUNC_PARAM_TABLE" || mode == "FUNC_PARAM_OUT") continue;
        add_to_list(list, type_name(parameter["argType"]));
    }
    return dotted_name(name) + "(" + list + ")";
}

std::string object_with_args(Value object, std::string_view kind) {
    const std::string name = dotted_name(object["objname"]);
    if (object["args_unspecified"].is_true()) return name;
    std::string list;
    for (const Value argument : object["objargs"]) {
        add_to_list(list, type_name(argument.as("TypeName")));
    }
    if (list.empty() && kind == "OBJECT_AGGREGATE") list.push_back('*');
    return name + "(" + list + ")";
}

std::string role_name(Value role_spec) {
    const std::string_view type = role_spec["roletype"].text();
    if (type == "ROLESPEC_CURRENT_USER") return "CURRENT_USER";
    if (type == "ROLESPEC_CURRENT_ROLE") return "CURRENT_ROLE";
    if (type == "ROLESPEC_SESSION_USER") return "SESSION_USER";
    if (type == "ROLESPEC_PUBLIC") return "PUBLIC";
    return quote_identifier(role_spec["rolename"].str());
}

}  // namespace cairn::sql
