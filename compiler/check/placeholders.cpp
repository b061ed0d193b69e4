#include "compiler/check/rules.hpp"
#include "compiler/resolve/placeholders.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

// Values of loops and defaults of parameters were looked at when they were resolved.
void check_placeholders(const ResolvedPlan& plan, Report& report) {
    const grammar::PlanFile& file = *plan.syntax;
    const auto look_outside = [&](const grammar::Template& t) { report_unknown(t, plan.words, nullptr, report); };
    TemplateWalk outside(look_outside);
    outside(file.title);
    for (const auto& window : file.windows) {
        outside(window.from);
        outside(window.to);
    }
    for (const auto& defaults : file.defaults) {
        outside(defaults.lock_timeout);
        outside(defaults.statement_timeout);
        outside(defaults.retry);
        outside(defaults.before_strong_locks_wait);
    }
    for (const auto& failure : file.on_failure) outside(failure.checkpoint);
    for (const ResolvedItem& item : plan.items) {
        const auto look = [&](const grammar::Template& t) { report_unknown(t, plan.words, item.turn, report); };
        TemplateWalk walk(look);
        walk(*item.syntax);
    }
    for (const TransactionBlock& block : plan.transactions) {
        if (block.syntax->database) report_unknown(*block.syntax->database, plan.words, block.turn, report);
    }
}

}  // namespace cairn::compiler
