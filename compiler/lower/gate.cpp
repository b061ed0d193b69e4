#include "compiler/lower/lower.hpp"

namespace cairn::compiler {

GateItem lower_gate(const ResolvedPlan& plan, const ResolvedItem& item) {
    const auto& written = std::get<grammar::Gate>(item.syntax->body);
    GateItem gate{.checks = lower_checks(plan, item), .else_rollback = false, .confirm = {}};
    gate.else_rollback = written.otherwise && *written.otherwise != grammar::OnFailureKind::stop;
    if (!written.confirms.empty()) gate.confirm = plan.text(written.confirms.front(), item);
    return gate;
}

}  // namespace cairn::compiler
