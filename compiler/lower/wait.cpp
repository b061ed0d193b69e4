#include "compiler/lower/lower.hpp"
#include "compiler/resolve/values.hpp"

namespace cairn::compiler {

std::optional<Window> lower_window(const ResolvedPlan& plan) {
    if (plan.syntax->windows.empty()) return std::nullopt;
    const grammar::Window& written = plan.syntax->windows.front();
    const Values values(plan.words, nullptr);
    const auto from = values.instant(written.from), to = values.instant(written.to);
    if (!from || !to) return std::nullopt;
    return Window{.from = *from, .to = *to, .where = {.source = {}, .span = written.keyword}};
}

WaitItem lower_wait(const ResolvedPlan& plan, const ResolvedItem& item) {
    const auto& written = std::get<grammar::Wait>(item.syntax->body);
    const Values values(plan.words, item.turn);
    WaitItem wait;
    if (written.duration) wait.duration = values.duration(*written.duration);
    if (written.until) wait.until = values.instant(*written.until);
    if (!written.until_window) return wait;
    wait.before_window = written.before_window ? values.duration(*written.before_window).value_or(milliseconds(0)) : milliseconds(0);
    if (const auto window = lower_window(plan)) {
        wait.until = std::chrono::floor<std::chrono::seconds>(window->from - *wait.before_window);
    }
    return wait;
}

}  // namespace cairn::compiler
