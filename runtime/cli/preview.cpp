#include "compiler/preview/preview.hpp"

#include <set>
#include <utility>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/project.hpp"

namespace cairn::cli {

namespace {

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

}  // namespace

int preview(const Invocation& invocation) {
    Findings findings(invocation);
    if (invocation.profile || !invocation.databases.empty()) {
        findings.add({.code = 490,
                      .message = "a preview that reads a database is not in this version yet",
                      .help = "cairn preview " + invocation.plans.front()});
        return findings.give_up(2);
    }
    compiler::CompileOptions options;
    options.parameters = invocation.parameters;
    options.require_parameters = false;
    const auto project = load_project(invocation.plans.front(), options, findings);
    if (findings.has_errors()) return findings.give_up(1);
    if (invocation.json()) {
        print(compiler::preview_json(project->compiled));
    } else {
        Findings beside(invocation);
        (void)read_config(invocation.plans.front(), beside);
        const auto on_page = hazards_on_page(project->compiled.graph);
        for (const auto& d : project->compiled.diagnostics.list()) {
            if (!on_page.contains({d.code, d.message})) beside.add(d, project->compiled.sources);
        }
        beside.flush();
        print(compiler::preview_text(project->compiled, use_color(invocation, stdout)));
    }
    return 0;
}

}  // namespace cairn::cli
