#include "runtime/rehearse/rehearse.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/observer.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::cli {

int rehearse(const Invocation& invocation) {
    Findings findings(invocation);
    const run::Identity identity = run::new_identity();
    compiler::CompileOptions options;
    options.parameters = invocation.parameters;
    options.run = identity.run;
    options.date = identity.date;
    options.time = identity.time;
    const auto project = load_project(invocation.plans.front(), options, findings);
    if (findings.has_errors()) return findings.give_up(1);
    if (!invocation.json()) findings.flush();

    process::install_interrupts();
    Telling observer(project->compiled, invocation);
    auto result = rehearse::rehearse(project->compiled, identity, project->config, &observer,
                                     {.crash = invocation.crash,
                                      .crash_points = invocation.crash_points,
                                      .seed = invocation.seed,
                                      .mutate = invocation.mutate,
                                      .jobs = invocation.jobs,
                                      .max_lock = invocation.max_lock,
                                      .from = invocation.from});
    (void)observer.told(std::nullopt);
    const auto& sources = project->compiled.sources;
    if (const auto* d = std::get_if<compiler::Diagnostic>(&result)) {
        const bool address = d->code >= 605 && d->code <= 607;
        if (address)
            add_of_config(*d, project->config, findings);
        else
            findings.add(*d, sources);
        if (address && invocation.from) return findings.give_up(2);  // as `--profile`
        return findings.give_up(static_cast<int>(rehearse::exit_of(*d)));
    }
    const auto& report = std::get<rehearse::Report>(result);
    print(invocation.json()
              ? rehearse::report_json(report, sources)
              : rehearse::report_text(report, sources, use_color(invocation, stdout)));
    return static_cast<int>(rehearse::exit_of(report));
}

}  // namespace cairn::cli
