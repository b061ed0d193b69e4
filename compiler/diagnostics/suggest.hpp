// Did you mean …? The one candidate that a mistyped word is close enough to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::compiler {

// Counts insertions, deletions, replacements and swaps of neighbours; nothing comes closer than
// `limit` + 1.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

// The nearest candidate, the first of equals; nullopt when none is within a third of the word's
// length (at least one edit). Case is ignored. A candidate equal to the word is no suggestion.
[[nodiscard]] std::optional<std::string> did_you_mean(std::string_view word,
                                                      const std::vector<std::string>& candidates);

}  // namespace cairn::compiler
