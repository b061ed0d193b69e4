// Finds code whose writes nothing watches: what statements outside of a transaction evaluate commits as they go.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::undo {

// C0861 where an index that the statement builds, or its way back, calls a function that may change rows, by itself or through others. Bodies are searched
// for the names of functions and for words that write: code that is neither of users nor in a body (C) is trusted.
// Nothing for statements in a transaction, which is watched, and for steps that don't have their rows given back.
[[nodiscard]] std::optional<compiler::Diagnostic> writes_out_of_sight(postgres::Session&, const compiler::Item&, const compiler::Statement&);

// Those among the tables, partitions among them, where a check, a generated column, an index or a domain calls such a function.
[[nodiscard]] std::variant<std::set<std::uint32_t>, compiler::Diagnostic> tables_with_writing_code(postgres::Session&,
                                                                                                  const std::vector<std::uint32_t>& tables);

}  // namespace cairn::undo
