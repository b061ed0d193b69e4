// What `apply` would do, for people and for scripts: prints the step graph's own fields.
#pragma once

#include <cstddef>
#include <string>

#include "compiler/compile.hpp"
#include "compiler/preview/measured.hpp"

namespace cairn::compiler {

// Deterministic to the byte for one plan, set of parameters and version of cairn. `measured`, if
// there is any: by a rehearsal of this very plan.
[[nodiscard]] std::string preview_text(const Compiled&, bool color,
                                       const Measured* measured = nullptr);
[[nodiscard]] std::string preview_json(const Compiled&, const Measured* measured = nullptr);

// A comment under a review takes 65,536 characters (GitHub): `limit` is in bytes, and what is left
// out is said.
[[nodiscard]] std::string preview_markdown(const Compiled&, const Measured* measured = nullptr,
                                           std::size_t limit = 65'536);
// One page that asks for nothing outside itself and has no script.
[[nodiscard]] std::string preview_html(const Compiled&, const Measured* measured = nullptr);
// The step graph for graphviz.
[[nodiscard]] std::string preview_dot(const Compiled&, const Measured* measured = nullptr);

}  // namespace cairn::compiler
