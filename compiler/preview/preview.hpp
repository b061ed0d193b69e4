// What `apply` would do, for people and for scripts: prints the step graph's own fields.
#pragma once

#include <cstddef>
#include <string>

#include "compiler/compile.hpp"
#include "compiler/preview/found.hpp"
#include "compiler/preview/measured.hpp"

namespace cairn::compiler {

// What stands beside the plan's own: of a rehearsal of this very plan, and of its databases.
struct Beside {
    Beside() = default;
    Beside(const Measured* by_rehearsal, const Found* in_databases = nullptr)
        : measured(by_rehearsal), found(in_databases) {}
    const Measured* measured = nullptr;
    const Found* found = nullptr;
};

// Deterministic to the byte for one plan, set of parameters, version of cairn, and what is beside it.
[[nodiscard]] std::string preview_text(const Compiled&, bool color,
                                       const Beside& = {});
[[nodiscard]] std::string preview_json(const Compiled&, const Beside& = {});

// A comment under a review takes 65,536 characters (GitHub): `limit` is in bytes, and what is left
// out is said.
[[nodiscard]] std::string preview_markdown(const Compiled&, const Beside& = {},
                                           std::size_t limit = 65'536);
// One page that asks for nothing outside itself and has no script.
[[nodiscard]] std::string preview_html(const Compiled&, const Beside& = {});
// The step graph for graphviz.
[[nodiscard]] std::string preview_dot(const Compiled&, const Beside& = {});

}  // namespace cairn::compiler
