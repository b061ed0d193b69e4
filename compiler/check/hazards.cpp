#include "compiler/check/rules.hpp"

namespace cairn::compiler {

void check_hazards(const ResolvedPlan& plan, Report& report) {
    for (const ResolvedItem& item : plan.items) {
        if (item.as<grammar::Step>() == nullptr) continue;
        for (const Statement& statement : item.sql.statements) {
            for (const sql::Hazard& hazard : statement.facts.hazards) {
                report.add(hazard.code, statement.sql.locate(hazard.begin, hazard.end), hazard.message,
                           hazard.help);
            }
        }
    }
}

}  // namespace cairn::compiler
