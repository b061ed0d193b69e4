#include <fmt/format.h>

#include "compiler/check/rules.hpp"

namespace cairn::compiler {

void check_when(const ResolvedPlan& plan, Report& report) {
    for (const ResolvedItem& item : plan.items) {
        const grammar::Item& syntax = *item.syntax;
        if (!syntax.when) continue;
        const bool asks_nobody = item.as<grammar::Run>() != nullptr || item.as<grammar::Wait>() != nullptr ||
                                 item.as<grammar::Notify>() != nullptr ||
                                 item.as<grammar::Checkpoint>() != nullptr;
        if (!asks_nobody) continue;
        report.add(412, syntax.when_keyword.value_or(syntax.keyword),
                   fmt::format("`when` asks a database, and a {} has none", item.kind));
    }
}

}  // namespace cairn::compiler
