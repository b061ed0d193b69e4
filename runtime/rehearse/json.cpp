// A rehearsal's report for scripts: the keys of cli.md, in its order.
#include <nlohmann/json.hpp>

#include "runtime/rehearse/rehearse.hpp"

namespace cairn::rehearse {
namespace {

using Json = nlohmann::ordered_json;

template <typename Value>
Json or_null(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

// An item with nothing to undo leaves everything as it was, and has been seen to.
Json grade(const ItemReport& item) {
    if (item.rollback) return name(*item.rollback);
    if (item.state == ItemState::failed) return name(Grade::failed);
    return item.state == ItemState::applied ? Json("exact") : Json(nullptr);
}

Json error(const std::optional<compiler::Diagnostic>& diagnostic,
           const compiler::Sources& sources) {
    return diagnostic ? Json::parse(compiler::to_json(*diagnostic, sources)) : Json(nullptr);
}

Json to_json(const std::vector<HeldLock>& locks) {
    Json out = Json::array();
    for (const auto& lock : locks)
        out.push_back({{"relation", lock.relation},
                       {"mode", sql::name(lock.mode)},
                       {"ms", lock.held.count()}});
    return out;
}

Json to_json(const StatementReport& statement) {
    return {{"statement", statement.statement + 1}, {"sql", statement.sql},
            {"ms", statement.took.count()},         {"rows", or_null(statement.rows)},
            {"wal_bytes", statement.wal_bytes},     {"locks", to_json(statement.locks)},
            {"rewrites", statement.rewrites}};
}

Json to_json(const ItemReport& item, const compiler::Sources& sources) {
    Json statements = Json::array();
    for (const auto& statement : item.statements) statements.push_back(to_json(statement));
    return {{"name", item.name},
            {"kind", item.kind},
            {"state", name(item.state)},
            {"ms", item.took ? Json(item.took->count()) : Json(nullptr)},
            {"undo_ms", item.undo_took ? Json(item.undo_took->count()) : Json(nullptr)},
            {"rows", or_null(item.rows)},
            {"wal_bytes", or_null(item.wal_bytes)},
            {"locks", to_json(item.locks)},
            {"rewrites", item.rewrites},
            {"statements", std::move(statements)},
            {"rollback", grade(item)},
            {"differences", item.differences},
            {"error", error(item.error, sources)},
            {"note", item.note}};
}

Json to_json(const CheckProof& check) {
    return {{"item", check.item},
            {"title", check.title},
            {"tripped_by", or_null(check.tripped_by)},
            {"tried", check.tried},
            {"note", check.note}};
}

Json to_json(const CrashPoint& point) {
    return {{"in", point.in_rollback ? "rollback" : "apply"},
            {"number", point.number},
            {"name", point.name},
            {"same", point.survived()},
            {"differences", point.differences},
            {"error", point.error.empty() ? Json(nullptr) : Json(point.error)}};
}

Json to_json(const CrashReport& crash) {
    Json points = Json::array();
    for (const auto& point : crash.points) points.push_back(to_json(point));
    return {{"apply_points", crash.apply_points},
            {"rollback_points", crash.rollback_points},
            {"points", std::move(points)}};
}

}  // namespace

std::string report_json(const Report& report, const compiler::Sources& sources) {
    Json items = Json::array();
    for (const auto& item : report.items) items.push_back(to_json(item, sources));
    Json whole = {{"plan", report.plan},
                  {"digest", report.digest},
                  {"proved", report.proved},
                  {"items", std::move(items)},
                  {"second_apply",
                   {{"same", report.second_apply.empty()}, {"differences", report.second_apply}}},
                  {"notes", report.notes},
                  {"error", error(report.error, sources)}};
    if (report.over_budget) {
        whole["over_budget"] = Json::array();
        for (const auto& each : *report.over_budget)
            whole["over_budget"].push_back(error(each, sources));
    }
    if (report.checks) {
        whole["checks"] = Json::array();
        for (const auto& check : *report.checks) whole["checks"].push_back(to_json(check));
    }
    if (report.crash) whole["crash"] = to_json(*report.crash);
    return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cairn::rehearse
