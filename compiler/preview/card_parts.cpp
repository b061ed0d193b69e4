#include "compiler/preview/card_parts.hpp"

#include <algorithm>

#include "compiler/diagnostics/display.hpp"

namespace cairn::compiler {

Fact fact(std::string label, std::string text, Tone tone) {
    return {.label = std::move(label), .parts = {{std::move(text), tone}}};
}

std::vector<std::string> statement_lines(std::string_view sql, std::size_t margin) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at <= sql.size();) {
        const std::size_t end = std::min(sql.find('\n', at), sql.size());
        std::string_view line = sql.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!out.empty()) {
            const std::size_t blank = std::min(line.find_first_not_of(' '), line.size());
            line.remove_prefix(std::min(margin, blank));
        }
        out.push_back(printable(line));
        at = end + 1;
    }
    out.back() += ";";
    return out;
}

}  // namespace cairn::compiler
