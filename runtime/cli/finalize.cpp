#include "runtime/undo/finalize.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/find_run.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/execute/free_space.hpp"
#include "runtime/journal/folder_journal.hpp"
#include "runtime/postgres/connect.hpp"
#include "runtime/report/words.hpp"
#include "runtime/run/context.hpp"

namespace cairn::cli {

namespace {

using compiler::Diagnostic;
using journal::RunRecord;
using journal::RunState;
using undo::Freed;

std::variant<Freed, Diagnostic> in_folder(const std::string& folder, const journal::LeaseRequest& request, RunState state) {
    if (state == RunState::finalized) return Freed{};
    journal::FolderJournal journal(folder);
    if (auto error = journal.take_lease(request)) return *error;
    if (auto error = journal.state(RunState::finalized, "", true)) return *error;
    return Freed{};
}

std::variant<Freed, Diagnostic> in_database(const journal::Place& place, const journal::LeaseRequest& request) {
    auto connected = postgres::connect(place.role, place.conninfo, "cairn " + request.run);
    if (auto* error = std::get_if<Diagnostic>(&connected)) return *error;
    auto& session = std::get<postgres::Session>(connected);
    journal::DatabaseJournal journal(session);
    if (auto error = journal.take_lease(request)) return *error;
    auto freed = undo::give_up(session, journal, request.run);
    if (auto error = journal.release(); error && std::holds_alternative<Freed>(freed)) return *error;
    return freed;
}

// Only what has ended well can be kept for good.
std::optional<Diagnostic> refuse(const RunRecord& record) {
    switch (record.state) {
        case RunState::finished:
        case RunState::finalized: return std::nullopt;
        case RunState::rolled_back:
            return run::problem(723, fmt::format("run {} has been rolled back: there is no way back to give up", record.run));
        case RunState::running:
            return run::problem(704, fmt::format("run {} is under way", record.run), "cairn status " + record.run);
        case RunState::stopped:
        case RunState::failed: break;
    }
    return run::problem(707, fmt::format("run {} of plan `{}` has stopped and is not over", record.run, record.plan),
                        fmt::format("cairn resume {0}, or cairn rollback {0}", record.run));
}

}  // namespace

int finalize(const Invocation& invocation) {
    Findings findings(invocation);
    int exit = 2;
    const auto config = read_config("cairn.toml", findings);
    if (findings.has_errors()) return findings.give_up(exit);
    const auto found = find_run(invocation, config, findings, exit);
    if (!found) return findings.give_up(exit);
    const RunRecord& record = found->record;
    if (const auto error = refuse(record)) {
        findings.add(*error);
        return findings.give_up(static_cast<int>(run::exit_for(*error)));
    }
    const auto timing = config::timing(config);
    if (const auto* d = std::get_if<Diagnostic>(&timing)) {
        findings.add(*d);
        return findings.give_up(2);
    }
    const journal::LeaseRequest request{.run = record.run, .plan = record.plan, .length = std::get<config::Timing>(timing).lease};
    Freed all;
    for (const auto& place : found->places) {
        auto freed = place.role.empty() ? in_folder(place.conninfo, request, record.state) : in_database(place, request);
        if (const auto* d = std::get_if<Diagnostic>(&freed)) {
            findings.add(*d);
            return findings.give_up(static_cast<int>(run::exit_for(*d)));
        }
        all.tables += std::get<Freed>(freed).tables;
        all.bytes += std::get<Freed>(freed).bytes;
    }
    if (invocation.json()) {
        print(nlohmann::ordered_json{{"run", record.run}, {"state", "finalized"}, {"dropped_tables", all.tables}, {"freed_bytes", all.bytes}}.dump(2) + "\n");
        return 0;
    }
    findings.flush();
    print(all.tables == 0 ? fmt::format("run {} is finalized: it had kept no rows\n", record.run)
                          : fmt::format("run {} is finalized: {} of kept rows dropped, {} freed\n", record.run,
                                        report::counted(static_cast<std::uint64_t>(all.tables), "table"),
                                        execute::size_in_words(static_cast<double>(all.bytes))));
    return 0;
}

}  // namespace cairn::cli
