// What a shell sources to complete the words of cairn.
#pragma once

#include <string>

#include "runtime/cli/command_line.hpp"

namespace cairn::cli::complete {

[[nodiscard]] std::string bash(const CommandLine&);
[[nodiscard]] std::string zsh(const CommandLine&);
[[nodiscard]] std::string fish(const CommandLine&);

// What kind of word stands behind a flag or as an argument, where it is none of a few.
enum class Wants { nothing, word, file, folder, plan };
[[nodiscard]] Wants wants(const Flag&);
// Behind it comes a word of its own.
[[nodiscard]] bool takes_next(const Flag&);

}  // namespace cairn::cli::complete
