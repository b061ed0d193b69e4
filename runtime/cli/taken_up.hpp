// A run taken up again from its journal: what resume and rollback share.
#pragma once

#include <optional>

#include "runtime/cli/find_run.hpp"
#include "runtime/cli/project.hpp"

namespace cairn::cli {

struct TakenUp {
    config::Config config;
    FoundRun found;
    compiler::Compiled compiled;  // from the journal's text, files and parameters
    run::Settings settings;
};
// nullopt with findings and `exit` when there is no such run, its plan does not compile any more,
// or the settings are wrong.
[[nodiscard]] std::optional<TakenUp> take_up(const Invocation&, Findings&, int& exit);

}  // namespace cairn::cli
