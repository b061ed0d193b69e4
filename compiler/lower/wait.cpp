#include "compiler/lower/lower.hpp"
#include "compiler/resolve/values.hpp"

namespace cairn::compiler {

WaitItem lower_wait(const ResolvedPlan& plan, const ResolvedItem& item) {
    const auto& written = std::get<grammar::Wait>(item.syntax->body);
    const Values values(plan.words, item.turn);
    WaitItem wait;
    if (written.duration) wait.duration = values.duration(*written.duration);
    if (written.until) wait.until = values.instant(*written.until);
    return wait;
}

}  // namespace cairn::compiler
