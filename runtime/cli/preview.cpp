#include "compiler/preview/preview.hpp"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <utility>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/rehearsed.hpp"

namespace cairn::cli {

namespace {

constexpr std::uint16_t not_checked = 761;  // a card tells

// The page shows a statement's hazards where it stands: they are not told beside it again.
std::set<std::pair<std::uint16_t, std::string>> hazards_on_page(const compiler::StepGraph& graph) {
    std::set<std::pair<std::uint16_t, std::string>> out;
    for (const auto& item : graph.items) {
        const auto* step = std::get_if<compiler::StepItem>(&item.body);
        if (step == nullptr) continue;
        for (const auto& statement : step->statements) {
            for (const auto& hazard : statement.facts.hazards) {
                out.emplace(hazard.code, hazard.message);
            }
        }
    }
    return out;
}

std::string page(const Invocation& invocation, const compiler::Compiled& compiled,
                 const compiler::Beside& evidence) {
    if (invocation.format == "markdown") return compiler::preview_markdown(compiled, evidence);
    if (invocation.format == "html") return compiler::preview_html(compiled, evidence);
    if (invocation.format == "dot") return compiler::preview_dot(compiled, evidence);
    return compiler::preview_text(compiled, use_color(invocation, stdout), evidence);
}

}  // namespace

int preview(const Invocation& invocation) {
    Findings findings(invocation);
    compiler::CompileOptions options;
    options.parameters = invocation.parameters;
    options.require_parameters = false;
    auto project = load_project(invocation.plans.front(), options, findings);
    if (findings.has_errors()) return findings.give_up(1);
    std::optional<rehearse::Result> rehearsed;
    if (invocation.rehearsal) {
        rehearsed = rehearsed_before(*invocation.rehearsal, project->compiled.graph, findings);
        if (!rehearsed) return findings.give_up(1);
    }
    std::optional<compiler::Found> found;
    if (names_databases(invocation)) {
        int exit = 0;
        found = review_project(*project, invocation, findings, exit);
        if (!found) return findings.give_up(exit);
    }
    const compiler::Beside evidence(rehearsed ? &rehearsed->measured : nullptr,
                                    found ? &*found : nullptr);
    if (invocation.json()) {
        print(compiler::preview_json(project->compiled, evidence));
    } else {
        Findings beside(invocation);
        (void)read_config(invocation.plans.front(), beside);
        const auto on_page = hazards_on_page(project->compiled.graph);
        for (const auto& d : project->compiled.diagnostics.list()) {
            const bool told = d.code == not_checked || on_page.contains({d.code, d.message});
            if (!told) beside.add(d, project->compiled.sources);
        }
        beside.flush();
        print(page(invocation, project->compiled, evidence));
    }
    return project->compiled.diagnostics.has_errors() ? 1 : 0;
}

}  // namespace cairn::cli
