#include "compiler/sql/references.hpp"

#include <algorithm>
#include <array>
#include <deque>

#include "compiler/sql/harmless_functions.hpp"
#include "compiler/sql/names.hpp"

namespace cairn::sql {
namespace {

// Names of common table expressions in sight: a linked list, innermost first.
struct Scope {
    std::string_view name;
    const Scope* outer = nullptr;
};

bool in_sight(const Scope* scope, std::string_view name) {
    for (; scope != nullptr; scope = scope->outer) {
        if (scope->name == name) return true;
    }
    return false;
}

struct Visit {
    Value value;
    const Scope* scope = nullptr;
};

bool is_data_change(std::string_view type) {
    return type == "InsertStmt" || type == "UpdateStmt" || type == "DeleteStmt" ||
           type == "MergeStmt";
}

class Walk {
public:
    explicit Walk(Value part) { pending_.push_back({part, nullptr}); }

    References take() {
        while (!pending_.empty()) {
            const Visit visit = pending_.back();
            pending_.pop_back();
            look(visit);
        }
        return std::move(found_);
    }

private:
    void look(Visit visit) {
        const Value value = visit.value;
        children_.clear();
        if (value["withClause"]) visit.scope = open_scope(value["withClause"], visit.scope);
        note(value, visit.scope);
        for (const Value child : value) {
            if (child.key() == "withClause" || child.key() == "lockingClause") continue;
            if (child.is_object() || child.is_list()) children_.push_back({child, visit.scope});
        }
        pending_.insert(pending_.end(), children_.rbegin(), children_.rend());
    }

    // Each of WITH's queries sees those before it; with RECURSIVE all.
    const Scope* open_scope(Value with, const Scope* outer) {
        const bool recursive = with["recursive"].is_true();
        const Scope* scope = outer;
        const auto extend = [&](Value node) {
            scope =
                &scopes_.emplace_back(Scope{node.as("CommonTableExpr")["ctename"].text(), scope});
        };
        if (recursive) {
            for (const Value node : with["ctes"]) extend(node);
        }
        for (const Value node : with["ctes"]) {
            children_.push_back({node, scope});
            if (!recursive) extend(node);
        }
        return scope;
    }

    void note(Value value, const Scope* scope) {
        const Value range_var = value.key() == "RangeVar" ? value : Value();
        if (range_var) {
            const bool qualified = static_cast<bool>(range_var["schemaname"]);
            if (qualified || !in_sight(scope, range_var["relname"].text())) {
                add_once(found_.reads, relation_name(range_var));
            }
        } else if (is_data_change(value.key())) {
            add_once(found_.writes, relation_name(value["relation"]));
        } else if (value.key() == "FuncCall") {
            add_once(found_.calls, dotted_name(value["funcname"]));
        } else if (value.key() == "SelectStmt") {
            if (value["intoClause"])
                add_once(found_.created, relation_name(value["intoClause"]["rel"]));
            for (const Value clause : value["lockingClause"])
                note_locking(value, clause.body(), scope);
        }
    }

    // FOR UPDATE [OF alias, …] locks the relations of its own FROM.
    void note_locking(Value select, Value clause, const Scope* scope) {
        std::vector<Value> from;
        for (const Value item : select["fromClause"]) from.push_back(item);
        while (!from.empty()) {
            const Value item = from.back();
            from.pop_back();
            if (const Value join = item.as("JoinExpr")) {
                from.push_back(join["rarg"]);
                from.push_back(join["larg"]);
            }
            const Value relation = item.as("RangeVar");
            if (!relation || !names(clause, relation)) continue;
            if (!relation["schemaname"] && in_sight(scope, relation["relname"].text())) continue;
            add_once(found_.locked, relation_name(relation));
        }
    }

    static bool names(Value clause, Value relation) {
        if (!clause["lockedRels"]) return true;
        const Value alias = relation["alias"]["aliasname"];
        const std::string_view shown = alias ? alias.text() : relation["relname"].text();
        for (const Value locked : clause["lockedRels"]) {
            if (locked.as("RangeVar")["relname"].is(shown)) return true;
        }
        return false;
    }

    std::vector<Visit> pending_, children_;
    std::deque<Scope> scopes_;
    References found_;
};

}  // namespace

References find_references(Value part) {
    return Walk(part).take();
}

void add_once(std::vector<std::string>& list, std::string item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
}

bool is_harmless_function(const std::string& call) {
    constexpr std::string_view catalog = "pg_catalog.";
    std::string_view name = call;
    if (name.starts_with(catalog)) name.remove_prefix(catalog.size());
    if (name.starts_with('"') && name.ends_with('"') && name.size() > 2) {
        name = name.substr(1, name.size() - 2);  // a keyword: "extract", "overlay"
    }
    return std::binary_search(harmless_functions.begin(), harmless_functions.end(), name);
}

}  // namespace cairn::sql
