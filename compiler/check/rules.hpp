// The rules of a plan, a file each: they look at the resolved plan and report; none changes it.
#pragma once

#include "compiler/resolve/report.hpp"
#include "compiler/resolve/resolved.hpp"

namespace cairn::compiler {

// Runs all of them. When it reports no error, lowering can't fail.
void check(const ResolvedPlan&, Report&);

void check_placeholders(const ResolvedPlan&, Report&);  // every `{name}` is known
void check_values(const ResolvedPlan&, Report&);        // every clause has a value of its kind
void check_header(const ResolvedPlan&, Report&);        // clauses of the plan that stand once
void check_names(const ResolvedPlan&, Report&);         // relations, columns and the like are such names
void check_blocks(const ResolvedPlan&, Report&);        // what may stand in `transaction` and `parallel`
void check_after(const ResolvedPlan&, Report&);         // `after` names items of the same `parallel`
void check_statements(const ResolvedPlan&, Report&);    // transaction control, COPY of a client, mixtures
void check_batches(const ResolvedPlan&, Report&);       // what a range of a batch runs
void check_read_only(const ResolvedPlan&, Report&);     // no step on a database that is only read
void check_enum_values(const ResolvedPlan&, Report&);   // a new value in the transaction that adds it
void check_gates(const ResolvedPlan&, Report&);
void check_queries(const ResolvedPlan&, Report&);       // a check is one query that only reads
void check_verdicts(const ResolvedPlan&, Report&);      // a check that can't fail, or can't pass
void check_commands(const ResolvedPlan&, Report&);      // parameters in a shell's script
void check_rollbacks(const ResolvedPlan&, Report&);     // a rollback that fits and can be made
void check_failure(const ResolvedPlan&, Report&);       // `on failure rollback to` a checkpoint
void check_windows(const ResolvedPlan&, Report&);       // what waits for the window, and what does not
void check_versions(const ResolvedPlan&, Report&);      // what has no runtime yet
void check_hazards(const ResolvedPlan&, Report&);       // what is allowed but dangerous

}  // namespace cairn::compiler
