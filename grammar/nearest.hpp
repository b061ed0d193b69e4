// The word somebody may have meant: the nearest by edits, or none.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cairn::grammar {

// Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the
// other. Words are cut at 64 bytes.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// Whether `seen` is likely a slip of the pen for `meant`: one edit in short words, two in longer
// ones; upper case counts as lower case. False when both are equal.
[[nodiscard]] bool is_near(std::string_view seen, std::string_view meant);

// The nearest candidate that is near `seen`, the first of equals; empty if there is none.
[[nodiscard]] std::string_view nearest(std::string_view seen,
                                       const std::vector<std::string_view>& candidates);

}  // namespace cairn::grammar
