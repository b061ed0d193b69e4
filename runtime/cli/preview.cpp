#include "compiler/preview/preview.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/project.hpp"

namespace cairn::cli {

int preview(const Invocation& invocation) {
    Findings findings(invocation);
    if (invocation.profile || !invocation.databases.empty()) {
        findings.add({.code = 490, .message = "a preview that reads a database is not in this version yet", .help = "cairn preview " + invocation.plans.front()});
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
        findings.flush();
        print(compiler::preview_text(project->compiled, use_color(invocation, stdout)));
    }
    return 0;
}

}  // namespace cairn::cli
