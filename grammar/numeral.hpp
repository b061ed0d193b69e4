// What a word that starts with a digit means where a certain kind of value is wanted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "grammar/syntax.hpp"

namespace cairn::grammar {

struct Numeral {
    ValueKind kind = ValueKind::number;
    std::uint16_t code = 0;  // 0: no error
    std::string message, help;
};

// `wanted` is number, percent, duration, size or instant; `word` takes any of them.
[[nodiscard]] Numeral read_numeral(std::string_view written, ValueKind wanted);

// Whether this is a unit of durations or sizes, or a slip for one.
[[nodiscard]] bool is_unit(std::string_view word);

}  // namespace cairn::grammar
