#include <algorithm>
#include <tuple>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/find_run.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/report/status.hpp"

namespace cairn::cli {

namespace {

auto key(const journal::EventRecord& e) {
    return std::tie(e.at, e.item, e.event, e.detail);
}

}  // namespace

int log(const Invocation& invocation) {
    Findings findings(invocation);
    int exit = 2;
    const auto config = read_config("cairn.toml", findings);
    if (findings.has_errors()) return findings.give_up(exit);
    const auto found = find_run(invocation, config, findings, exit);
    if (!found) return findings.give_up(exit);

    // A run over several databases tells each its part; what all were told is told once.
    std::vector<journal::EventRecord> events;
    for (const auto& place : found->places) {
        auto read = journal::read_events(place, found->record.run);
        if (const auto* d = std::get_if<compiler::Diagnostic>(&read)) {
            findings.add(*d);
            return findings.give_up(static_cast<int>(run::Exit::unreachable));
        }
        for (auto& event : std::get<std::vector<journal::EventRecord>>(read)) {
            const bool known = found->places.size() > 1 &&
                               std::any_of(events.begin(), events.end(),
                                           [&](const auto& e) { return key(e) == key(event); });
            if (!known) events.push_back(std::move(event));
        }
    }
    if (found->places.size() > 1) {
        std::stable_sort(events.begin(), events.end(),
                         [](const auto& a, const auto& b) { return a.at < b.at; });
    }
    if (!invocation.json()) findings.flush();
    print(invocation.json() ? report::log_json(events)
                            : report::log_text(events, use_color(invocation, stdout)));
    return 0;
}

}  // namespace cairn::cli
