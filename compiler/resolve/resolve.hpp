// From the syntax tree to a plan whose names, loops, parameters and SQL are known.
#pragma once

#include "compiler/compile.hpp"
#include "compiler/resolve/report.hpp"
#include "compiler/resolve/resolved.hpp"

namespace cairn::compiler {

// `plan` outlives the result. Files that steps take in become sources of their own.
[[nodiscard]] ResolvedPlan resolve(const grammar::PlanFile& plan, const CompileOptions&,
                                   const Loader&, Sources&, Report&);

// The passes of resolve, in their order. Each fills its part of the plan.
void resolve_parameters(const CompileOptions&, ResolvedPlan&, Report&);
void resolve_databases(ResolvedPlan&, Report&);
// Turns the loops and flattens blocks: gives plan.items their names, kinds and places.
void expand_items(ResolvedPlan&, Report&);
// Gives items their database, and settles where the default one is meant.
void resolve_item_databases(ResolvedPlan&, Report&);
// Gives steps their timeouts and retries. What is ill-typed is left out: a rule reports it.
void resolve_settings(ResolvedPlan&);
// Reads every SQL body of every item, and the files.
void read_bodies(ResolvedPlan&, const Loader&, Sources&, Report&);

}  // namespace cairn::compiler
