// The values that were typed, looked into: what CLI11 takes as text becomes what a command works with.
#pragma once

#include <optional>
#include <string>

#include "runtime/cli/invocation.hpp"
#include "runtime/cli/options.hpp"

namespace cairn::cli {

// A command line that is wrong: one line, lower case, no full stop; `help` can be typed instead.
[[nodiscard]] Answer wrong(std::string text, std::string help = "");

// Fills `out` from the lists; what is wrong with them or with what the command needs, if anything.
[[nodiscard]] std::optional<Answer> look_into(const Word&, Invocation& out, const Lists&);

}  // namespace cairn::cli
