#include <algorithm>

#include "compiler/lower/lower.hpp"
#include "compiler/resolve/identifier.hpp"
#include "compiler/resolve/values.hpp"

namespace cairn::compiler {

namespace {

Batch lower_batch(const ResolvedPlan& plan, const ResolvedItem& item, const grammar::Step::Batch& written) {
    const Values values(plan.words, item.turn);
    const sql::BatchKey& key = *item.batch;
    Batch batch{.table = key.schema.empty() ? as_sql({key.table}) : as_sql({key.schema, key.table}),
                .column = as_sql({key.column}),
                .column_name = key.column,
                .by = values.whole(written.by).value_or(1),
                .pause = written.pause ? values.duration(*written.pause).value_or(milliseconds(0)) : milliseconds(0),
                .holes = {}};
    for (const sql::BatchUse& use : item.sql.batch) {
        auto& holes = batch.holes.emplace_back();
        for (const sql::BatchPlace& place : use.places) {
            holes.push_back({.begin = place.mark.begin, .end = place.mark.end,
                             .table = place.names.empty() ? batch.table : place.names.front()});
        }
    }
    batch.holes.resize(item.sql.statements.size());
    return batch;
}

}  // namespace

StepItem lower_step(const ResolvedPlan& plan, const ResolvedItem& item) {
    StepItem step;
    step.statements = item.sql.statements;
    step.transactional = std::all_of(step.statements.begin(), step.statements.end(), [](const Statement& s) {
        return s.facts.non_transactional == sql::NonTransactional::no;
    });
    const auto& syntax = *item.as<grammar::Step>();
    for (const auto& relation : syntax.changes) step.changes.push_back(plan.text(relation, item));
    step.keep_rows = !syntax.keep_no_rows;
    step.strong_locks_wait = item.strong_locks_wait;
    step.retries = item.retries;
    // A lock timeout would cancel CREATE INDEX CONCURRENTLY while it waits for snapshots of unrelated tables.
    if (!step.transactional) return step;
    step.lock_timeout = item.lock_timeout;
    step.statement_timeout = item.statement_timeout;
    if (syntax.batch && item.batch) step.batch = lower_batch(plan, item, *syntax.batch);
    return step;
}

}  // namespace cairn::compiler
