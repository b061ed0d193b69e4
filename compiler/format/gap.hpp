// What lies between two tokens of a plan: line ends and comments.
#pragma once

#include <string_view>
#include <vector>

namespace cairn::compiler::format {

struct Comment {
    std::string_view text;      // from its `#`, without blanks at the end
    bool own_line = true;       // or behind the token before it
    bool blank_before = false;  // a blank line
};

struct Gap {
    std::vector<Comment> comments;
    bool broken = false;        // holds a line end
    bool blank_before = false;  // a blank line behind its last comment, or without one
};

[[nodiscard]] Gap read_gap(std::string_view between, bool at_start_of_file);

}  // namespace cairn::compiler::format
