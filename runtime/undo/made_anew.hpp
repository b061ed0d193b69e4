// Finds what stands under the names of objects that a step has dropped, and that its undo would make again.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/catalog/definitions.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/undo/trail.hpp"

namespace cairn::undo {

// An object in words: "FUNCTION public.f(integer)"; of those without a word of their own, "the default of column a of public.t".
[[nodiscard]] std::string in_words(const catalog::Object&);

// Of each that has one, the object that bears its name now. Objects of another kind count where PostgreSQL would not have both, a table
// and a view. The session's settings are those that give_back() has made.
using MadeAnew = std::vector<std::pair<const Gone*, catalog::Object>>;
[[nodiscard]] std::variant<MadeAnew, compiler::Diagnostic> made_anew(postgres::Session&, const std::vector<Gone>&);

}  // namespace cairn::undo
