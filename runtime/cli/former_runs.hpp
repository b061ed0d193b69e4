// What earlier runs of a plan mean for the one that `apply` or `resume` is about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/run/runner.hpp"

namespace cairn::cli {

// Where this plan's journal is: in the databases it changes, or in its folder.
[[nodiscard]] std::vector<journal::Place> places_of(const compiler::StepGraph&, const run::Settings&);

// The newest run of the plan that has not been rolled back, without text and items; the one that C0705 and C0706 are about.
[[nodiscard]] std::optional<journal::RunRecord> newest_that_counts(const std::vector<journal::Place>&, const std::string& plan);

// Which parameters had another value in that run, in words: "`tenant` was `a`, is `b` now"; empty when none had.
[[nodiscard]] std::string other_values(const journal::RunRecord&, const compiler::StepGraph&);

// A repeatable plan whose journal is a folder has finished as `run`: the runs before it are finalized. In a database the run does
// that itself, with the rows that were kept. Why it was not done, if it was not; the next run does it then.
[[nodiscard]] std::optional<compiler::Diagnostic> finalize_former_in_folder(const compiler::StepGraph&, const run::Settings&,
                                                                            const std::string& run);

}  // namespace cairn::cli
