// What a statement leaves for those after it in the step: objects that nobody else can see yet,
// locks that are held to the commit, settings.
#include <algorithm>

#include "compiler/sql/created.hpp"
#include "compiler/sql/names.hpp"
#include "compiler/sql/unseen_code.hpp"
#include "compiler/sql/words.hpp"

namespace cairn::sql {
namespace {

void remember_creation(const Creation& made, std::size_t index, Step& step) {
    if (made.object.kind.empty()) return;
    const std::string key = key_of(made.object);
    if (!made.if_not_exists && !made.replaces) {
        step.objects.insert(key);
        step.makers[key] = {index};
    }
    if (made.object.kind == "relation") step.relations.insert(made.object.name);
}

// A created relation that passes on what is written to it.
void remember_reach(const Subject& subject, Step& step) {
    const std::string_view type = subject.type;
    const Value node = subject.node;
    if (type == "ViewStmt") step.reaching.insert(relation_name(node["view"]));
    if (type == "CreateForeignTableStmt")
        step.reaching.insert(relation_name(node["base"]["relation"]));
    if (type == "CreateTrigStmt" || type == "RuleStmt")
        step.reaching.insert(relation_name(node["relation"]));
    if ((type == "CreateStmt" || type == "AlterTableStmt") && is_defined_with_code(subject))
        step.reaching.insert(relation_name(node["relation"]));
    // A partition has its parent's triggers.
    if (type == "CreateStmt" && node["partbound"])
        step.reaching.insert(relation_name(node["relation"]));
}

// A key of another table may cascade from the one it points at.
void remember_key(const std::string& table, Value constraint, Step& step) {
    if (constraint["pktable"] && !step.created(table))
        step.reaching.insert(relation_name(constraint["pktable"]));
}

void remember_alter_table(Value node, Step& step) {
    const std::string table = relation_name(node["relation"]);
    for (const Value element : node["cmds"]) {
        const Value command = element.as("AlterTableCmd");
        const Value column = command["def"].as("ColumnDef"),
                    constraint = command["def"].as("Constraint");
        const Value partition = command["def"].as("PartitionCmd"),
                    parent = command["def"].as("RangeVar");
        if (partition) {
            step.reaching.insert(table);
            step.reaching.insert(relation_name(partition["name"]));
        }
        if (parent) step.reaching.insert(relation_name(parent));
        remember_key(table, constraint, step);
        for (const Value part : column["constraints"])
            remember_key(table, part.as("Constraint"), step);
        if (command["missing_ok"].is_true() || node["missing_ok"].is_true()) continue;
        if (command["subtype"].is("AT_AddColumn")) {
            step.objects.insert(
                key_of({.kind = "column", .name = table, .sub = column["colname"].str()}));
        }
        if (command["subtype"].is("AT_AddConstraint") && constraint["conname"]) {
            step.objects.insert(
                key_of({.kind = "constraint", .name = table, .sub = constraint["conname"].str()}));
        }
    }
}

// `f` of `public.f(uuid)`, unquoted.
std::string bare_name(std::string_view name) {
    bool quoted = false;
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (c == '"') {
            if (quoted && i + 1 < name.size() && name[i + 1] == '"') {
                out += name[++i];
            } else {
                quoted = !quoted;
            }
        } else if (!quoted && c == '(') {
            break;
        } else if (!quoted && c == '.') {
            out.clear();
        } else {
            out += c;
        }
    }
    return out;
}

// A new object under a new name is as new as before.
void remember_renaming(const Renaming& renaming, std::size_t index, Step& step) {
    const std::string before = key_of(renaming.before), after = key_of(renaming.after);
    const auto made = step.makers.find(before);
    if (made != step.makers.end()) {
        std::vector<std::size_t> makers = std::move(made->second);
        step.makers.erase(made);
        makers.push_back(index);
        step.makers[after] = std::move(makers);
    }
    step.objects.erase(after);  // an object of that name is another one now
    if (step.objects.erase(before) > 0) step.objects.insert(after);
    for (std::size_t at = 0; at < step.made.size(); ++at) {
        Step::Made& one = step.made[at];
        if (one.key != before) continue;
        one.key = after;
        one.name = renaming.after.sub.empty() ? bare_name(renaming.after.name) : renaming.after.sub;
        auto& positions = step.mentioned_by[first_word(one.name)];
        positions.insert(std::upper_bound(positions.begin(), positions.end(), at), at);
    }
    if (renaming.before.kind != "relation") return;
    const std::string &old_name = renaming.before.name, &new_name = renaming.after.name;
    if (step.relations.erase(old_name) > 0) step.relations.insert(new_name);
    if (step.reaching.erase(old_name) > 0) step.reaching.insert(new_name);
    const auto lock = step.locks.find(old_name);
    if (lock != step.locks.end()) {
        const LockMode mode = lock->second;
        step.locks.erase(lock);
        step.locks[new_name] = mode;
    }
}

// Nothing can depend on these.
bool stands_alone(std::string_view kind) {
    return kind == "trigger" || kind == "rule" || kind == "policy" || kind == "statistics" ||
           kind == "publication" || kind == "event_trigger";
}

void remember_made(const Subject& subject, const StatementFacts& facts, Step& step) {
    const auto creation = creation_of(subject);
    for (const Inverse& inverse : facts.inverse) {
        const ObjectName& object = inverse.object;
        const bool drops = inverse.sql.find("DROP ") != std::string::npos;
        if (!drops || stands_alone(object.kind)) continue;
        const std::string whole = bare_name(object.name);
        Step::Made made{.key = key_of(object),
                        .name = object.sub.empty() ? whole : object.sub,
                        .table = !object.sub.empty() ? whole
                                 : creation          ? bare_name(creation->on)
                                                     : ""};
        const std::size_t at = step.made.size();
        step.mentioned_by[first_word(made.name)].push_back(at);
        if (!made.table.empty()) step.mentioned_by[first_word(made.table)].push_back(at);
        if (object.kind == "extension") step.mentioned_by[""].push_back(at);
        step.made.push_back(std::move(made));
    }
}

void remember_drop(const Subject& subject, Step& step) {
    for (const std::string& key : dropped_keys(subject)) {
        step.objects.erase(key);
        step.makers.erase(key);
        for (Step::Made& made : step.made)
            if (made.key == key) made.key.clear();
        constexpr std::string_view relation = "relation ";
        if (!key.starts_with(relation)) continue;
        const std::string name = key.substr(relation.size());
        step.relations.erase(name);
        step.reaching.erase(name);
        step.locks.erase(name);
    }
}

// After these a name without its schema may mean another object.
bool moves_names(const Subject& subject) {
    if (subject.type != "VariableSetStmt") return true;  // set_config()
    const std::string_view name = subject.node["name"].text();
    return name.empty() || name == "search_path" || name == "role" ||
           name == "session_authorization";
}

void forget_names(Step& step) {
    step.objects.clear();
    step.relations.clear();
    step.makers.clear();
    step.made.clear();
    step.mentioned_by.clear();
}

}  // namespace

void remember(const Subject& subject, const StatementFacts& facts, std::size_t index, Step& step) {
    if (const auto made = creation_of(subject)) remember_creation(*made, index, step);
    if (const auto renaming = renaming_of(subject)) remember_renaming(*renaming, index, step);
    remember_reach(subject, step);
    if (subject.type == "AlterTableStmt") remember_alter_table(subject.node, step);
    if (subject.type == "DropStmt") remember_drop(subject, step);
    remember_made(subject, facts, step);
    for (const Lock& lock : facts.locks) {
        if (lock.mode < LockMode::share || step.is_new(lock.relation)) continue;
        LockMode& held = step.locks[lock.relation];
        held = std::max(held, lock.mode);
    }
    if (subject.type == "VariableSetStmt" && subject.node["name"].is("lock_timeout"))
        step.has_lock_timeout = true;
    if (facts.is_setting && moves_names(subject)) forget_names(step);
}

}  // namespace cairn::sql
