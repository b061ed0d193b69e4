// The keys that one INSERT of many rows has put in, packed into a few arrays instead of a kept row each: that costs a quarter.
#pragma once

#include "runtime/undo/rows/triggers.hpp"

namespace cairn::undo {

// Keys of a few bytes each: what is packed is held in memory.
[[nodiscard]] bool can_pack(const KeptRows&);

// PL/pgSQL of the trigger of an INSERT: whether it has put in rows enough, and what packs them into first_table(), with their
// number in cairn_n.
[[nodiscard]] std::string is_worth_packing(const std::string& transition);
[[nodiscard]] std::string pack(const Unit&, const std::string& transition);

// Statements: first_table() becomes a kept table, its rows packed as they are; or its rows go to the kept table, as `statement`.
[[nodiscard]] std::string finish_packed(const Unit&);
[[nodiscard]] std::string merge_packed(const Unit&, const std::string& statement);

// Where KeptRows::packed: makes the kept rows what they are for everybody else, if that has not been done yet. What wrote them stands
// in `cairn_xmin`.
[[nodiscard]] std::optional<compiler::Diagnostic> unpack(postgres::Session&, const KeptRows&);

}  // namespace cairn::undo
