// A plan's texts inside another language: whatever they hold, they stay text there.
#pragma once

#include <string>
#include <string_view>

namespace cairn::compiler {

// For content and for attributes in double quotes.
[[nodiscard]] std::string html_text(std::string_view);
// For a paragraph, a heading or a cell of a table, in or outside of <code>: no markup, no link, no
// mention, no line break.
[[nodiscard]] std::string markdown_text(std::string_view);
// A fence that no run of backticks in `text` closes.
[[nodiscard]] std::string markdown_fence(std::string_view text);
// Inside the double quotes of a label.
[[nodiscard]] std::string dot_text(std::string_view);
// At most `columns` columns of a terminal; what is cut ends in `…`.
[[nodiscard]] std::string shortened(std::string_view, std::size_t columns);

}  // namespace cairn::compiler
