// How two texts differ, line by line, as `diff -u` writes it.
#pragma once

#include <string>
#include <string_view>

namespace cairn::cli {

// Empty when both are equal. At most `most` lines, then how many are left out. Three lines of
// context.
[[nodiscard]] std::string difference(std::string_view before, std::string_view after,
                                     const std::string& before_name, const std::string& after_name,
                                     std::size_t most = 80);

}  // namespace cairn::cli
