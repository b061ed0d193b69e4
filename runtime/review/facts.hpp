// The facts of a database that a plan relies on, read in its snapshot, and compared with what a
// preview was told.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/preview/found.hpp"
#include "runtime/review/database.hpp"
#include "runtime/review/reliances.hpp"

namespace cairn::review {

// `order`: the items as the plan has them. C0762.
[[nodiscard]] std::variant<std::vector<compiler::FoundRelation>, compiler::Diagnostic> read_facts(
    Database&, const Reliances&, const std::vector<std::string>& order);
// The same facts once more, as they are now.
[[nodiscard]] std::variant<std::vector<compiler::FoundRelation>, compiler::Diagnostic> read_again(
    Database&, const std::vector<compiler::FoundRelation>&);

// One C0765 for each fact that has changed: which, from what to what, and which items it touches.
[[nodiscard]] std::vector<compiler::Diagnostic> changed_facts(
    const std::vector<compiler::FoundRelation>& before,
    const std::vector<compiler::FoundRelation>& now);

}  // namespace cairn::review
