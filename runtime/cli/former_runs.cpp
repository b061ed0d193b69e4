#include "runtime/cli/former_runs.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "runtime/journal/folder_journal.hpp"

namespace cairn::cli {

using journal::Place;
using journal::RunRecord;
using journal::RunState;

std::vector<Place> places_of(const compiler::StepGraph& graph, const run::Settings& settings) {
    std::vector<Place> out;
    for (const auto& role : graph.databases) {
        if (role.changed) out.push_back({.role = role.name, .conninfo = settings.conninfo.at(role.name)});
    }
    if (out.empty())
        out.push_back({.role = "", .conninfo = (std::filesystem::path(settings.root) / settings.journal_folder).string()});
    return out;
}

std::optional<RunRecord> newest_that_counts(const std::vector<Place>& places, const std::string& plan) {
    for (const auto& place : places) {
        const auto runs = journal::list_runs(place);
        const auto* list = std::get_if<std::vector<RunRecord>>(&runs);
        if (list == nullptr) continue;
        for (const auto& run : *list) {
            if (run.plan == plan && run.state != RunState::rolled_back) return run;
        }
    }
    return std::nullopt;
}

std::string other_values(const RunRecord& record, const compiler::StepGraph& graph) {
    std::string out;
    for (const auto& [name, before] : record.parameters) {
        for (const auto& now : graph.parameters) {
            if (now.name != name || now.value == before) continue;
            out += fmt::format("{}`{}` was `{}`, is `{}` now", out.empty() ? "" : ", ", name, before, now.value);
        }
    }
    return out;
}

std::optional<compiler::Diagnostic> finalize_former_in_folder(const compiler::StepGraph& graph, const run::Settings& settings,
                                                              const std::string& run) {
    if (!graph.repeatable) return std::nullopt;
    const Place place = places_of(graph, settings).front();
    if (!place.role.empty()) return std::nullopt;
    bool finished = false;
    for (const auto& before : journal::read_folder(place.conninfo)) {  // newest first
        const RunRecord& record = before.record;
        if (record.plan != graph.plan || record.state != RunState::finished) continue;
        if (record.run == run) {
            finished = true;
        } else if (finished) {
            journal::FolderJournal journal(place.conninfo);
            if (auto error = journal.take_lease({.run = record.run, .plan = record.plan, .length = settings.lease})) return error;
            if (auto error = journal.state(RunState::finalized, "", true)) return error;
        }
    }
    return std::nullopt;
}

}  // namespace cairn::cli
