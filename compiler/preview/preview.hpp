// What `apply` would do, for people and for scripts: prints the step graph's own fields.
#pragma once

#include <string>

#include "compiler/compile.hpp"

namespace cairn::compiler {

// Deterministic to the byte for one plan, set of parameters and version of cairn.
[[nodiscard]] std::string preview_text(const Compiled&, bool color);
[[nodiscard]] std::string preview_json(const Compiled&);

}  // namespace cairn::compiler
