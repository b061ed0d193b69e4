#include "compiler/sql/batch.hpp"

#include <algorithm>
#include <deque>

#include "compiler/sql/facts.hpp"
#include "compiler/sql/references.hpp"
#include "compiler/sql/scan.hpp"
#include "compiler/sql/tree.hpp"

namespace cairn::sql {
namespace {

// A query around a place, innermost first; a name of WITH in sight hides the table of that name.
struct Query {
    std::vector<std::string> names;  // of the key's table, unquoted
    const Query* outer = nullptr;
};
struct Hidden {
    std::string_view name;
    const Hidden* outer = nullptr;
};

struct Visit {
    Value value;
    const Query* query = nullptr;
    const Hidden* hidden = nullptr;
};

// The sides of UNION stand in their parent as `larg` and `rarg`.
bool is_query(Value value) {
    const std::string_view type = value.key();
    return type == "SelectStmt" || type == "UpdateStmt" || type == "DeleteStmt" || type == "MergeStmt" ||
           ((type == "larg" || type == "rarg") && value["limitOption"]);
}

// As PostgreSQL folds a name that somebody wrote; nullopt for what is none.
std::optional<std::string> folded(const std::string& written) {
    const Scan scanned = scan(written);
    if (scanned.failure || scanned.tokens.size() != 1) return std::nullopt;
    const Token& token = scanned.tokens.front();
    std::string name = written.substr(token.begin, token.end - token.begin);
    if (name.size() > 2 && name.front() == '"') {
        name = name.substr(1, name.size() - 2);
        for (std::size_t at = name.find("\"\""); at != std::string::npos; at = name.find("\"\"", at + 1)) name.erase(at, 1);
        return name;
    }
    if (token.kind != TokenKind::ident && !token.keyword) return std::nullopt;
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return name;
}

class Walk {
public:
    Walk(const std::vector<BatchMark>& marks, const BatchKey& key) : key_(key) {
        for (const BatchMark& mark : marks) use_.places.push_back({.mark = mark, .names = {}, .known = {}});
    }

    BatchUse run(Value statement) {
        pending_.push_back({statement, nullptr, nullptr});
        while (!pending_.empty()) {
            const Visit visit = pending_.back();
            pending_.pop_back();
            look(visit);
        }
        return std::move(use_);
    }

private:
    void look(Visit visit) {
        const Value value = visit.value;
        if (value["withClause"]) visit.hidden = open_with(value["withClause"], visit);
        if (is_query(value)) {
            visit.query = &queries_.emplace_back(Query{.names = names_in(value, visit.hidden), .outer = visit.query});
        }
        note_change(value);
        if (value.key() == "A_Const") note_place(value, visit.query);
        for (const Value child : value) {
            if (child.key() == "withClause") continue;
            if (child.is_object() || child.is_list()) pending_.push_back({child, visit.query, visit.hidden});
        }
    }

    // Each of WITH's queries sees those before it; with RECURSIVE all.
    const Hidden* open_with(Value with, const Visit& around) {
        const bool recursive = with["recursive"].is_true();
        const Hidden* hidden = around.hidden;
        const auto extend = [&](Value node) {
            hidden = &hidden_.emplace_back(Hidden{.name = node.as("CommonTableExpr")["ctename"].text(), .outer = hidden});
        };
        if (recursive) {
            for (const Value node : with["ctes"]) extend(node);
        }
        for (const Value node : with["ctes"]) {
            pending_.push_back({node, around.query, hidden});
            if (!recursive) extend(node);
        }
        return hidden;
    }

    [[nodiscard]] bool is_key_table(Value relation, const Hidden* hidden) const {
        if (!relation["relname"].is(key_.table)) return false;
        const Value schema = relation["schemaname"];
        if (schema) return key_.schema.empty() || schema.is(key_.schema);
        for (; hidden != nullptr; hidden = hidden->outer) {
            if (hidden->name == key_.table) return false;
        }
        return true;
    }

    void add_name(Value relation, const Hidden* hidden, std::vector<std::string>& names) const {
        if (!is_key_table(relation, hidden)) return;
        const Value alias = relation["alias"]["aliasname"];
        names.push_back(alias ? alias.str() : relation["relname"].str());
    }

    [[nodiscard]] std::vector<std::string> names_in(Value query, const Hidden* hidden) const {
        std::vector<std::string> names;
        if (query["relation"]) add_name(query["relation"], hidden, names);
        std::vector<Value> from;
        for (const char* clause : {"fromClause", "usingClause"}) {
            for (const Value item : query[clause]) from.push_back(item);
        }
        if (query["sourceRelation"]) from.push_back(query["sourceRelation"]);
        while (!from.empty()) {
            const Value item = from.back();
            from.pop_back();
            if (const Value join = item.as("JoinExpr")) {
                from.push_back(join["rarg"]);
                from.push_back(join["larg"]);
            }
            if (const Value relation = item.as("RangeVar")) add_name(relation, hidden, names);
        }
        return names;
    }

    void note_change(Value query) {
        const std::string_view type = query.key();
        if (type != "InsertStmt" && type != "UpdateStmt" && type != "MergeStmt") return;
        if (!is_key_table(query["relation"], nullptr)) return;  // the target of a change is never a name of WITH
        if (type == "InsertStmt") {
            use_.inserts = true;
            note_targets(query["onConflictClause"]["targetList"]);
        } else if (type == "UpdateStmt") {
            note_targets(query["targetList"]);
        } else if (type == "MergeStmt") {
            for (const Value node : query["mergeWhenClauses"]) {
                const Value clause = node.as("MergeWhenClause");
                if (clause["commandType"].is("CMD_INSERT")) use_.inserts = true;
                if (clause["commandType"].is("CMD_UPDATE")) note_targets(clause["targetList"]);
            }
        }
    }

    void note_targets(Value list) {
        for (const Value node : list) {
            if (node.as("ResTarget")["name"].is(key_.column)) use_.sets_key = true;
        }
    }

    void note_place(Value constant, const Query* query) {
        const auto at = constant["location"].number();
        const auto place = std::find_if(use_.places.begin(), use_.places.end(),
                                        [&](const BatchPlace& p) { return p.mark.begin == at; });
        if (place == use_.places.end()) return;
        const auto wanted = place->mark.alias ? folded(*place->mark.alias) : std::nullopt;
        for (; query != nullptr; query = query->outer) {
            const bool settled = !place->names.empty();
            for (const std::string& name : query->names) {
                add_once(place->known, quote_identifier(name));
                const bool meant = place->mark.alias ? wanted == name && place->names.empty() : !settled;
                if (meant) place->names.push_back(quote_identifier(name));
            }
        }
    }

    const BatchKey& key_;
    BatchUse use_;
    std::vector<Visit> pending_;
    std::deque<Query> queries_;
    std::deque<Hidden> hidden_;
};

}  // namespace

BatchUse find_batch(const std::string& statement, const std::vector<BatchMark>& marks, const BatchKey& key) {
    const auto parsed = parse(statement);
    if (const auto* tree = std::get_if<Tree>(&parsed)) {
        for (const Value raw : tree->root()["stmts"]) return Walk(marks, key).run(raw["stmt"]);
    }
    return {};
}

std::string batch_stand_in(std::size_t length) {
    std::string digits(length, '0');
    digits.front() = '1';
    return digits;
}

}  // namespace cairn::sql
