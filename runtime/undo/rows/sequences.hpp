// Sequences that feed the columns of captured tables: what they stood at.
#pragma once

#include "runtime/undo/rows/kept.hpp"

namespace cairn::undo {

// Of these tables' columns, and `more`; `before` is filled in. Those that this role may not read are left out.
[[nodiscard]] std::variant<std::vector<KeptSequence>, compiler::Diagnostic> read_sequences(
    postgres::Session&, const std::vector<std::uint32_t>& tables, const std::vector<std::uint32_t>& more);
// Fills in `after`, and leaves only those that have moved and still exist.
[[nodiscard]] std::optional<compiler::Diagnostic> read_moved(postgres::Session&, std::vector<KeptSequence>&);

// Puts a sequence back unless it was moved since, or a column that it feeds holds a later number.
[[nodiscard]] std::optional<compiler::Diagnostic> put_back(postgres::Session&, const KeptSequence&);

}  // namespace cairn::undo
