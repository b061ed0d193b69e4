#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/observer.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::cli {

namespace {

enum class Consent { given, refused, unasked };

// A profile with `confirm = true` asks a person before anything starts.
Consent consent(const Project& project, const Invocation& invocation) {
    if (invocation.yes || !invocation.profile) return Consent::given;
    const auto profile = project.config.profiles.find(*invocation.profile);
    if (profile == project.config.profiles.end() || !profile->second.confirm) return Consent::given;
    if (!is_terminal(stdin) || !is_terminal(stderr)) return Consent::unasked;
    const auto& graph = project.compiled.graph;
    tell(fmt::format("apply plan {} ({} items, {}) to profile {}? [y/N] ", graph.plan, graph.items.size(), graph.digest, *invocation.profile));
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "yes" ? Consent::given : Consent::refused;
}

}  // namespace

int apply(const Invocation& invocation) {
    Findings findings(invocation);
    const run::Identity identity = run::new_identity();
    compiler::CompileOptions options;
    options.parameters = invocation.parameters;
    options.run = identity.run;
    options.date = identity.date;
    options.time = identity.time;
    const std::string& path = invocation.plans.front();
    const auto project = load_project(path, options, findings);
    if (findings.has_errors()) return findings.give_up(1);
    const auto& graph = project->compiled.graph;

    if (invocation.digest && *invocation.digest != graph.digest) {
        findings.add({.code = 611,
                      .message = fmt::format("plan `{}` has the digest `{}`, not `{}`", graph.plan, graph.digest, *invocation.digest),
                      .help = fmt::format("cairn preview {}", path)});
        return findings.give_up(1);
    }
    run::Settings settings = settings_of(graph, project->config, invocation, findings);
    if (findings.has_errors()) return findings.give_up(2);
    settings.plan_file = std::filesystem::absolute(path).lexically_normal().string();
    if (!invocation.json()) findings.flush();

    switch (consent(*project, invocation)) {
        case Consent::given: break;
        case Consent::refused: return findings.give_up(static_cast<int>(run::Exit::check_failed));
        case Consent::unasked:
            findings.add({.code = 615,
                          .message = fmt::format("profile `{}` asks before it starts, and there is no terminal to ask on", *invocation.profile),
                          .help = "--yes"});
            return findings.give_up(2);
    }
    process::install_interrupts();
    Telling observer(project->compiled, invocation);
    const run::Result result = run::apply(project->compiled, identity, settings, observer);
    return finish(result, project->compiled.sources, observer, invocation, findings);
}

}  // namespace cairn::cli
