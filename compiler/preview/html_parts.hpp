// The parts of the HTML page that stand by themselves.
#pragma once

#include <string>
#include <string_view>

#include "compiler/preview/card.hpp"

namespace cairn::compiler {

[[nodiscard]] std::string_view html_style();

// The step graph as inline SVG; each item a link to `#at-NUMBER`.
struct Picture {
    std::string svg;
    bool tall = false;  // one column: it has room beside the items
};
[[nodiscard]] Picture html_picture(const Page&);

}  // namespace cairn::compiler
