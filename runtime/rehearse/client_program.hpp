// psql, pg_dump and pg_restore, called for a rehearsal's fixtures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/process/command.hpp"

namespace cairn::rehearse {

struct Ran {
    process::CommandOutcome outcome;
    std::string output;
};
// In `folder`; empty: ours. `password` goes by the environment.
[[nodiscard]] Ran run(const std::vector<std::string>& argv, const std::string& folder,
                      const std::string& password = {});

// The program beside the server's, else the one in PATH.
[[nodiscard]] std::string program(const std::string& bin, const std::string& name);

// C0780 with the line of `path` that failed, where its output tells; C0782 when it could not be
// started, C0713 when it was interrupted.
[[nodiscard]] std::optional<compiler::Diagnostic> trouble(const Ran&, const std::string& program,
                                                          const std::string& path);

}  // namespace cairn::rehearse
