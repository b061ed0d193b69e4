#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/graph/batch.hpp"
#include "compiler/preview/outlook.hpp"
#include "compiler/preview/preview.hpp"
#include "compiler/preview/words.hpp"

namespace cairn::compiler {

namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json(nullptr);
}
Json duration_or_null(const std::optional<milliseconds>& d) {
    return d ? Json(words(*d)) : Json(nullptr);
}

Json statement(const Statement& s, const Item& item, const Found* found, const std::string& elsewhere = {}) {
    Json out;
    out["sql"] = s.sql.text;
    if (!elsewhere.empty()) out["database"] = elsewhere;
    out["locks"] = Json::array();
    for (const sql::Lock& lock : s.facts.locks) {
        out["locks"].push_back({{"relation", lock.relation}, {"mode", sql::name(lock.mode)}});
    }
    out["hazards"] = Json::array();
    for (const sql::Hazard& hazard : s.facts.hazards)
        out["hazards"].push_back(code_name(hazard.code));
    out["kind"] = s.facts.kind;
    out["reads"] = s.facts.reads;
    out["writes"] = s.facts.writes;
    if (found != nullptr) {
        std::vector<std::string> all;
        for (const auto& hazard : s.facts.hazards) {
            for (auto& weight : weights(item, s, hazard, *found)) {
                if (std::find(all.begin(), all.end(), weight) == all.end()) all.push_back(std::move(weight));
            }
        }
        out["weights"] = std::move(all);
    }
    return out;
}

Json rollback(const Item& item) {
    Json out;
    const auto kind = item.undo.kind;
    out["kind"] = kind == Undo::Kind::none                                     ? "none"
                  : kind == Undo::Kind::written || kind == Undo::Kind::command ? "written"
                                                                               : "generated";
    out["statements"] = Json::array();
    for (const UndoStatement& undo : undo_statements(item)) out["statements"].push_back(undo.sql);
    out["keeps_rows"] = kept_relations(item);
    if (kind == Undo::Kind::generated || kind == Undo::Kind::difference)
        out["by"] = kind == Undo::Kind::generated ? "rule" : "difference";
    out["reason"] = kind == Undo::Kind::none ? Json(item.undo.reason) : Json(nullptr);
    if (kind == Undo::Kind::command) out["command"] = item.undo.command;
    return out;
}

Json checks(const std::vector<Check>& list, Json& statements, const Item& item,
            const Found* found) {
    Json out = Json::array();
    for (const Check& check : list) {
        if (check.query) statements.push_back(statement(*check.query, item, found));
        out.push_back({{"title", check.title},
                       {"warn", check.warn},
                       {"sql", check.query ? Json(check.query->sql.text) : Json(nullptr)},
                       {"expect", expectation(check)}});
        if (!check.elsewhere) continue;
        const auto& [database, query] = *check.elsewhere;
        statements.push_back(statement(query, item, found, database));
        out.back()["elsewhere"] = {{"database", database}, {"sql", query.sql.text}};
    }
    return out;
}

// What only items of one kind have.
struct Body {
    Json& out;
    const Item& item;
    const Found* found;
    void operator()(const StepItem& step) const {
        for (const Statement& s : step.statements) out["statements"].push_back(statement(s, item, found));
        out["lock_timeout"] = duration_or_null(step.lock_timeout);
        out["statement_timeout"] = duration_or_null(step.statement_timeout);
        out["retries"] = step.retries;
        if (step.strong_locks_wait) out["strong_locks_wait"] = duration_or_null(step.strong_locks_wait);
        if (!step.batch) return;
        const Batch& batch = *step.batch;
        out["batch"] = {{"table", batch.table}, {"column", batch.column}, {"by", batch.by},
                        {"pause", batch.pause.count() > 0 ? Json(words(batch.pause)) : Json(nullptr)},
                        {"holes", Json::array()}};
        for (const auto& statement : batch.holes) {
            for (const BatchHole& hole : statement) {
                out["batch"]["holes"].push_back(range_predicate(hole.table, batch.column, {.after = "…", .last = "…"}));
            }
        }
    }
    void operator()(const ValidateItem& validate) const {
        out["checks"] = checks(validate.checks, out["statements"], item, found);
    }
    void operator()(const GateItem& gate) const {
        out["checks"] = checks(gate.checks, out["statements"], item, found);
        out["else"] = gate.else_rollback ? "rollback" : "stop";
        out["confirm"] = text_or_null(gate.confirm);
    }
    void operator()(const RunItem& run) const {
        out["command"] = run.argv;
        out["timeout"] = duration_or_null(run.timeout);
        out["output_to"] = text_or_null(run.output_to);
    }
    void operator()(const WaitItem& wait) const {
        out["for"] = duration_or_null(wait.duration);
        out["until"] = wait.until ? Json(words(*wait.until)) : Json(nullptr);
        if (wait.before_window) out["before_window"] = words(*wait.before_window);
    }
    void operator()(const CheckpointItem&) const {}
    void operator()(const UnsupportedItem&) const {}
};

bool is_transactional(const Item& item) {
    if (const auto* step = std::get_if<StepItem>(&item.body)) return step->transactional;
    return item.database.has_value();
}

Json measured_json(const std::vector<MeasuredLock>& locks) {
    Json out = Json::array();
    for (const auto& lock : locks)
        out.push_back({{"relation", lock.relation}, {"mode", lock.mode}, {"ms", lock.held.count()}});
    return out;
}

Json measured_json(const MeasuredItem& item) {
    const auto number = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
    Json statements = Json::array();
    for (const auto& statement : item.statements)
        statements.push_back({{"statement", statement.statement},
                              {"sql", statement.sql},
                              {"ms", statement.took.count()},
                              {"rows", number(statement.rows)},
                              {"wal_bytes", number(statement.wal_bytes)},
                              {"locks", measured_json(statement.locks)},
                              {"rewrites", statement.rewrites}});
    return {{"state", item.state},
            {"ms", item.took ? Json(item.took->count()) : Json(nullptr)},
            {"rows", number(item.rows)},
            {"wal_bytes", number(item.wal_bytes)},
            {"locks", measured_json(item.locks)},
            {"rewrites", item.rewrites},
            {"statements", std::move(statements)},
            {"rollback", item.rollback.empty() ? Json(nullptr) : Json(item.rollback)}};
}

Json prepared_json(const Item& item, const Found& found) {
    const auto prepared = found.items.find(item.name);
    if (prepared == found.items.end()) return nullptr;
    return {{"state", name(prepared->second.state)}, {"not_checked", prepared->second.not_checked}};
}

Json item_json(const Item& item, const StepGraph& graph, const Found* found) {
    Json out;
    out["name"] = item.name;
    out["kind"] = item.kind;
    out["database"] = text_or_null(item.database);
    out["after"] = Json::array();
    for (const ItemId before : item.after)
        out["after"].push_back(graph.items.at(before.index).name);
    out["transactional"] = is_transactional(item);
    out["statements"] = Json::array();
    out["rollback"] = rollback(item);
    out["transaction"] = item.transaction ? Json(*item.transaction) : Json(nullptr);
    out["when"] = item.when ? Json(item.when->sql.text) : Json(nullptr);
    std::visit(Body{out, item, found}, item.body);
    if (found != nullptr) out["prepared"] = prepared_json(item, *found);
    return out;
}

const char* name(OnFailure::Kind kind) {
    switch (kind) {
        case OnFailure::Kind::stop:
            return "stop";
        case OnFailure::Kind::rollback:
            return "rollback";
        case OnFailure::Kind::rollback_to:
            return "rollback to";
    }
    return "stop";
}

Json facts_json(const Found& found) {
    Json out = Json::array();
    for (const auto& relation : found.relations) {
        Json one;
        one["database"] = relation.database;
        one["relation"] = relation.relation;
        one["exists"] = relation.exists;
        one["kind"] = relation.exists ? Json(relation.kind) : Json(nullptr);
        one["bytes"] = relation.exists ? Json(relation.bytes) : Json(nullptr);
        one["rows"] = relation.rows ? Json(*relation.rows) : Json(nullptr);
        one["partitions"] = relation.partitions;
        one["dependents"] = relation.dependents;
        one["columns"] = Json::array();
        for (const auto& column : relation.columns)
            one["columns"].push_back(
                {{"name", column.name},
                 {"type", column.type.empty() ? Json(nullptr) : Json(column.type)},
                 {"number", column.number}});
        one["indexes"] = Json::array();
        for (const auto& index : relation.indexes)
            one["indexes"].push_back({{"name", index.name}, {"valid", index.valid}});
        one["items"] = relation.items;
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace

std::string preview_json(const Compiled& compiled, const Beside& beside) {
    const Measured* measured = beside.measured;
    const StepGraph& graph = compiled.graph;
    Json out;
    out["plan"] = graph.plan;
    out["digest"] = graph.digest;
    out["title"] = graph.title;
    out["parameters"] = Json::array();
    for (const auto& p : graph.parameters)
        out["parameters"].push_back({{"name", p.name}, {"value", p.value}});
    out["databases"] = Json::array();
    for (const auto& role : graph.databases) {
        out["databases"].push_back(
            {{"name", role.name}, {"read_only", role.read_only}, {"changed", role.changed}});
    }
    out["on_failure"] = {
        {"kind", name(graph.on_failure.kind)},
        {"checkpoint",
         graph.on_failure.checkpoint.empty() ? Json(nullptr) : Json(graph.on_failure.checkpoint)}};
    if (graph.window) out["window"] = {{"from", words(graph.window->from)}, {"to", words(graph.window->to)}};
    out["items"] = Json::array();
    for (const Item& item : graph.items) {
        out["items"].push_back(item_json(item, graph, beside.found));
        if (measured == nullptr) continue;
        const auto seen = measured->items.find(item.name);
        out["items"].back()["measured"] =
            seen == measured->items.end() ? Json(nullptr) : measured_json(seen->second);
    }
    if (beside.found != nullptr) {
        out["facts"] = facts_json(*beside.found);
        out["stand_ins"] = beside.found->stand_ins;
    }
    out["left_done"] = Json::array();
    for (const LeftDone& left : left_done(graph))
        out["left_done"].push_back({{"item", left.item}, {"why", left.why}});
    out["known_only_with_database"] = known_only_with_database(graph, beside.found != nullptr);
    out["diagnostics"] = Json::array();
    for (const Diagnostic& d : compiled.diagnostics.list()) {
        out["diagnostics"].push_back(Json::parse(to_json(d, compiled.sources)));
    }
    return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cairn::compiler
