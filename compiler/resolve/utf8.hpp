// Whether bytes are text that PostgreSQL's parser can be given.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace cairn::compiler {

struct TextFault {
    const char* what = "";  // "a NUL byte", "an invalid sequence"
    std::size_t at = 0;     // byte, from 0
};

// The first NUL byte or sequence that is not UTF-8 (overlong forms, surrogates and what is past U+10FFFF are none).
[[nodiscard]] std::optional<TextFault> find_text_fault(std::string_view bytes);

}  // namespace cairn::compiler
