// Files that commands write.
#pragma once

#include <string>

namespace cairn::cli {

// Whole or not at all; why not, or nothing. What stood there keeps its mode.
[[nodiscard]] std::string write_file(const std::string& path, const std::string& text);

// The same for a file that may not be there yet.
[[nodiscard]] std::string write_new_file(const std::string& path, const std::string& text);

}  // namespace cairn::cli
