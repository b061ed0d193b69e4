#include "runtime/cli/commands.hpp"
#include "runtime/cli/observer.hpp"
#include "runtime/cli/taken_up.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::cli {

int rollback(const Invocation& invocation) {
    Findings findings(invocation);
    int exit = 0;
    const auto taken = take_up(invocation, findings, exit);
    if (!taken) return findings.give_up(exit);
    const auto& graph = taken->compiled.graph;
    if (invocation.to) check_item(graph, *invocation.to, "--to", "checkpoint", findings);
    if (invocation.past)
        check_item(graph, *invocation.past, "--past", "point of no return", findings);
    if (findings.has_errors()) return findings.give_up(2);

    process::install_interrupts();
    Telling observer(taken->compiled, invocation);
    const run::Result result = run::rollback(taken->compiled, taken->found.record, invocation.to,
                                             invocation.past, taken->settings, observer);
    return finish(result, taken->compiled.sources, observer, invocation, findings);
}

}  // namespace cairn::cli
