// What kind of statement it is: its tag, whether it controls transactions or settings, what its
// queries touch.
#include <algorithm>

#include "compiler/sql/names.hpp"
#include "compiler/sql/rules.hpp"
#include "compiler/sql/unseen_code.hpp"

namespace cairn::sql {
namespace {

bool sets_transaction(Value node) {
    const std::string_view name = node["name"].text();
    return name == "TRANSACTION" || name == "TRANSACTION SNAPSHOT" ||
           name == "transaction_isolation" || name == "transaction_read_only" ||
           name == "transaction_deferrable";
}

bool changes_data(std::string_view type) {
    return type == "InsertStmt" || type == "UpdateStmt" || type == "DeleteStmt" ||
           type == "MergeStmt";
}

bool option_on(Value options, std::string_view name) {
    for (const Value node : options) {
        const Value option = node.as("DefElem");
        if (!option["defname"].is(name)) continue;
        const Value argument = option["arg"];
        if (!argument) return true;
        const std::string_view text = argument.as("String")["sval"].text();
        return text == "true" || text == "on" || argument.as("Integer")["ival"].number() != 0 ||
               argument.as("Boolean")["boolval"].is_true();
    }
    return false;
}

Acts acts_of(Value node) {
    const bool again = node["kind"].is("VAR_RESET") || node["kind"].is("VAR_SET_DEFAULT");
    if (node["name"].is("role")) return again ? Acts::as_role_again : Acts::as_role;
    if (node["name"].is("session_authorization")) return again ? Acts::as_session_again : Acts::as_session;
    return Acts::as_before;
}

void note_calls(const Subject& subject, StatementFacts& facts) {
    if (!runs_queries(subject)) return;
    for (const std::string& call : subject.references.calls) {
        if (call == "set_config" || call == "pg_catalog.set_config")
            facts.is_setting = true;
        else if (!is_harmless_function(call))
            facts.calls.push_back(call);
    }
}

bool is_opaque(const Subject& subject, const StatementFacts& facts) {
    const std::string_view type = subject.type;
    const bool prepared = subject.node["query"].type() == "ExecuteStmt" && runs_queries(subject);
    const bool program = type == "CopyStmt" && subject.node["is_program"].is_true();
    return program || type == "DoStmt" || type == "CallStmt" || type == "ExecuteStmt" || prepared ||
           !facts.calls.empty();
}

bool takes_rows_from_query(std::string_view type) {
    return type == "ViewStmt" || type == "RuleStmt" || type == "PrepareStmt" ||
           type == "CreatePolicyStmt" || type == "AlterPolicyStmt" ||
           type == "CreateFunctionStmt" || type == "CreateTrigStmt" || type == "ExplainStmt" ||
           type == "CreateTableAsStmt" || type == "SelectStmt" || type == "CopyStmt" ||
           type == "CallStmt" || type == "DeclareCursorStmt" || changes_data(type);
}

// Relations that a statement names outside of queries, and changes.
std::vector<std::string> targets(const Subject& subject) {
    std::vector<std::string> out;
    const Value node = subject.node;
    const std::string_view type = subject.type;
    if (type == "CreateStmt" || type == "AlterTableStmt" || type == "RefreshMatViewStmt" ||
        (type == "CopyStmt" && node["is_from"].is_true())) {
        if (node["relation"]) add_once(out, relation_name(node["relation"]));
    } else if (type == "CreateForeignTableStmt") {
        add_once(out, relation_name(node["base"]["relation"]));
    } else if (type == "CreateTableAsStmt") {
        add_once(out, relation_name(node["into"]["rel"]));
    } else if (type == "ExplainStmt" && runs_queries(subject)) {
        const Value created = node["query"].as("CreateTableAsStmt")["into"]["rel"];
        if (created) add_once(out, relation_name(created));
    } else if (type == "ViewStmt") {
        add_once(out, relation_name(node["view"]));
    } else if (type == "TruncateStmt") {
        for (const Value relation : node["relations"])
            add_once(out, relation_name(relation.body()));
    } else if (type == "DropStmt") {
        const std::string_view kind = node["removeType"].text();
        const bool relation = kind == "OBJECT_TABLE" || kind == "OBJECT_VIEW" ||
                              kind == "OBJECT_MATVIEW" || kind == "OBJECT_FOREIGN_TABLE" ||
                              kind == "OBJECT_SEQUENCE";
        if (!relation) return out;
        for (const Value object : node["objects"])
            add_once(out, dotted_name(object.as("List")["items"]));
    } else if (type == "RenameStmt" || type == "AlterObjectSchemaStmt") {
        if (node["relation"]) add_once(out, relation_name(node["relation"]));
    }
    return out;
}

// Tables that keys, LIKE and INHERITS of a new or changed table name.
void read_definitions(Value part, std::vector<std::string>& reads) {
    std::vector<Value> pending{part};
    while (!pending.empty()) {
        const Value value = pending.back();
        pending.pop_back();
        if (value["pktable"]) add_once(reads, relation_name(value["pktable"]));
        if (value.key() == "TableLikeClause") add_once(reads, relation_name(value["relation"]));
        for (const Value child : value) {
            if (child.is_object() || child.is_list()) pending.push_back(child);
        }
    }
}

}  // namespace

bool runs_queries(const Subject& subject) {
    const std::string_view type = subject.type;
    if (type == "ExplainStmt") return option_on(subject.node["options"], "analyze");
    if (type == "CreateTableAsStmt") return !subject.node["into"]["skipData"].is_true();
    return type == "SelectStmt" || changes_data(type) || type == "CopyStmt" || type == "CallStmt" ||
           type == "DeclareCursorStmt";
}

References references_of(std::string_view type, Value statement) {
    return takes_rows_from_query(type) ? find_references(statement) : References{};
}

void recognise(const Subject& subject, StatementFacts& facts) {
    const std::string_view type = subject.type;
    const Value node = subject.node;
    facts.kind = command_tag(type, node);
    facts.transaction_control = type == "TransactionStmt";
    facts.set_transaction = type == "VariableSetStmt" && sets_transaction(node);
    facts.is_setting = type == "VariableSetStmt" && !facts.set_transaction;
    if (facts.is_setting) facts.acts = acts_of(node);
    facts.copies_client = type == "CopyStmt" && !node["filename"] && !node["is_program"].is_true();

    facts.reads = subject.references.reads;
    if (runs_queries(subject)) facts.writes = subject.references.writes;
    if (type == "CreateStmt" || type == "AlterTableStmt") {
        read_definitions(node, facts.reads);
        for (const Value parent : node["inhRelations"])
            add_once(facts.reads, relation_name(parent.body()));
    }
    if (type == "CopyStmt" && node["relation"] && !node["is_from"].is_true()) {
        add_once(facts.reads, relation_name(node["relation"]));
    }
    for (const std::string& target : targets(subject)) add_once(facts.writes, target);
    for (const std::string& created : subject.references.created) add_once(facts.writes, created);

    facts.is_query =
        type == "SelectStmt" && facts.writes.empty() && subject.references.locked.empty();
    note_calls(subject, facts);
    facts.opaque = is_opaque(subject, facts);
    facts.only_inserts = subject.type == "InsertStmt" && facts.writes.size() == 1 && !subject.node["onConflictClause"]["action"].is("ONCONFLICT_UPDATE");
    facts.updates_all = subject.type == "UpdateStmt" && facts.writes.size() == 1 && !subject.node["whereClause"] && !subject.node["fromClause"];
    facts.may_run_unseen_code = may_run_unseen_code(subject);
    Drawn drawn = drawn_from(subject);
    facts.draws = drawn.any;
    facts.sequences = std::move(drawn.sequences);
}

}  // namespace cairn::sql
