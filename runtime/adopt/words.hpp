// Words and lines in the files of other tools.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::adopt {

[[nodiscard]] std::string lower(std::string_view);                 // ASCII letters only
[[nodiscard]] std::string_view trim(std::string_view);             // blanks, tabs, line ends
[[nodiscard]] bool same_word(std::string_view, std::string_view);  // but for the case of letters
[[nodiscard]] bool all_digits(std::string_view);                   // and at least one
[[nodiscard]] std::string_view leading_digits(std::string_view);
// What blanks and tabs separate.
[[nodiscard]] std::vector<std::string_view> split_words(std::string_view);

struct Line {
    std::uint32_t begin = 0, end = 0;  // bytes, without the line end
    std::uint32_t next = 0;            // where the following line begins
    std::string_view text;             // without the line end, CR included
};
[[nodiscard]] std::vector<Line> lines_of(std::string_view text);

// Numbers of any length by value: -1, 0, 1.
[[nodiscard]] int compare_numbers(std::string_view a, std::string_view b);

}  // namespace cairn::adopt
