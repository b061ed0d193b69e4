#include "compiler/format/gap.hpp"

#include <algorithm>

namespace cairn::compiler::format {

Gap read_gap(std::string_view between, bool at_start_of_file) {
    Gap out;
    std::size_t line_ends = at_start_of_file ? 1 : 0;  // since the last token or comment
    for (std::size_t at = 0; at < between.size(); ++at) {
        if (between[at] == '\n') {
            ++line_ends;
            out.broken = true;
        } else if (between[at] == '#') {
            const std::size_t end = std::min(between.find('\n', at), between.size());
            std::string_view text = between.substr(at, end - at);
            text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
            out.comments.push_back(
                {.text = text, .own_line = line_ends > 0, .blank_before = line_ends > 1});
            line_ends = 0;
            at = end - 1;
        }
    }
    out.blank_before = line_ends > 1;
    return out;
}

}  // namespace cairn::compiler::format
