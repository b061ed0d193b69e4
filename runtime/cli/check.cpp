#include <fmt/format.h>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/project.hpp"

namespace cairn::cli {

namespace {

std::string summary(const std::string& path, const compiler::StepGraph& graph) {
    std::size_t statements = 0;
    for (const auto& item : graph.items) {
        if (const auto* step = std::get_if<compiler::StepItem>(&item.body))
            statements += step->statements.size();
    }
    return fmt::format("ok  {}: plan {}, {} item{}, {} statement{}\n", path, graph.plan,
                       graph.items.size(), graph.items.size() == 1 ? "" : "s", statements,
                       statements == 1 ? "" : "s");
}

// The plan's own are told already.
bool is_of_review(const compiler::Diagnostic& d) {
    constexpr std::uint16_t refused = 760, not_checked = 761;
    return d.code == refused || d.code == not_checked;
}

}  // namespace

int check(const Invocation& invocation) {
    // Here the diagnostics are the result.
    Findings findings(invocation, stdout);
    int exit = 1;  // with errors
    for (const std::string& path : invocation.plans) {
        findings.about(path);
        const std::size_t before = findings.errors();
        compiler::CompileOptions options;
        options.parameters = invocation.parameters;
        options.require_parameters = false;
        auto project = load_project(path, options, findings);
        if (project && findings.errors() == before && names_databases(invocation)) {
            int failed = 0;
            if (!review_project(*project, invocation, findings, failed)) exit = failed;
            for (const auto& d : project->compiled.diagnostics.list())
                if (is_of_review(d)) findings.add(d, project->compiled.sources);
        }
        if (invocation.format != "text") continue;
        findings.flush();
        if (project && findings.errors() == before) {
            if (!invocation.quiet) print(summary(path, project->compiled.graph));
        } else {
            const std::size_t count = findings.errors() - before;
            print(fmt::format("{}: {} error{}\n", path, count, count == 1 ? "" : "s"));
        }
    }
    return findings.give_up(findings.has_errors() ? exit : 0);
}

}  // namespace cairn::cli
