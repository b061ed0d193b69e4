// The pages of `cairn explain`: what a code means, why it matters, what to do, with the mistake and the mend.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cairn::compiler {

struct Page {
    std::uint16_t code = 0;
    std::string_view text;     // paragraphs, each on one line
    std::string_view mistake;  // a plan that is given the code; a test compiles both
    std::string_view mend;     // one that is not
};

// nullptr for a code without a page.
[[nodiscard]] const Page* find_page(std::uint16_t code);
// A family each, in files of their own.
[[nodiscard]] std::span<const Page> name_pages();
[[nodiscard]] std::span<const Page> order_pages();

}  // namespace cairn::compiler
