// Looks a plan over against the databases it is meant for: their schema is read, never changed, and
// each item is prepared on a private server against the schema as the items before it leave it.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "compiler/compile.hpp"
#include "compiler/preview/found.hpp"
#include "runtime/run/runner.hpp"

namespace cairn::review {

struct Review {
    compiler::Found found;
    std::vector<compiler::Diagnostic> diagnostics;  // C0760, C0761: in the order of the items
};

// `conninfo`: of each database of the plan. The diagnostic says why there is no review: C0630 to
// C0635, C0701, C0713, C0762, C0782.
[[nodiscard]] std::variant<Review, compiler::Diagnostic> review(
    const compiler::Compiled&, const std::map<std::string, std::string>& conninfo);

// Of a command that could not look at a database.
[[nodiscard]] run::Exit exit_of(const compiler::Diagnostic&);

}  // namespace cairn::review
