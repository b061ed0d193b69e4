// Statements that read or rewrite a whole table, and their CONCURRENTLY.
#include <fmt/format.h>

#include "compiler/sql/hazards.hpp"
#include "compiler/sql/names.hpp"

namespace cairn::sql {
namespace {

void create_index(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    const std::string table = relation_name(node["relation"]);
    if (!node["concurrent"].is_true()) {
        if (subject.step.is_new(table) || node["relation"]["relpersistence"].is("t")) return;
        add_hazard(
            facts, hazard::scan, subject.text.mention(table),
            fmt::format("CREATE INDEX reads all of `{}` while it holds up every writer", table),
            node["unique"].is_true() ? "CREATE UNIQUE INDEX CONCURRENTLY"
                                     : "CREATE INDEX CONCURRENTLY");
        return;
    }
    if (!node["idxname"]) {
        add_hazard(facts, hazard::concurrently_unnamed, subject.text.find({"concurrently"}),
                   "an index built concurrently needs a name: without one nobody can tell after a "
                   "crash whether it "
                   "was built");
    }
    if (node["if_not_exists"].is_true()) {
        add_hazard(
            facts, hazard::concurrently_if_not_exists, subject.text.find({"if", "not", "exists"}),
            fmt::format(
                "IF NOT EXISTS takes an INVALID index `{}` left by a failed build for success",
                node["idxname"].text()),
            fmt::format("CREATE INDEX CONCURRENTLY {}", quote_identifier(node["idxname"].str())));
    }
}

void drop_index(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    if (!node["concurrent"].is_true()) return;
    if (node["objects"].size() > 1) {
        add_hazard(facts, hazard::refused, subject.text.all(),
                   "DROP INDEX CONCURRENTLY takes one index: PostgreSQL refuses several");
    }
    if (node["behavior"].is("DROP_CASCADE")) {
        add_hazard(facts, hazard::refused, subject.text.find({"cascade"}),
                   "PostgreSQL refuses CASCADE with DROP INDEX CONCURRENTLY");
    }
}

bool has_option(Value options, std::string_view name) {
    for (const Value option : options) {
        if (option.as("DefElem")["defname"].is(name)) return true;
    }
    return false;
}

void reindex(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    if (!node["relation"] || has_option(node["params"], "concurrently")) return;
    const std::string name = relation_name(node["relation"]);
    if (subject.step.is_new(name)) return;
    const char* kind = node["kind"].is("REINDEX_OBJECT_INDEX") ? "INDEX" : "TABLE";
    add_hazard(facts, hazard::scan, subject.text.mention(name),
               fmt::format("REINDEX holds up every writer while it builds `{}` again", name),
               fmt::format("REINDEX {} CONCURRENTLY {}", kind, name));
}

void vacuum(const Subject& subject, StatementFacts& facts) {
    if (!has_option(subject.node["options"], "full")) return;
    add_hazard(facts, hazard::rewrite, subject.text.find({"full"}),
               "VACUUM FULL rewrites the table, and nobody can read it meanwhile", "VACUUM");
}

void cluster(const Subject& subject, StatementFacts& facts) {
    const Value relation = subject.node["relation"];
    if (relation && subject.step.is_new(relation_name(relation))) return;
    const Range where =
        relation ? subject.text.mention(relation_name(relation)) : subject.text.all();
    add_hazard(facts, hazard::rewrite, where,
               "CLUSTER rewrites the table, and nobody can read it meanwhile");
}

void refresh(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    const std::string view = relation_name(node["relation"]);
    if (node["concurrent"].is_true() || node["skipData"].is_true() || subject.step.is_new(view))
        return;
    add_hazard(facts, hazard::scan, subject.text.mention(view),
               fmt::format("nobody can read `{}` while REFRESH computes it", view),
               fmt::format("REFRESH MATERIALIZED VIEW CONCURRENTLY {}", view));
}

void alter_domain(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    const bool constraint =
        node["subtype"].is("C") && !node["def"].as("Constraint")["skip_validation"].is_true();
    if (!constraint && !node["subtype"].is("O")) return;
    const std::string domain = dotted_name(node["typeName"]);
    if (subject.step.objects.contains("type " + domain)) return;
    add_hazard(
        facts, hazard::scan, subject.text.mention(domain),
        fmt::format("every table with a column of domain `{}` is read while its writers wait",
                    domain));
}

}  // namespace

void maintenance_hazards(const Subject& subject, StatementFacts& facts) {
    const std::string_view type = subject.type;
    if (type == "IndexStmt") create_index(subject, facts);
    if (type == "DropStmt") drop_index(subject, facts);
    if (type == "ReindexStmt") reindex(subject, facts);
    if (type == "VacuumStmt") vacuum(subject, facts);
    if (type == "ClusterStmt") cluster(subject, facts);
    if (type == "RefreshMatViewStmt") refresh(subject, facts);
    if (type == "AlterDomainStmt") alter_domain(subject, facts);
}

}  // namespace cairn::sql
