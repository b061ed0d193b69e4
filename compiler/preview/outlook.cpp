#include "compiler/preview/outlook.hpp"

#include <fmt/format.h>

#include <array>
#include <set>

#include "compiler/preview/words.hpp"

namespace cairn::compiler {

namespace {

const StepItem* step_of(const Item& item) {
    return std::get_if<StepItem>(&item.body);
}

void statement_questions(const Item& item, const Statement& statement,
                         std::vector<std::string>& out) {
    const sql::StatementFacts& facts = statement.facts;
    for (const sql::Inverse& inverse : facts.inverse) {
        if (!inverse.only_if_created) continue;
        out.push_back(fmt::format(
            "whether `{}` is there already: then step `{}` leaves it, and so does its rollback",
            inverse.object.name, item.name));
    }
    if (facts.opaque && !facts.calls.empty()) {
        out.push_back(fmt::format("what {} does in step `{}`", joined(facts.calls), item.name));
    } else if (facts.opaque) {
        out.push_back(fmt::format("what the {} of step `{}` does", facts.kind, item.name));
    }
}

}  // namespace

std::vector<LeftDone> left_done(const StepGraph& graph) {
    std::vector<LeftDone> out;
    for (const Item& item : graph.items) {
        if (item.undo.kind == Undo::Kind::none) {
            out.push_back({item.name, item.undo.reason});
        } else if (const auto* run = std::get_if<RunItem>(&item.body)) {
            if (item.undo.kind != Undo::Kind::command) {
                out.push_back(
                    {item.name, "what " + (run->argv.empty() ? "it" : run->argv.front()) + " did"});
            } else if (run->output_to) {
                out.push_back({item.name, "the output in " + *run->output_to});
            }
        }
    }
    return out;
}

std::vector<std::string> known_only_with_database(const StepGraph& graph, bool looked_at_database) {
    std::vector<std::string> out;
    bool any_statement = false;
    std::set<std::string> watched;
    for (const Item& item : graph.items) {
        if (item.when)
            out.push_back(fmt::format("whether {} `{}` runs: its `when` asks the database",
                                      item.kind, item.name));
        const StepItem* step = step_of(item);
        if (step == nullptr) continue;
        any_statement = any_statement || !step->statements.empty();
        if (!looked_at_database) {
            for (const auto& table : watched_relations(item)) watched.insert(table);
        }
        for (const Statement& statement : step->statements)
            statement_questions(item, statement, out);
    }
    for (const auto& table : watched) {
        out.push_back(fmt::format(
            "whether its role may create triggers on {}, which keep the rows: `apply` asks first",
            table));
    }
    if (any_statement) {
        out.emplace_back("locks on partitions, on tables behind foreign keys, and of triggers");
        out.emplace_back("how many rows each statement changes, and how long it holds its locks");
    }
    return out;
}

}  // namespace cairn::compiler
