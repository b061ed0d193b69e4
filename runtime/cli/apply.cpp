#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "compiler/graph/digest.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/find_run.hpp"
#include "runtime/cli/former_runs.hpp"
#include "runtime/cli/observer.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/rehearsed.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/review/review.hpp"
#include "runtime/review/saved.hpp"

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
    tell(fmt::format("apply plan {} ({} items, {}) to profile {}? [y/N] ", graph.plan,
                     graph.items.size(), graph.digest, *invocation.profile));
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "yes" ? Consent::given : Consent::refused;
}

constexpr std::uint16_t finished_before = 705, finished_with_another_text = 706;

// A glance at the journal before anything is compiled: what deploy scripts call again and again has mostly finished
// long ago, and then its digest says so. A plan with files has another digest than its text, and goes the long way.
std::optional<journal::RunRecord> finished_already(const Invocation& invocation, const std::string& path) {
    const bool asks_for_more = invocation.again || invocation.until || invocation.digest || !invocation.parameters.empty() || invocation.preview ||
                               !invocation.confirmed.empty();
    if (asks_for_more) return std::nullopt;
    const auto text = read_plan(path);
    const auto* plan = std::get_if<std::string>(&text);
    if (plan == nullptr || plan->find("repeatable") != std::string::npos) return std::nullopt;
    Findings unheard(invocation);
    const auto places = journal_places(invocation, read_config(path, unheard), unheard);
    const auto is_database = [](const journal::Place& place) { return !place.role.empty(); };
    const auto database = std::find_if(places.begin(), places.end(), is_database);
    const bool one = std::count_if(places.begin(), places.end(), is_database) == 1;  // which one is meant is not known yet
    if (unheard.has_errors() || !one) return std::nullopt;
    auto run = journal::finished_with(*database, compiler::digest(*plan, {}));
    if (run && !run->parameters.empty()) return std::nullopt;  // the run may have had other values
    return run;
}

// The parameter whose value is another than when the preview was made, in words; {date} and the like
// are known only now.
std::optional<std::string> other_parameter(const review::Saved& saved, const std::string& path,
                                           const compiler::StepGraph& graph) {
    for (const auto& [name, value] : saved.parameters) {
        for (const auto& now : graph.parameters) {
            const bool missing = value == "{" + name + "}";
            const bool open = !missing && value.find('{') != std::string::npos;
            if (now.name != name || now.value == value || open) continue;
            if (missing)
                return fmt::format("`{}` was made without parameter `{}`, which is `{}` now", path,
                                   name, now.value);
            return fmt::format("`{}` was made with `{}` for parameter `{}`, which is `{}` now", path,
                               value, name, now.value);
        }
    }
    return std::nullopt;
}

// What was approved is what runs: the same plan with the same parameters, on databases of which every
// fact that the preview relied on still holds. 0, or the exit code of the refusal.
int held_against_preview(const std::string& path, const compiler::StepGraph& graph,
                         const run::Settings& settings, Findings& findings) {
    const auto read = review::read_preview(path);
    if (const auto* error = std::get_if<compiler::Diagnostic>(&read)) {
        findings.add(*error);
        return 1;
    }
    const auto& saved = std::get<review::Saved>(read);
    std::optional<std::string> other;
    if (saved.digest != graph.digest)
        other = fmt::format("`{}` is of plan `{}` with the digest {}; this is `{}` with {}", path,
                            saved.plan, saved.digest, graph.plan, graph.digest);
    else
        other = other_parameter(saved, path, graph);
    if (other) {
        findings.add({.code = 764,
                      .message = *other,
                      .help = "cairn preview PLAN --profile NAME --format json > " + path});
        return 1;
    }
    int exit = 0;
    constexpr std::uint16_t fact_changed = 765;
    for (const auto& change : review::changes_since(saved, settings.conninfo)) {
        findings.add(change);
        exit = change.code == fact_changed ? 1 : static_cast<int>(review::exit_of(change));
    }
    return exit;
}

}  // namespace

int apply(const Invocation& invocation) {
    Findings findings(invocation);
    if (const auto run = finished_already(invocation, invocation.plans.front())) {
        const compiler::Compiled nothing;
        Telling observer(nothing, invocation);
        const run::Result result{.exit = run::Exit::already_finished, .run = {}, .error = run::already_finished(run->plan, run->run, run->started)};
        return finish(result, nothing.sources, observer, invocation, findings);
    }
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
                      .message = fmt::format("plan `{}` has the digest `{}`, not `{}`", graph.plan,
                                             graph.digest, *invocation.digest),
                      .help = fmt::format("cairn preview {}", path)});
        return findings.give_up(1);
    }
    run::Settings settings = settings_of(graph, project->config, invocation, findings);
    if (findings.has_errors()) return findings.give_up(2);
    if (invocation.preview) {
        const int refused = held_against_preview(*invocation.preview, graph, settings, findings);
        if (refused != 0) return findings.give_up(refused);
    }
    if (invocation.rehearsal) {
        const auto rehearsed = rehearsed_before(*invocation.rehearsal, graph, findings);
        if (!rehearsed) return findings.give_up(1);
        settings.times = times_of(*rehearsed);
    }
    settings.plan_file = std::filesystem::absolute(path).lexically_normal().string();
    if (!invocation.json()) findings.flush();

    switch (consent(*project, invocation)) {
        case Consent::given:
            break;
        case Consent::refused:
            return findings.give_up(static_cast<int>(run::Exit::check_failed));
        case Consent::unasked:
            findings.add(
                {.code = 615,
                 .message = fmt::format(
                     "profile `{}` asks before it starts, and there is no terminal to ask on",
                     *invocation.profile),
                 .help = "--yes"});
            return findings.give_up(2);
    }
    process::install_interrupts();
    Telling observer(project->compiled, invocation);
    run::Result result = run::apply(project->compiled, identity, settings, observer);
    if (!observer.has_started()) result.run.clear();  // an id that no journal knows
    std::string difference;
    if (result.error && (result.error->code == finished_before || result.error->code == finished_with_another_text)) {
        const auto places = places_of(graph, settings);
        const auto before = newest_that_counts(places, graph.plan);
        const std::string others = before ? other_values(*before, graph) : "";
        if (!others.empty()) result.error->message += ", with other parameters: " + others;
        if (!others.empty() && result.error->help.empty()) result.error->help = "cairn apply … --again";
        if (before) difference = difference_from(before->run, places, project->compiled);
    }
    if (result.exit == run::Exit::done) {
        if (const auto error = finalize_former_in_folder(graph, settings, result.run))
            observer.message("a former run was not finalized: " + error->message);
    }
    return finish(result, project->compiled.sources, observer, invocation, findings, difference);
}

}  // namespace cairn::cli
