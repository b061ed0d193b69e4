#include "runtime/report/status.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/find_run.hpp"
#include "runtime/cli/project.hpp"

namespace cairn::cli {

int status(const Invocation& invocation) {
    Findings findings(invocation);
    int exit = 2;
    const auto config = read_config("cairn.toml", findings);
    if (findings.has_errors()) return findings.give_up(exit);
    const auto found = find_run(invocation, config, findings, exit);
    if (!found) return findings.give_up(exit);
    if (!invocation.json()) findings.flush();
    print(invocation.json() ? report::status_json(found->record)
                            : report::status_text(found->record, use_color(invocation, stdout)));
    return 0;
}

}  // namespace cairn::cli
