#include "runtime/cli/commands.hpp"
#include "runtime/cli/find_run.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/report/status.hpp"

namespace cairn::cli {

int history(const Invocation& invocation) {
    Findings findings(invocation);
    const auto config = read_config("cairn.toml", findings);
    const auto places = findings.has_errors() ? std::vector<journal::Place>{}
                                              : journal_places(invocation, config, findings);
    if (findings.has_errors()) return findings.give_up(2);
    const auto runs = all_runs(places, findings);
    if (findings.has_errors()) return findings.give_up(static_cast<int>(run::Exit::unreachable));
    if (!invocation.json()) findings.flush();
    print(invocation.json() ? report::history_json(runs)
                            : report::history_text(runs, use_color(invocation, stdout)));
    return 0;
}

}  // namespace cairn::cli
