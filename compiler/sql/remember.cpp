// What a statement leaves for those after it in the step: objects that nobody else can see yet, locks that
// are held to the commit, settings.
#include <algorithm>

#include "compiler/sql/created.hpp"
#include "compiler/sql/names.hpp"

namespace cairn::sql {
namespace {

void remember_creation(const Creation& made, Step& step) {
    if (made.object.kind.empty()) return;
    const bool surely = !made.if_not_exists && !made.replaces;
    if (surely) step.objects.insert(key_of(made.object));
    if (made.object.kind == "relation") step.relations.insert(made.object.name);
}

void remember_alter_table(Value node, Step& step) {
    const std::string table = relation_name(node["relation"]);
    for (const Value element : node["cmds"]) {
        const Value command = element.as("AlterTableCmd");
        if (command["missing_ok"].is_true()) continue;
        const Value column = command["def"].as("ColumnDef"), constraint = command["def"].as("Constraint");
        if (command["subtype"].is("AT_AddColumn")) step.objects.insert("column " + table + " " + column["colname"].str());
        if (command["subtype"].is("AT_AddConstraint") && constraint["conname"]) {
            step.objects.insert("constraint " + table + " " + constraint["conname"].str());
        }
    }
}

// A new table under a new name is as new as before.
void remember_rename(Value node, Step& step) {
    if (node["subname"] || !node["relation"]) return;
    const std::string before = relation_name(node["relation"]);
    const std::string after = schema_prefix(node["relation"]) + quote_identifier(node["newname"].str());
    if (step.objects.erase("relation " + before) > 0) step.objects.insert("relation " + after);
    if (step.relations.erase(before) > 0) step.relations.insert(after);
}

void remember_drop(Value node, Step& step) {
    for (const Value object : node["objects"]) {
        const std::string name = dotted_name(object.as("List")["items"]);
        step.objects.erase("relation " + name);
        step.relations.erase(name);
    }
}

}  // namespace

void remember(const Subject& subject, const StatementFacts& facts, Step& step) {
    if (const auto made = creation_of(subject)) remember_creation(*made, step);
    if (subject.type == "AlterTableStmt") remember_alter_table(subject.node, step);
    if (subject.type == "RenameStmt") remember_rename(subject.node, step);
    if (subject.type == "DropStmt") remember_drop(subject.node, step);
    if (subject.type == "AlterEnumStmt" && subject.node["newVal"] && !subject.node["oldVal"]) {
        step.enum_values.insert(subject.node["newVal"].str());
    }
    if (subject.type == "VariableSetStmt" && subject.node["name"].is("lock_timeout")) step.has_lock_timeout = true;
    for (const Lock& lock : facts.locks) {
        LockMode& held = step.locks[lock.relation];
        held = std::max(held, lock.mode);
    }
}

}  // namespace cairn::sql
