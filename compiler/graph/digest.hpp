// The digest of a plan: what binds a run to the text it was started with.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::compiler {

// "sha256:" and 64 hexadecimal digits over the plan's text, then path and content of each file. Without
// files it is what `sha256sum` says of the plan file.
[[nodiscard]] std::string digest(std::string_view plan,
                                 const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace cairn::compiler
