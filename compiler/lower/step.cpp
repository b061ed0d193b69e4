#include <algorithm>

#include "compiler/lower/lower.hpp"

namespace cairn::compiler {

StepItem lower_step(const ResolvedPlan& plan, const ResolvedItem& item) {
    StepItem step;
    step.statements = item.sql.statements;
    step.transactional = std::all_of(step.statements.begin(), step.statements.end(), [](const Statement& s) {
        return s.facts.non_transactional == sql::NonTransactional::no;
    });
    const auto& syntax = *item.as<grammar::Step>();
    for (const auto& relation : syntax.changes) step.changes.push_back(plan.text(relation, item));
    step.keep_rows = !syntax.keep_no_rows;
    // A lock timeout would cancel CREATE INDEX CONCURRENTLY while it waits for snapshots of unrelated tables,
    // and what has begun outside a transaction is looked at before it is done again.
    if (!step.transactional) return step;
    step.lock_timeout = item.lock_timeout;
    step.statement_timeout = item.statement_timeout;
    step.retries = item.retries;
    return step;
}

}  // namespace cairn::compiler
