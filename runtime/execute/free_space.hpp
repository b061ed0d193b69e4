// How much room is left on cairn's machine, against what a check asks for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::execute {

// Looks at the file system that holds `expect.path` (relative: under `root`), or would: at the
// nearest folder above it that is there. `database_size` in bytes, where the check asks for a
// multiple of it. Fills `passed`, `message`, and `error` (C0753) where the file system doesn't
// answer.
void judge_space(const compiler::ExpectFreeSpace& expect,
                 const std::optional<std::string>& database_size, const std::string& root,
                 run::CheckOutcome&);

// The outcomes of checks that ask for a fixed size only and need no database; nullopt when one of them asks more.
// In a rehearsal they pass as what only the window can tell.
[[nodiscard]] std::optional<std::vector<run::CheckOutcome>> run_space_checks(const std::vector<compiler::Check>&,
                                                                             bool rehearsal, const std::string& root);

// "12.3GB", in powers of 1024 as PostgreSQL's settings.
[[nodiscard]] std::string size_in_words(double bytes);

}  // namespace cairn::execute
