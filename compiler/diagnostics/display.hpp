// How text takes its place on a terminal: wide and combining characters, tabs, and what can't be
// shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "compiler/source.hpp"

namespace cairn::compiler {

// Columns that a terminal gives to `text`; tabs and control characters count as display() shows
// them.
[[nodiscard]] std::size_t display_width(std::string_view text);

// `text` with tabs as spaces, control characters and broken UTF-8 as a replacement: nothing in a
// plan can steer the terminal it is printed on.
[[nodiscard]] std::string printable(std::string_view text);

// The first line of a span, cut to `width` columns around it; `indent` and `length` say where the
// marks go.
struct ShownLine {
    std::string text;
    std::size_t indent = 0, length = 1;
};
[[nodiscard]] ShownLine show_line(const Source&, const Span&, std::size_t width);

}  // namespace cairn::compiler
