// ALTER TABLE: every subcommand must have its rule, and they are undone from the last to the first.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/sql/created.hpp"
#include "compiler/sql/inverse.hpp"
#include "compiler/sql/names.hpp"

namespace cairn::sql {
namespace {

struct Altered {
    std::string table;        // as an SQL identifier
    std::string words;        // TABLE, FOREIGN TABLE, TYPE
    const Step& step;
    std::set<std::string> added = {};  // columns added by earlier subcommands

    [[nodiscard]] bool is_new_column(const std::string& column) const {
        return added.contains(column) ||
               step.objects.contains(key_of({.kind = "column", .name = table, .sub = column}));
    }
};

struct Undone {
    std::optional<Inverse> inverse;
    std::string why_not;
    bool within_created = false;
};

Undone add_column(const Altered& altered, Value command) {
    const std::string column = command["def"].as("ColumnDef")["colname"].str();
    const bool type = altered.words == "TYPE";
    if (type && command["behavior"].is("DROP_CASCADE")) {
        return {.inverse = {},
                .why_not = "which tables of the type CASCADE adds the attribute to can't be known",
                .within_created = false};
    }
    return {.inverse =
                Inverse{.sql = fmt::format("ALTER {} {} DROP {} {}", altered.words, altered.table,
                                           type ? "ATTRIBUTE" : "COLUMN", quote_identifier(column)),
                        .object = {.kind = "column", .name = altered.table, .sub = column},
                        .only_if_created = command["missing_ok"].is_true(),
                        .guard_rows = true},
            .why_not = {},
            .within_created = false};
}

// A primary key makes its columns NOT NULL, and they stay so when it is dropped.
bool leaves_not_null(const Altered& altered, Value constraint) {
    if (!constraint["contype"].is("CONSTR_PRIMARY")) return false;
    for (const Value key : constraint["keys"]) {
        if (!altered.is_new_column(key.as("String")["sval"].str())) return true;
    }
    return false;
}

Undone add_constraint(const Altered& altered, Value constraint) {
    Undone out;
    const std::string name = constraint["conname"].str();
    if (constraint["indexname"]) {
        out.why_not = fmt::format(
            "the constraint takes over index `{}`, and dropping it would drop the index",
            constraint["indexname"].text());
    } else if (name.empty()) {
        out.why_not = "the server chooses the name of the constraint: name it";
    } else if (leaves_not_null(altered, constraint)) {
        out.why_not =
            "a primary key also makes its columns NOT NULL, and whether they were before it can't "
            "be known";
    } else {
        out.inverse = Inverse{.sql = fmt::format("ALTER {} {} DROP CONSTRAINT {}", altered.words,
                                                 altered.table, quote_identifier(name)),
                              .object = {.kind = "constraint", .name = altered.table, .sub = name},
                              .only_if_created = false,
                              .guard_rows = false};
    }
    return out;
}

Undone validate(const Altered& altered, Value command) {
    const ObjectName constraint{
        .kind = "constraint", .name = altered.table, .sub = command["name"].str()};
    if (altered.step.objects.contains(key_of(constraint))) {
        return {.inverse = {}, .why_not = {}, .within_created = true};
    }
    return {.inverse = {},
            .why_not = "PostgreSQL can't make a validated constraint NOT VALID again",
            .within_created = false};
}

// Changes of a column that this step added go when the column goes.
Undone change_column(const Altered& altered, Value command, std::string why_not) {
    const bool within = altered.is_new_column(command["name"].str());
    return {.inverse = {}, .why_not = within ? "" : std::move(why_not), .within_created = within};
}

Undone undo(const Altered& altered, Value command) {
    const std::string_view type = command["subtype"].text();
    if (type == "AT_AddColumn") return add_column(altered, command);
    if (type == "AT_AddConstraint") return add_constraint(altered, command["def"].as("Constraint"));
    if (type == "AT_ValidateConstraint") return validate(altered, command);
    if (type == "AT_AttachPartition") {
        const std::string partition = relation_name(command["def"].as("PartitionCmd")["name"]);
        if (altered.step.created(partition))
            return {.inverse = {}, .why_not = {}, .within_created = true};
        return {.inverse = {},
                .why_not =
                    "attaching gives the partition indexes and constraints that detaching leaves "
                    "behind",
                .within_created = false};
    }
    if (type == "AT_AlterColumnType") {
        return change_column(altered, command,
                             "the column's old type and old values are not in the statement");
    }
    if (type == "AT_DropColumn")
        return change_column(altered, command, "the dropped column's rows are not kept yet");
    if (type == "AT_DropConstraint") {
        return {.inverse = {},
                .why_not = "the constraint's definition is not in the statement",
                .within_created = false};
    }
    if (type == "AT_SetNotNull" || type == "AT_DropNotNull") {
        return change_column(
            altered, command,
            fmt::format("whether `{}` was NOT NULL before can't be known", command["name"].text()));
    }
    if (type == "AT_ColumnDefault") {
        return change_column(
            altered, command,
            fmt::format("the default of `{}` before can't be known", command["name"].text()));
    }
    return change_column(altered, command,
                         "what the statement sets was set before in a way it does not tell");
}

// All of it stays inside tables that this step created, and vanishes with them.
// The keys of the table and of its partitions; none where something of it is older than the step.
std::vector<std::string> created_relations(const Subject& subject, const std::string& table) {
    if (!subject.step.created(table)) return {};
    std::vector<std::string> keys{"relation " + table};
    for (const Value node : subject.node["cmds"]) {
        const Value partition = node.as("AlterTableCmd")["def"].as("PartitionCmd");
        if (!partition) continue;
        if (!subject.step.created(relation_name(partition["name"]))) return {};
        keys.push_back("relation " + relation_name(partition["name"]));
    }
    return keys;
}

}  // namespace

void undo_alter_table(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    const std::string table = relation_name(node["relation"]);
    const std::string_view kind = node["objtype"].text();
    if (const auto keys = created_relations(subject, table); !keys.empty())
        return within_created(subject, keys, facts);
    if (node["missing_ok"].is_true())
        return cannot(facts, "whether there is anything to alter can't be known");
    if (kind != "OBJECT_TABLE" && kind != "OBJECT_FOREIGN_TABLE" && kind != "OBJECT_TYPE") {
        return cannot(facts, "what the statement sets was set before in a way it does not tell");
    }
    Altered altered{.table = table,
                    .words = kind == "OBJECT_TYPE"    ? "TYPE"
                             : kind == "OBJECT_TABLE" ? "TABLE"
                                                      : "FOREIGN TABLE",
                    .step = subject.step};
    std::vector<Inverse> inverses;
    std::vector<std::string> columns;  // of this step, that are changed
    for (const Value element : node["cmds"]) {
        const Value command = element.as("AlterTableCmd");
        Undone undone = undo(altered, command);
        if (command["subtype"].is("AT_AddColumn") && !command["missing_ok"].is_true()) {
            altered.added.insert(command["def"].as("ColumnDef")["colname"].str());
        }
        if (undone.inverse)
            inverses.push_back(std::move(*undone.inverse));
        else if (!undone.within_created)
            return cannot(facts, undone.why_not);
        else if (!command["name"].str().empty())
            columns.push_back(key_of({.kind = "column", .name = table, .sub = command["name"].str()}));
    }
    std::reverse(inverses.begin(), inverses.end());
    within_created(subject, columns, facts);
    if (facts.reversal == Reversal::unknown) return;
    for (Inverse& inverse : inverses) by_rule(facts, std::move(inverse));
}

}  // namespace cairn::sql
