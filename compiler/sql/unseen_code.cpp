#include "compiler/sql/unseen_code.hpp"

#include <algorithm>
#include <array>

#include "compiler/sql/names.hpp"
#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

// The operators and types of PostgreSQL 15's own catalog that SQL is written with, sorted by byte.
constexpr auto own_operators = std::to_array<std::string_view>({
    "!",    "!!",  "!~",   "!~*", "!~~",  "!~~*", "#",    "##",  "#-",   "#>",  "#>>", "%",
    "&",    "&&",  "&<",   "&<|", "&>",   "*",    "*<",   "*<=", "*<>",  "*=",  "*>",  "*>=",
    "+",    "-",   "->",   "->>", "-|-",  "/",    "<",    "<->", "<<",   "<<=", "<<|", "<=",
    "<>",   "<@",  "<^",   "=",   ">",    ">=",   ">>",   ">>=", ">^",   "?",   "?#",  "?&",
    "?-",   "?-|", "?|",   "?||", "@",    "@-@",  "@>",   "@?",  "@@",   "@@@", "^",   "^@",
    "|",    "|&>", "|/",   "|>>", "||",   "||/",  "~",    "~*",  "~<=~", "~<~", "~=",  "~>=~",
    "~>~",  "~~",  "~~*",
});
constexpr auto own_types = std::to_array<std::string_view>({
    "bit",       "bool",       "box",       "bpchar",       "bytea",       "char",        "cidr",
    "circle",    "date",       "daterange", "float4",       "float8",      "inet",        "int2",
    "int4",      "int4range",  "int8",      "int8range",    "interval",    "json",        "jsonb",
    "jsonpath",  "line",       "lseg",      "macaddr",      "macaddr8",    "money",       "name",
    "numeric",   "numrange",   "oid",       "path",         "pg_lsn",      "point",       "polygon",
    "record",    "regclass",   "regconfig", "regnamespace", "regproc",     "regprocedure", "regrole",
    "regtype",   "serial",     "serial2",   "serial4",      "serial8",     "bigserial",   "smallserial",
    "text",      "tid",        "time",      "timestamp",    "timestamptz", "timetz",      "tsquery",
    "tsrange",   "tstzrange",  "tsvector",  "uuid",         "varbit",      "varchar",     "xid",
    "xid8",      "xml",
});

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// A list of names: `pg_catalog.text` or `text`.
template <std::size_t N>
bool is_own(Value names, const std::array<std::string_view, N>& own) {
    const bool qualified = names.size() > 1 && !(*names.begin()).as("String")["sval"].is("pg_catalog");
    return !qualified && is_one_of(names.last().as("String")["sval"].text(), own);
}

// Whether `holds` is true of some part of the tree.
template <class Holds>
bool any_part(Value tree, const Holds& holds) {
    std::vector<Value> pending{tree};
    while (!pending.empty()) {
        const Value value = pending.back();
        pending.pop_back();
        if (holds(value)) return true;
        for (const Value child : value) {
            if (child.is_object() || child.is_list()) pending.push_back(child);
        }
    }
    return false;
}

bool is_foreign_operator(Value part) {
    return part.key() == "A_Expr" && part["kind"].text().starts_with("AEXPR_OP") &&
           !is_own(part["name"], own_operators);
}

bool is_foreign_type(Value part) {
    return (part.key() == "typeName" || part.key() == "TypeName") && part["names"] &&
           !is_own(part["names"], own_types);
}

bool is_users_call(Value part) {
    return part.key() == "FuncCall" && !is_harmless_function(dotted_name(part["funcname"]));
}

bool is_users(Value part) {
    return is_foreign_operator(part) || is_foreign_type(part) || is_users_call(part);
}

bool is_of_catalog(const std::string& relation) {
    return relation.starts_with("pg_catalog.") || relation.starts_with("information_schema.");
}

// Subcommands that keep an expression without evaluating it.
bool only_kept(Value command) {
    const std::string_view type = command["subtype"].text();
    return type == "AT_ColumnDefault" || type == "AT_SetExpression" ||
           command["def"].as("Constraint")["skip_validation"].is_true();
}

bool is_draw(Value part) {
    if (part.key() != "FuncCall") return false;
    const std::string_view name = part["funcname"].last().as("String")["sval"].text();
    return name == "nextval" || name == "setval";
}

// 's' and 's'::regclass.
std::string named_sequence(Value call) {
    Value argument;
    for (const Value first : call["args"]) {
        argument = first;
        break;
    }
    if (const Value cast = argument.as("TypeCast")) argument = cast["arg"];
    return argument.as("A_Const")["sval"]["sval"].str();
}

// What of the statement is evaluated when it runs.
std::vector<Value> evaluated(const Subject& subject) {
    if (runs_queries(subject)) return {subject.node};
    if (subject.type == "CreateStmt") return {subject.node["partbound"]};
    if (subject.type == "IndexStmt") return {subject.node};
    std::vector<Value> parts;
    if (subject.type != "AlterTableStmt") return parts;
    for (const Value element : subject.node["cmds"]) {
        if (!only_kept(element.as("AlterTableCmd"))) parts.push_back(element);
    }
    return parts;
}

// Of the indexes that are there. ANALYZE looks at them as well, but so does autovacuum without being asked.
bool builds_indexes_again(const Subject& subject) {
    if (subject.type == "ReindexStmt" || subject.type == "ClusterStmt") return true;
    if (subject.type != "VacuumStmt") return false;
    for (const Value option : subject.node["options"]) {
        if (option.as("DefElem")["defname"].is("full")) return true;
    }
    return false;
}

}  // namespace

bool is_defined_with_code(const Subject& subject) {
    return any_part(subject.node, [&](Value part) {
        return is_users_call(part) || (is_draw(part) && !subject.step.created(named_sequence(part)));
    });
}

bool may_run_unseen_code(const Subject& subject) {
    if (builds_indexes_again(subject)) return true;
    if (subject.type == "RefreshMatViewStmt") return !subject.node["skipData"].is_true();
    if (runs_queries(subject)) {
        for (const std::string& relation : subject.references.reads) {
            if (!subject.step.keeps_to_itself(relation) && !is_of_catalog(relation)) return true;
        }
    }
    const auto parts = evaluated(subject);
    return std::any_of(parts.begin(), parts.end(), [](Value part) { return any_part(part, is_users); });
}

Drawn drawn_from(const Subject& subject) {
    Drawn drawn;
    for (const Value part : evaluated(subject)) {
        any_part(part, [&](Value one) {
            if (!is_draw(one)) return false;
            const std::string name = named_sequence(one);
            if (!name.empty() && subject.step.created(name)) return false;
            drawn.any = true;
            if (!name.empty()) add_once(drawn.sequences, name);
            return false;
        });
    }
    return drawn;
}

}  // namespace cairn::sql
