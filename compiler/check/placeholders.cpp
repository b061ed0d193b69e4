#include <fmt/format.h>

#include "compiler/check/rules.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

class Placeholders {
public:
    Placeholders(const ResolvedPlan& plan, Report& report) : plan_(plan), report_(report) {}

    void look(const grammar::Template& written, const Turn* turn) {
        for (const grammar::Part& part : written.parts) {
            if (!part.is_placeholder || plan_.words.find(part.text, turn)) continue;
            if (report_.may_be_declared("param", part.text)) continue;
            std::string help = report_.suggestion(part.text, plan_.words.names(turn));
            if (help.empty()) help = fmt::format("param {}", part.text);
            report_.add(201, part.span, fmt::format("no parameter or loop variable is named `{}`", part.text),
                        help);
        }
    }

private:
    const ResolvedPlan& plan_;
    Report& report_;
};

}  // namespace

void check_placeholders(const ResolvedPlan& plan, Report& report) {
    Placeholders placeholders(plan, report);
    const grammar::PlanFile& file = *plan.syntax;
    const auto look_outside = [&](const grammar::Template& t) { placeholders.look(t, nullptr); };
    TemplateWalk outside(look_outside);
    outside(file.title);
    for (const auto& parameter : file.parameters) outside(parameter.default_value);
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
        const auto look = [&](const grammar::Template& t) { placeholders.look(t, item.turn); };
        TemplateWalk walk(look);
        walk(*item.syntax);
    }
    for (const TransactionBlock& block : plan.transactions) {
        if (block.syntax->database) placeholders.look(*block.syntax->database, block.turn);
    }
}

}  // namespace cairn::compiler
