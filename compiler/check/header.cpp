#include <fmt/format.h>

#include "compiler/check/rules.hpp"
#include "compiler/resolve/values.hpp"

namespace cairn::compiler {

namespace {

template <class Clause>
void only_one(const std::vector<Clause>& clauses, const char* what, Report& report) {
    for (std::size_t i = 1; i < clauses.size(); ++i) {
        report.add(401, clauses[i].keyword, fmt::format("a plan has one `{}` at most", what), {},
                   {{.where = {.source = {}, .span = clauses.front().keyword}, .text = "the first is here"}});
    }
}

}  // namespace

void check_header(const ResolvedPlan& plan, Report& report) {
    const grammar::PlanFile& file = *plan.syntax;
    only_one(file.windows, "window", report);
    only_one(file.defaults, "defaults", report);
    only_one(file.on_failure, "on failure", report);
    if (file.repeatable && file.once) {
        report.add(401, *file.once, "a plan is `repeatable` or `once`, not both", {},
                   {{.where = {.source = {}, .span = *file.repeatable}, .text = "the first is here"}});
    }
    const Values values(plan.words, nullptr);
    for (const grammar::Window& window : file.windows) {
        const auto from = values.instant(window.from), to = values.instant(window.to);
        if (from && to && *to <= *from) {
            report.add(309, window.to.span, *to == *from ? "the window ends as it begins" : "the window ends before it begins");
        }
    }
}

}  // namespace cairn::compiler
