#include <fmt/format.h>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/former_runs.hpp"
#include "runtime/cli/observer.hpp"
#include "runtime/cli/rehearsed.hpp"
#include "runtime/cli/taken_up.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::cli {

int resume(const Invocation& invocation) {
    Findings findings(invocation);
    int exit = 0;
    const auto taken = take_up(invocation, findings, exit);
    if (!taken) return findings.give_up(exit);
    const journal::RunRecord& record = taken->found.record;

    if (invocation.digest && *invocation.digest != record.digest) {
        findings.add({.code = 611,
                      .message = fmt::format("run `{}` has the digest `{}`, not `{}`", record.run,
                                             record.digest, *invocation.digest)});
        return findings.give_up(1);
    }
    if (const std::string changes = changes_since(record, taken->config.root); !changes.empty()) {
        findings.add(
            {.code = 613,
             .message = fmt::format(
                 "the plan has changed since run `{}` began, and a run belongs to its plan",
                 record.run),
             .help = fmt::format("cairn rollback {}", record.run)});
        if (!invocation.json()) findings.flush();
        if (!invocation.json()) tell(changes);
        return findings.give_up(1);
    }
    run::Settings settings = taken->settings;
    if (invocation.rehearsal) {
        const auto rehearsed = rehearsed_before(*invocation.rehearsal, taken->compiled.graph, findings);
        if (!rehearsed) return findings.give_up(1);
        settings.times = times_of(*rehearsed);
    }
    process::install_interrupts();
    Telling observer(taken->compiled, invocation);
    const run::Result result = run::resume(taken->compiled, record, settings, observer);
    if (result.exit == run::Exit::done) {
        if (const auto error = finalize_former_in_folder(taken->compiled.graph, settings, result.run))
            observer.message("a former run was not finalized: " + error->message);
    }
    return finish(result, taken->compiled.sources, observer, invocation, findings);
}

}  // namespace cairn::cli
