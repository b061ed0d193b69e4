// Statements after which something is gone: rows, objects that depend on others, names that
// applications use.
#include <fmt/format.h>

#include "compiler/sql/hazards.hpp"
#include "compiler/sql/names.hpp"
#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

void loses(StatementFacts& facts, Range where, std::string message) {
    facts.losing_rows = true;
    add_hazard(facts, hazard::loss, where, std::move(message));
}

void drop(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    const std::string_view kind = node["removeType"].text();
    bool own = true;  // everything it drops was created in this step
    for (const Value object : node["objects"]) {
        const std::string name = object.as("String")
                                     ? quote_identifier(object.as("String")["sval"].str())
                                     : dotted_name(object.as("List")["items"]);
        if (subject.step.is_new(name) || subject.step.objects.contains("schema " + name)) continue;
        own = false;
        if (kind == "OBJECT_TABLE")
            loses(facts, subject.text.mention(name),
                  fmt::format("every row of `{}` is lost", name));
    }
    if (!node["behavior"].is("DROP_CASCADE") || own || node["concurrent"].is_true()) return;
    facts.losing_rows |= kind == "OBJECT_SCHEMA" || kind == "OBJECT_TYPE" ||
                         kind == "OBJECT_EXTENSION" || kind == "OBJECT_DOMAIN";
    add_hazard(
        facts, hazard::cascade, subject.text.find({"cascade"}),
        kind == "OBJECT_SCHEMA"
            ? "CASCADE drops every table of the schema, and whatever depends on them elsewhere"
            : "CASCADE drops whatever depends on what is dropped, named here or not");
}

void truncate(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    bool own = true;
    for (const Value relation : node["relations"]) {
        const std::string name = relation_name(relation.body());
        if (subject.step.is_new(name)) continue;
        own = false;
        loses(facts, subject.text.mention(name), fmt::format("every row of `{}` is lost", name));
    }
    if (own || !node["behavior"].is("DROP_CASCADE")) return;
    add_hazard(facts, hazard::cascade, subject.text.find({"cascade"}),
               "CASCADE empties every table with a foreign key to these, named here or not");
}

// DELETE and UPDATE without WHERE, also in WITH.
void every_row(const Subject& subject, std::string_view type, Value node, StatementFacts& facts) {
    for (const Value query : node["withClause"]["ctes"]) {
        const Value inner = query.as("CommonTableExpr")["ctequery"];
        every_row(subject, inner.type(), inner.body(), facts);
    }
    if (type == "DeleteStmt" || type == "MergeStmt") facts.losing_rows = true;
    if (type != "DeleteStmt" && type != "UpdateStmt") return;
    const std::string table = relation_name(node["relation"]);
    const bool bounded = node["whereClause"] || node["usingClause"] || node["fromClause"];
    if (bounded) return;
    if (subject.step.is_new(table)) return;
    const Range where = subject.text.mention(table);
    if (type == "DeleteStmt") {
        add_hazard(facts, hazard::loss, where,
                   fmt::format("DELETE without WHERE: every row of `{}` is lost", table));
    } else {
        add_hazard(facts, hazard::loss, where,
                   fmt::format("UPDATE without WHERE: every row of `{}` is overwritten", table));
    }
}

void rename(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    const std::string_view kind = node["renameType"].text();
    if (!node["relation"]) return;
    const std::string table = relation_name(node["relation"]);
    if (subject.step.is_new(table)) return;
    if (kind == "OBJECT_COLUMN" && !subject.step.objects.contains(fmt::format(
                                       "column {} {}", table, node["subname"].text()))) {
        const std::string column = quote_identifier(node["subname"].str());
        add_hazard(
            facts, hazard::rename, subject.text.mention(column),
            fmt::format("whoever still asks for `{}.{}` fails once this commits", table, column));
    } else if (kind == "OBJECT_TABLE" || kind == "OBJECT_VIEW" || kind == "OBJECT_MATVIEW") {
        add_hazard(facts, hazard::rename, subject.text.mention(table),
                   fmt::format("whoever still asks for `{}` fails once this commits", table));
    }
}

void move(const Subject& subject, StatementFacts& facts) {
    const Value relation = subject.node["relation"];
    if (!relation || subject.step.is_new(relation_name(relation))) return;
    const std::string name = relation_name(relation);
    add_hazard(
        facts, hazard::rename, subject.text.mention(name),
        fmt::format("whoever still asks for `{}` in its old schema fails once this commits", name));
}

void publication(const Subject& subject, StatementFacts& facts) {
    if (!subject.node["for_all_tables"].is_true()) return;
    add_hazard(facts, hazard::all_tables, subject.text.find({"all", "tables"}),
               "a publication FOR ALL TABLES takes in cairn's journal, and stops its subscribers "
               "at the first row",
               "FOR TABLES IN SCHEMA public");
}

void copy(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    if (!node["filename"]) return;
    const bool program = node["is_program"].is_true();
    add_hazard(facts, hazard::server_file,
               program ? subject.text.find({"program"})
                       : subject.text.find({node["is_from"].is_true() ? "from" : "to"}),
               fmt::format("COPY {} a {} on the database's machine, as its account",
                           program                     ? "runs"
                           : node["is_from"].is_true() ? "reads"
                                                       : "writes",
                           program ? "program" : "file"));
}

void replication_role(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    if (!node["name"].is("session_replication_role") ||
        node["kind"].text().starts_with("VAR_RESET"))
        return;
    if (!(*node["args"].begin()).as("A_Const")["sval"]["sval"].is("replica")) return;
    add_hazard(
        facts, hazard::keys_unchecked, subject.text.all(),
        "with session_replication_role = replica no foreign key is checked, and no trigger fires");
}

void unlogged(const Subject& subject, StatementFacts& facts) {
    const Value relation =
        subject.type == "CreateStmt" ? subject.node["relation"] : subject.node["into"]["rel"];
    if (!relation["relpersistence"].is("u")) return;
    add_hazard(facts, hazard::unlogged, subject.text.find({"unlogged"}),
               fmt::format("after a crash of the server `{}` is empty", relation_name(relation)));
}

}  // namespace

void loss_hazards(const Subject& subject, StatementFacts& facts) {
    const std::string_view type = subject.type;
    if (type == "DropStmt") drop(subject, facts);
    if (type == "TruncateStmt") truncate(subject, facts);
    if (type == "RenameStmt") rename(subject, facts);
    if (type == "AlterObjectSchemaStmt") move(subject, facts);
    if (type == "CreatePublicationStmt") publication(subject, facts);
    if (type == "CopyStmt") copy(subject, facts);
    if (type == "VariableSetStmt") replication_role(subject, facts);
    if (type == "CreateStmt" || type == "CreateTableAsStmt") unlogged(subject, facts);
    if (type == "DropdbStmt" || type == "DropOwnedStmt") {
        loses(facts, subject.text.all(), fmt::format("{} takes every row along", facts.kind));
    }
    every_row(subject, type, subject.node, facts);
}

}  // namespace cairn::sql
