#include "compiler/compile.hpp"

#include <algorithm>

#include "compiler/check/rules.hpp"
#include "compiler/graph/conflicts.hpp"
#include "compiler/graph/digest.hpp"
#include "compiler/lower/lower.hpp"
#include "compiler/resolve/report.hpp"
#include "compiler/resolve/resolve.hpp"
#include "grammar/parse.hpp"

namespace cairn::compiler {

namespace {

void take_syntax_errors(const std::vector<grammar::SyntaxError>& errors, Report& report) {
    for (const grammar::SyntaxError& error : errors) {
        report.add(error.code, error.span, error.message, error.help);
    }
}

// What has no runtime yet can still be lowered and shown.
bool can_be_lowered(const Diagnostics& diagnostics) {
    return std::all_of(diagnostics.list().begin(), diagnostics.list().end(), [](const Diagnostic& d) {
        return d.severity != Severity::error || d.code == 490;
    });
}

}  // namespace

Compiled compile(std::string file_name, std::string text, const Loader& loader, const CompileOptions& options) {
    Compiled compiled;
    const grammar::Parsed parsed = grammar::parse(text);
    compiled.sources.add(std::move(file_name), text);
    Report report(compiled.diagnostics, text, !parsed.errors.empty());
    take_syntax_errors(parsed.errors, report);
    ResolvedPlan plan = resolve(parsed.plan, options, loader, compiled.sources, report);
    check(plan, report);
    if (can_be_lowered(compiled.diagnostics)) {
        compiled.graph = lower(plan);
        find_conflicts(compiled.graph, compiled.diagnostics);
    }
    compiled.graph.plan = plan.name;
    compiled.graph.digest = digest(text, plan.files);
    compiled.files = std::move(plan.files);
    compiled.diagnostics.sort();
    return compiled;
}

}  // namespace cairn::compiler
