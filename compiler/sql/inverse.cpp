// The way back by rule: what a statement creates is dropped, what it renames is renamed back.
#include "compiler/sql/inverse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/sql/created.hpp"
#include "compiler/sql/names.hpp"
#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

void create(const Subject& subject, const Creation& made, StatementFacts& facts) {
    if (made.temporary) {
        facts.reversal = Reversal::nothing_to_do;
    } else if (!made.on.empty() && subject.step.created(made.on)) {
        within_created(subject, {"relation " + made.on}, facts);
    } else if (made.drop.empty()) {
        cannot(facts, made.why_not);
    } else if (made.replaces && subject.step.objects.contains(key_of(made.object))) {
        within_created(subject, {key_of(made.object)}, facts);
    } else if (made.replaces) {
        cannot(facts, "OR REPLACE may overwrite a definition that can't be known before the run");
    } else {
        by_rule(facts, {.sql = made.drop,
                        .object = made.object,
                        .only_if_created = made.if_not_exists,
                        .guard_rows = made.holds_rows});
    }
}

// Statements after which nothing has to be given back. Contents that PostgreSQL derives
// (statistics, index files) and settings, which end with their step, are not counted.
constexpr auto harmless = std::to_array<std::string_view>({
    "CheckPointStmt",    "ClosePortalStmt", "ConstraintsSetStmt", "DeallocateStmt",
    "DeclareCursorStmt", "DiscardStmt",     "ExplainStmt",        "FetchStmt",
    "ListenStmt",        "LoadStmt",        "LockStmt",           "NotifyStmt",
    "PrepareStmt",       "ReindexStmt",     "SelectStmt",         "TransactionStmt",
    "UnlistenStmt",      "VacuumStmt",      "VariableSetStmt",    "VariableShowStmt",
});

bool gives_nothing_back(const Subject& subject) {
    const Value node = subject.node;
    if (subject.type == "ClusterStmt")
        return !node["indexname"];  // USING is remembered in the catalog
    if (subject.type == "CopyStmt")
        return !node["is_from"].is_true() && !node["is_program"].is_true();
    return std::find(harmless.begin(), harmless.end(), subject.type) != harmless.end();
}

bool stays_inside(const Step& step, const std::vector<std::string>& relations) {
    return !relations.empty() &&
           std::all_of(relations.begin(), relations.end(),
                       [&](const std::string& r) { return step.keeps_to_itself(r); });
}

// INSERT, UPDATE, DELETE, MERGE, TRUNCATE, COPY FROM.
bool changes_rows(const Subject& subject) {
    constexpr auto types = std::to_array<std::string_view>(
        {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "TruncateStmt"});
    if (subject.type == "CopyStmt") return subject.node["is_from"].is_true();
    return std::find(types.begin(), types.end(), subject.type) != types.end();
}

std::string in_words(const std::vector<std::string>& names) {
    return fmt::format("`{}`", fmt::join(names, "`, `"));
}

void rows(const Subject& subject, StatementFacts& facts) {
    const bool cascades =
        subject.type == "TruncateStmt" && subject.node["behavior"].is("DROP_CASCADE");
    if (stays_inside(subject.step, facts.writes) && !cascades) {
        facts.reversal = Reversal::within_created;
    } else {
        cannot(facts, fmt::format("it changes rows of {}", in_words(facts.writes)));
    }
}

const char* part_kind(std::string_view kind) {
    if (kind == "OBJECT_COLUMN") return "column";
    if (kind == "OBJECT_TABCONSTRAINT") return "constraint";
    if (kind == "OBJECT_TRIGGER") return "trigger";
    return kind == "OBJECT_RULE" ? "rule" : "policy";
}

// Objects that COMMENT ON, GRANT, ALTER … OWNER and the like name, as keys; an empty key where one
// can't be told.
std::vector<std::string> named_objects(const Subject& subject) {
    const Value node = subject.node;
    std::vector<std::string> out;
    const Step& step = subject.step;
    const auto add = [&](std::string_view kind, Value object) {
        if (kind == "OBJECT_TABLE" || kind == "OBJECT_SEQUENCE" || kind == "OBJECT_VIEW" ||
            kind == "OBJECT_MATVIEW" || kind == "OBJECT_INDEX") {
            const Value range_var = object.as("RangeVar");
            out.push_back("relation " + (range_var ? relation_name(range_var)
                                                   : dotted_name(object.as("List")["items"])));
        } else if (kind == "OBJECT_COLUMN" || kind == "OBJECT_TABCONSTRAINT" ||
                   kind == "OBJECT_TRIGGER" || kind == "OBJECT_RULE" || kind == "OBJECT_POLICY") {
            const Value names = object.as("List")["items"];
            const std::string whole = dotted_prefix(names);
            const ObjectName part{.kind = part_kind(kind), .name = whole, .sub = last_name(names)};
            out.push_back(step.objects.contains(key_of(part)) ? key_of(part) : "relation " + whole);
        } else if (kind == "OBJECT_FUNCTION" || kind == "OBJECT_PROCEDURE" ||
                   kind == "OBJECT_AGGREGATE") {
            out.push_back("function " + object_with_args(object.as("ObjectWithArgs"), kind));
        } else if (kind == "OBJECT_SCHEMA") {
            out.push_back("schema " + quote_identifier(object.as("String")["sval"].str()));
        } else if (kind == "OBJECT_TYPE" || kind == "OBJECT_DOMAIN") {
            const Value type = object.as("TypeName");
            out.push_back("type " +
                          (type ? type_name(type) : dotted_name(object.as("List")["items"])));
        } else {
            out.push_back({});
        }
    };
    if (subject.type == "GrantStmt" && node["targtype"].is("ACL_TARGET_OBJECT")) {
        for (const Value object : node["objects"]) add(node["objtype"].text(), object);
    } else if (subject.type == "CommentStmt" || subject.type == "SecLabelStmt") {
        add(node["objtype"].text(), node["object"]);
    } else if (subject.type == "AlterOwnerStmt") {
        if (node["object"]) add(node["objectType"].text(), node["object"]);
    } else if (subject.type == "AlterFunctionStmt") {
        out.push_back("function " + object_with_args(node["func"], node["objtype"].text()));
    } else if (subject.type == "AlterSeqStmt") {
        out.push_back("relation " + relation_name(node["sequence"]));
    } else if (subject.type == "RefreshMatViewStmt") {
        out.push_back("relation " + relation_name(node["relation"]));
    } else if (subject.type == "AlterPolicyStmt") {
        out.push_back("relation " + relation_name(node["table"]));
    } else if (subject.type == "AlterDomainStmt" || subject.type == "AlterEnumStmt" ||
               subject.type == "AlterTypeStmt") {
        out.push_back("type " + dotted_name(node["typeName"]));
    }
    return out;
}

bool all_created(const Step& step, const std::vector<std::string>& keys) {
    return !keys.empty() && std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
        return step.objects.contains(key);
    });
}

// DROP of what the step itself created; remember() takes the way back of its creation away.
bool drops_only_created(const Subject& subject) {
    return subject.type == "DropStmt" && !subject.node["behavior"].is("DROP_CASCADE") &&
           !subject.node["concurrent"].is_true() &&
           all_created(subject.step, dropped_keys(subject));
}

std::string why_unknown(const Subject& subject, const StatementFacts& facts) {
    if (subject.type == "DropStmt") return "what it drops can't be built again from the statement";
    if (subject.type == "RefreshMatViewStmt") return "the rows it replaces are not kept";
    if (subject.type == "AlterEnumStmt") return "PostgreSQL can't take a value out of an enum";
    if (subject.type == "GrantStmt" || subject.type == "GrantRoleStmt")
        return "what was granted before can't be known";
    if (facts.kind.starts_with("CREATE "))
        return fmt::format("cairn has no rule that undoes {}", facts.kind);
    return fmt::format("what {} changes was set before in a way the statement does not tell",
                       facts.kind);
}

}  // namespace

void by_rule(StatementFacts& facts, Inverse inverse) {
    facts.reversal = Reversal::by_rule;
    facts.inverse.push_back(std::move(inverse));
}

void cannot(StatementFacts& facts, std::string why_not) {
    facts.reversal = Reversal::unknown;
    facts.inverse.clear();
    facts.why_not = std::move(why_not);
}

Effect effect_of(const Subject& subject, const StatementFacts& facts) {
    if (subject.type == "CopyStmt" && subject.node["is_program"].is_true()) return Effect::outside;
    if (facts.opaque) return Effect::anything;
    if (changes_rows(subject)) return Effect::rows;
    if (gives_nothing_back(subject))
        return facts.writes.empty() && !facts.draws ? Effect::none : Effect::rows;
    return Effect::schema;
}

namespace {

void find_inverse(const Subject& subject, StatementFacts& facts) {
    if (const auto made = creation_of(subject)) return create(subject, *made, facts);
    if (changes_rows(subject)) return rows(subject, facts);
    if (gives_nothing_back(subject)) {
        if (facts.writes.empty()) {
            facts.reversal = Reversal::nothing_to_do;
            return;
        }
        return rows(subject, facts);  // WITH … AS (DELETE …), EXPLAIN ANALYZE UPDATE
    }
    if (subject.type == "AlterTableStmt") return undo_alter_table(subject, facts);
    if (subject.type == "RenameStmt") return undo_rename(subject, facts);
    if (subject.type == "AlterObjectSchemaStmt") return undo_set_schema(subject, facts);
    if (drops_only_created(subject)) {
        facts.reversal = Reversal::within_created;
        return;
    }
    if (const auto named = named_objects(subject); all_created(subject.step, named))
        return within_created(subject, named, facts);
    if (subject.type == "AlterEnumStmt" && subject.node["oldVal"])
        return undo_rename_value(subject, facts);
    cannot(facts, why_unknown(subject, facts));
}

}  // namespace

void add_inverse(const Subject& subject, StatementFacts& facts) {
    facts.effect = effect_of(subject, facts);
    if (facts.opaque) {
        const std::string what =
            facts.calls.empty() ? facts.kind : fmt::format("{}()", facts.calls.front());
        return cannot(facts, fmt::format("`{}` is code that may change anything", what));
    }
    find_inverse(subject, facts);
    if (!facts.draws || facts.reversal == Reversal::unknown) return;
    cannot(facts, facts.sequences.empty()
                      ? "it moves a sequence"
                      : fmt::format("it moves {}", in_words(facts.sequences)));
}

}  // namespace cairn::sql
