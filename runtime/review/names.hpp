// The names that occur in SQL, as the catalog writes them.
#pragma once

#include <set>
#include <string>

namespace cairn::review {

// Identifiers and keywords that may be names: folded to lower case, or unquoted.
[[nodiscard]] std::set<std::string> names_in(const std::string& sql);
// The same of any text that quotes its names, such as a server's message.
[[nodiscard]] std::set<std::string> words_in(const std::string& text);

}  // namespace cairn::review
