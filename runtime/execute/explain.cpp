// Which indexes a query plan uses, read from EXPLAIN (FORMAT JSON).
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "runtime/execute/answer.hpp"
#include "runtime/execute/grant.hpp"

namespace cairn::execute {

namespace {

using Json = nlohmann::json;

struct Scans {
    std::vector<std::string> indexes;  // as the catalog names them
    std::vector<std::string> nodes;    // "Seq Scan on orders", in the order of the plan
};

std::string text_of(const Json& node, const char* key) {
    const auto found = node.find(key);
    return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void walk(const Json& node, Scans& scans) {
    if (!node.is_object()) return;
    const std::string index = text_of(node, "Index Name"),
                      relation = text_of(node, "Relation Name");
    if (!index.empty()) scans.indexes.push_back(index);
    std::string line = text_of(node, "Node Type");
    if (!index.empty()) line += " using " + index;
    if (!relation.empty()) line += " on " + relation;
    if (!index.empty() || !relation.empty()) scans.nodes.push_back(std::move(line));
    if (const auto plans = node.find("Plans"); plans != node.end()) {
        for (const Json& child : *plans) walk(child, scans);
    }
}

}  // namespace

void judge(const compiler::ExpectUsesIndex& expect, const Found& found,
           run::CheckOutcome& outcome) {
    const Json plan = Json::parse(found.first.value_or(""), nullptr, false);
    Scans scans;
    if (plan.is_array() && !plan.empty() && plan.front().is_object())
        walk(plan.front().value("Plan", Json()), scans);
    // EXPLAIN gives an index's name without its schema.
    const std::string wanted = last_part(expect.index);
    outcome.passed =
        std::find(scans.indexes.begin(), scans.indexes.end(), wanted) != scans.indexes.end();
    if (outcome.passed) return;
    outcome.message =
        fmt::format("expected a plan that uses index `{}`, seen {}", expect.index,
                    scans.nodes.empty() ? "one that reads no table"
                                        : fmt::format("`{}`", fmt::join(scans.nodes, "`, `")));
}

}  // namespace cairn::execute
