// Statements that PostgreSQL refuses inside a transaction block (PreventInTransactionBlock in its
// sources).
#include "compiler/sql/names.hpp"
#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

bool is_false(Value argument) {
    const std::string_view text = argument.as("String")["sval"].text();
    if (text == "false" || text == "off" || text == "no") return true;
    const Value integer = argument.as("Integer");
    return argument.type() == "Integer" && integer["ival"].number() == 0;
}

// An option of a list: absent, on (also when given without a value), or off.
enum class Option { absent, on, off };
Option option(Value options, std::string_view name) {
    for (const Value node : options) {
        const Value element = node.as("DefElem");
        if (element["defname"].is(name)) return is_false(element["arg"]) ? Option::off : Option::on;
    }
    return Option::absent;
}

void create_index(Value node, StatementFacts& facts) {
    if (!node["concurrent"].is_true()) return;
    facts.non_transactional = NonTransactional::create_index_concurrently;
    facts.subject_relation = relation_name(node["relation"]);
    if (!node["idxname"])
        return;  // the server will choose a name: nothing to look for after a crash
    const std::string name =
        schema_prefix(node["relation"]) + quote_identifier(node["idxname"].str());
    facts.subject = ObjectName{.kind = "relation", .name = name, .sub = {}};
}

void drop_index(Value node, StatementFacts& facts) {
    if (!node["concurrent"].is_true()) return;
    facts.non_transactional = NonTransactional::drop_index_concurrently;
    const Value index = (*node["objects"].begin()).as("List")["items"];
    facts.subject = ObjectName{.kind = "relation", .name = dotted_name(index), .sub = {}};
}

void reindex(Value node, StatementFacts& facts) {
    const bool whole = !node["relation"];
    const bool concurrent = option(node["params"], "concurrently") == Option::on;
    if (!whole && !concurrent) return;
    facts.non_transactional =
        concurrent ? NonTransactional::reindex_concurrently : NonTransactional::repeatable;
    if (whole) return;
    facts.subject =
        ObjectName{.kind = "relation", .name = relation_name(node["relation"]), .sub = {}};
    if (!node["kind"].is("REINDEX_OBJECT_INDEX")) facts.subject_relation = facts.subject->name;
}

void detach(Value node, StatementFacts& facts) {
    for (const Value command : node["cmds"]) {
        const Value partition = command.as("AlterTableCmd")["def"].as("PartitionCmd");
        if (!partition["concurrent"].is_true()) continue;
        facts.non_transactional = NonTransactional::detach_concurrently;
        facts.subject =
            ObjectName{.kind = "relation", .name = relation_name(partition["name"]), .sub = {}};
        facts.subject_relation = relation_name(node["relation"]);
    }
}

void named(StatementFacts& facts, NonTransactional what, const char* kind, Value name) {
    facts.non_transactional = what;
    facts.subject = ObjectName{.kind = kind, .name = quote_identifier(name.str()), .sub = {}};
}

// CREATE SUBSCRIPTION makes a slot on the publisher unless told not to.
void create_subscription(Value node, StatementFacts& facts) {
    const bool connects = option(node["options"], "connect") != Option::off;
    if (!connects || option(node["options"], "create_slot") == Option::off) return;
    named(facts, NonTransactional::create_subscription, "subscription", node["subname"]);
}

bool refreshes_subscription(Value node) {
    const std::string_view kind = node["kind"].text();
    if (kind == "ALTER_SUBSCRIPTION_REFRESH") return true;
    const bool publications = kind == "ALTER_SUBSCRIPTION_SET_PUBLICATION" ||
                              kind == "ALTER_SUBSCRIPTION_ADD_PUBLICATION" ||
                              kind == "ALTER_SUBSCRIPTION_DROP_PUBLICATION";
    return publications && option(node["options"], "refresh") != Option::off;
}

bool is_repeatable(std::string_view type, Value node) {
    if (type == "VacuumStmt") return node["is_vacuumcmd"].is_true();
    if (type == "ClusterStmt") return !node["relation"];
    if (type == "AlterDatabaseStmt") return option(node["options"], "tablespace") != Option::absent;
    if (type == "AlterSubscriptionStmt") return refreshes_subscription(node);
    if (type == "DiscardStmt") return node["target"].is("DISCARD_ALL");
    return type == "AlterSystemStmt";
}

}  // namespace

void recognise_non_transactional(const Subject& subject, StatementFacts& facts) {
    const std::string_view type = subject.type;
    const Value node = subject.node;
    if (type == "IndexStmt")
        create_index(node, facts);
    else if (type == "DropStmt")
        drop_index(node, facts);
    else if (type == "ReindexStmt")
        reindex(node, facts);
    else if (type == "AlterTableStmt")
        detach(node, facts);
    else if (type == "CreatedbStmt")
        named(facts, NonTransactional::create_database, "database", node["dbname"]);
    else if (type == "DropdbStmt")
        named(facts, NonTransactional::drop_database, "database", node["dbname"]);
    else if (type == "CreateTableSpaceStmt")
        named(facts, NonTransactional::create_tablespace, "tablespace", node["tablespacename"]);
    else if (type == "DropTableSpaceStmt")
        named(facts, NonTransactional::drop_tablespace, "tablespace", node["tablespacename"]);
    else if (type == "CreateSubscriptionStmt")
        create_subscription(node, facts);
    else if (type == "DropSubscriptionStmt")
        named(facts, NonTransactional::drop_subscription, "subscription", node["subname"]);
    else if (is_repeatable(type, node))
        facts.non_transactional = NonTransactional::repeatable;
}

}  // namespace cairn::sql
