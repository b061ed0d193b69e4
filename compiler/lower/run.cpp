#include "compiler/lower/lower.hpp"
#include "compiler/resolve/values.hpp"

namespace cairn::compiler {

RunItem lower_run(const ResolvedPlan& plan, const ResolvedItem& item) {
    const auto& written = std::get<grammar::Run>(item.syntax->body);
    RunItem run;
    for (const auto& argument : written.command) run.argv.push_back(plan.text(argument, item));
    for (const auto& argument : written.rehearse) run.rehearse.push_back(plan.text(argument, item));
    if (written.timeout) run.timeout = Values(plan.words, item.turn).duration(written.timeout->value);
    if (written.output_to) run.output_to = plan.text(*written.output_to, item);
    return run;
}

}  // namespace cairn::compiler
