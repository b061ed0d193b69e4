// What `apply` would do, for people and for scripts: prints the step graph's own fields.
#pragma once

#include <string>

#include "compiler/compile.hpp"
#include "compiler/preview/measured.hpp"

namespace cairn::compiler {

// Deterministic to the byte for one plan, set of parameters and version of cairn. `measured`, if
// there is any: by a rehearsal of this very plan.
[[nodiscard]] std::string preview_text(const Compiled&, bool color,
                                       const Measured* measured = nullptr);
[[nodiscard]] std::string preview_json(const Compiled&, const Measured* measured = nullptr);

}  // namespace cairn::compiler
