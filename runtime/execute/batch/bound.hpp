// Finds where the next range of a batch ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/execute/batch/key.hpp"
#include "runtime/journal/cursor.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::execute {

// Of find_bound()'s answers the one that counts, one row: the last key of the range, NULL when what is left fits into one; the
// batch's last key, NULL for an empty table.
inline constexpr std::size_t bound_answer = 2;

// For the range's own transaction; its settings stay as they are. `size` rows lie in the range, as many as there are now.
[[nodiscard]] std::vector<postgres::Command> find_bound(const BatchKey&, const std::string& column,
                                                        const std::optional<journal::Cursor>& after, std::int64_t size);

}  // namespace cairn::execute
