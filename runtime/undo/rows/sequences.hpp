// Sequences that feed the columns of captured tables: what they stood at.
#pragma once

#include <map>

#include "runtime/undo/rows/capture.hpp"

namespace cairn::undo {

// Of these tables' columns, and `more`; `before` is filled in. Those that this role may not read are left out.
[[nodiscard]] std::variant<std::vector<KeptSequence>, compiler::Diagnostic> read_sequences(
    postgres::Session&, const std::vector<std::uint32_t>& tables, const std::vector<std::uint32_t>& more);
// Fills in `after`, and leaves only those that have moved and still exist.
[[nodiscard]] std::optional<compiler::Diagnostic> read_moved(postgres::Session&, std::vector<KeptSequence>&);

// Puts a sequence back unless it was moved since, or a column that it feeds holds a later number.
[[nodiscard]] std::optional<compiler::Diagnostic> put_back(postgres::Session&, const KeptSequence&);

// The value of every sequence that may be read: of `all` of them, or where some function of users moves any.
[[nodiscard]] std::optional<compiler::Diagnostic> write_down_movable(
    postgres::Session&, bool all, std::map<std::uint32_t, SequenceValue>& into);
// What was there before the first try, where nobody has come since the last one, or where that was further on than what
// this one has found.
void as_at_first(std::vector<KeptSequence>&, const SequencesOfTries&);

// Moves a sequence (`name`: a literal of its name) past the numbers that others' rows, written since the transactions `own` (array of xid),
// have in the columns that it feeds. A line for each move.
[[nodiscard]] std::variant<std::vector<std::string>, compiler::Diagnostic> pass_numbers_of_others(postgres::Session&, const std::string& name,
                                                                                                 const std::string& own);

}  // namespace cairn::undo
