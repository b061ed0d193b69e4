#include "compiler/check/rules.hpp"

namespace cairn::compiler {

void check(const ResolvedPlan& plan, Report& report) {
    check_placeholders(plan, report);
    check_values(plan, report);
    check_header(plan, report);
    check_names(plan, report);
    check_blocks(plan, report);
    check_after(plan, report);
    check_statements(plan, report);
    check_batches(plan, report);
    check_read_only(plan, report);
    check_enum_values(plan, report);
    check_gates(plan, report);
    check_queries(plan, report);
    check_verdicts(plan, report);
    check_commands(plan, report);
    check_rollbacks(plan, report);
    check_failure(plan, report);
    check_windows(plan, report);
    check_versions(plan, report);
    check_hazards(plan, report);
}

}  // namespace cairn::compiler
