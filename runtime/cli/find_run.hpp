// Finds the run that a command means, in the journals of --db, --profile, CAIRN_* and the journal
// folder.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/compile.hpp"
#include "runtime/cli/findings.hpp"
#include "runtime/config/config.hpp"
#include "runtime/journal/reader.hpp"

namespace cairn::cli {

// Every journal that may hold the run. A profile that does not exist, or nowhere to look, is a
// finding.
[[nodiscard]] std::vector<journal::Place> journal_places(const Invocation&, const config::Config&,
                                                         Findings&);

// The runs of all places, each once (a run over several databases stands in each), newest first. A
// place that can't be read is a finding.
[[nodiscard]] std::vector<journal::RunRecord> all_runs(const std::vector<journal::Place>&,
                                                       Findings&);

struct FoundRun {
    journal::RunRecord record;  // whole: items are merged over the places
    std::vector<journal::Place> places;
};
// invocation.run, or the newest; nullopt with a finding, and `exit` set, when there is none.
[[nodiscard]] std::optional<FoundRun> find_run(const Invocation&, const config::Config&, Findings&,
                                               int& exit);

// Compiles the plan again from what the journal keeps: text, files, parameters, {run}, {date} and
// {time}.
[[nodiscard]] compiler::Compiled compile_again(const journal::RunRecord&);

// How the plan on disk differs from the run's, as a diff; empty when it does not, or is not there
// any more. `root` is where the paths of its files start.
[[nodiscard]] std::string changes_since(const journal::RunRecord&, const std::string& root);

// How `compiled` differs from the run `run` of the same plan, looked up in `places`; empty when
// that can't be told.
[[nodiscard]] std::string difference_from(const std::string& run,
                                          const std::vector<journal::Place>& places,
                                          const compiler::Compiled& compiled);

}  // namespace cairn::cli
