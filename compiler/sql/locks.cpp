// The table locks a statement takes, after PostgreSQL 15's documentation; doubtful ones were
// measured with pg_locks on a 15.20 server (tests/unit/sql_locks.cpp). Partitions, views and keys
// of other tables that only a catalog knows are not among them.
#include <algorithm>
#include <array>

#include "compiler/sql/locks_alter_table.hpp"
#include "compiler/sql/names.hpp"
#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

using enum LockMode;

void lock_all(std::vector<Lock>& locks, const std::vector<std::string>& relations, LockMode mode) {
    for (const std::string& relation : relations) add_lock(locks, relation, mode);
}

void query(const Subject& subject, std::vector<Lock>& locks) {
    lock_all(locks, subject.references.writes, row_exclusive);
    lock_all(locks, subject.references.locked, row_share);
    lock_all(locks, subject.references.reads, access_share);
}

void create_table(Value node, std::vector<Lock>& locks) {
    add_lock(locks, relation_name(node["relation"]), access_exclusive);
    const LockMode parent = node["partbound"] ? access_exclusive : share_update_exclusive;
    for (const Value relation : node["inhRelations"])
        add_lock(locks, relation_name(relation.body()), parent);
    for (const Value element : node["tableElts"]) {
        if (const Value like = element.as("TableLikeClause")) {
            add_lock(locks, relation_name(like["relation"]), access_share);
        }
    }
    lock_referenced(node["tableElts"], locks);
    lock_referenced(node["constraints"], locks);
}

void drop(const Subject& subject, std::vector<Lock>& locks) {
    const std::string_view kind = subject.node["removeType"].text();
    const bool concurrent = subject.node["concurrent"].is_true();
    for (const Value object : subject.node["objects"]) {
        const Value name = object.as("List")["items"];
        if (kind == "OBJECT_TABLE" || kind == "OBJECT_VIEW" || kind == "OBJECT_MATVIEW" ||
            kind == "OBJECT_SEQUENCE" || kind == "OBJECT_FOREIGN_TABLE" || kind == "OBJECT_INDEX") {
            add_lock(locks, dotted_name(name),
                     concurrent ? share_update_exclusive : access_exclusive);
        } else if (kind == "OBJECT_TRIGGER" || kind == "OBJECT_RULE" || kind == "OBJECT_POLICY") {
            add_lock(locks, dotted_prefix(name), access_exclusive);
        }
    }
}

void comment(Value node, std::vector<Lock>& locks) {
    const std::string_view kind = node["objtype"].text();
    const Value name = node["object"].as("List")["items"];
    if (kind == "OBJECT_TABLE" || kind == "OBJECT_VIEW" || kind == "OBJECT_MATVIEW" ||
        kind == "OBJECT_INDEX" || kind == "OBJECT_SEQUENCE" || kind == "OBJECT_FOREIGN_TABLE") {
        add_lock(locks, dotted_name(name), share_update_exclusive);
    } else if (kind == "OBJECT_COLUMN") {
        add_lock(locks, dotted_prefix(name), share_update_exclusive);
    } else if (kind == "OBJECT_TABCONSTRAINT" || kind == "OBJECT_TRIGGER" ||
               kind == "OBJECT_RULE" || kind == "OBJECT_POLICY") {
        add_lock(locks, dotted_prefix(name), access_share);
    }
}

void publication(Value node, std::vector<Lock>& locks) {
    for (const Value object : node["pubobjects"]) {
        const Value table = object.as("PublicationObjSpec")["pubtable"]["relation"];
        if (table) add_lock(locks, relation_name(table), share_update_exclusive);
    }
}

void rename(Value node, std::vector<Lock>& locks) {
    if (!node["relation"]) return;
    const bool index = node["renameType"].is("OBJECT_INDEX");
    add_lock(locks, relation_name(node["relation"]),
             index ? share_update_exclusive : access_exclusive);
}

void vacuum(Value node, std::vector<Lock>& locks) {
    bool full = false;
    for (const Value option : node["options"]) full |= option.as("DefElem")["defname"].is("full");
    for (const Value relation : node["rels"]) {
        add_lock(locks, relation_name(relation.as("VacuumRelation")["relation"]),
                 full ? access_exclusive : share_update_exclusive);
    }
}

void reindex(const Subject& subject, std::vector<Lock>& locks) {
    if (!subject.node["relation"]) return;
    bool concurrent = false;
    for (const Value option : subject.node["params"]) {
        concurrent |= option.as("DefElem")["defname"].is("concurrently");
    }
    const bool table = subject.node["kind"].is("REINDEX_OBJECT_TABLE");
    const LockMode alone = table ? share : access_exclusive;
    add_lock(locks, relation_name(subject.node["relation"]),
             concurrent ? share_update_exclusive : alone);
}

// Commands that name one relation under one field and lock it in one mode.
struct Simple {
    std::string_view type, field;
    LockMode mode;
};
constexpr auto simple = std::to_array<Simple>({
    {"AlterPolicyStmt", "table", access_exclusive},
    {"AlterSeqStmt", "sequence", share_row_exclusive},
    {"ClusterStmt", "relation", access_exclusive},
    {"CreatePolicyStmt", "table", access_exclusive},
    {"CreateSeqStmt", "sequence", access_exclusive},
    {"CreateTrigStmt", "relation", share_row_exclusive},
    {"CreateTrigStmt", "constrrel", access_share},
    {"RuleStmt", "relation", access_exclusive},
    {"AlterObjectSchemaStmt", "relation", access_exclusive},
    {"ViewStmt", "view", access_exclusive},
});

}  // namespace

void add_lock(std::vector<Lock>& locks, const std::string& relation, LockMode mode) {
    const auto found = std::find_if(locks.begin(), locks.end(),
                                    [&](const Lock& lock) { return lock.relation == relation; });
    if (found == locks.end()) {
        locks.push_back({relation, mode});
    } else {
        found->mode = std::max(found->mode, mode);
    }
}

void add_locks(const Subject& subject, StatementFacts& facts) {
    std::vector<Lock>& locks = facts.locks;
    const Value node = subject.node;
    const std::string_view type = subject.type;
    for (const Simple& rule : simple) {
        if (rule.type == type && node[rule.field])
            add_lock(locks, relation_name(node[rule.field]), rule.mode);
    }
    if (type == "AlterTableStmt") lock_alter_table(node, locks);
    if (type == "CreateStmt") create_table(node, locks);
    if (type == "CreateTableAsStmt")
        add_lock(locks, relation_name(node["into"]["rel"]), access_exclusive);
    if (type == "DropStmt") drop(subject, locks);
    if (type == "CommentStmt") comment(node, locks);
    if (type == "CreatePublicationStmt" || type == "AlterPublicationStmt") publication(node, locks);
    if (type == "RenameStmt") rename(node, locks);
    if (type == "VacuumStmt") vacuum(node, locks);
    if (type == "ReindexStmt") reindex(subject, locks);
    if (type == "IndexStmt") {
        const bool concurrent = node["concurrent"].is_true();
        add_lock(locks, relation_name(node["relation"]),
                 concurrent ? share_update_exclusive : share);
    }
    if (type == "TruncateStmt") {
        for (const Value relation : node["relations"]) {
            add_lock(locks, relation_name(relation.body()), access_exclusive);
        }
    }
    if (type == "LockStmt") {
        for (const Value relation : node["relations"]) {
            add_lock(locks, relation_name(relation.body()),
                     static_cast<LockMode>(node["mode"].number() - 1));
        }
    }
    if (type == "RefreshMatViewStmt") {
        const bool concurrent = node["concurrent"].is_true();
        add_lock(locks, relation_name(node["relation"]), concurrent ? exclusive : access_exclusive);
    }
    if (type == "CopyStmt" && node["relation"]) {
        add_lock(locks, relation_name(node["relation"]),
                 node["is_from"].is_true() ? row_exclusive : access_share);
    }
    if (type == "CreateStatsStmt") {
        for (const Value relation : node["relations"]) {
            if (const Value table = relation.as("RangeVar")) {
                add_lock(locks, relation_name(table), share_update_exclusive);
            }
        }
    }
    query(subject, locks);
    lock_all(locks, subject.references.created, access_exclusive);
}

const char* name(LockMode mode) {
    switch (mode) {
        case access_share:
            return "ACCESS SHARE";
        case row_share:
            return "ROW SHARE";
        case row_exclusive:
            return "ROW EXCLUSIVE";
        case share_update_exclusive:
            return "SHARE UPDATE EXCLUSIVE";
        case share:
            return "SHARE";
        case share_row_exclusive:
            return "SHARE ROW EXCLUSIVE";
        case exclusive:
            return "EXCLUSIVE";
        case access_exclusive:
            return "ACCESS EXCLUSIVE";
    }
    return "";
}

}  // namespace cairn::sql
