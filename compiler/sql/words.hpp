// Words as names are made of, whatever stands between them.
#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::sql {

// Names in quotes and literals too, in lower case.
[[nodiscard]] inline std::vector<std::string> lower_words(std::string_view text) {
    std::vector<std::string> words;
    bool in_word = false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool part = byte >= 0x80 || std::isalnum(byte) != 0 || c == '_';
        if (part && !in_word) words.emplace_back();
        if (part) words.back() += byte < 0x80 ? static_cast<char>(std::tolower(byte)) : c;
        in_word = part;
    }
    return words;
}

// Empty where there is none.
[[nodiscard]] inline std::string first_word(std::string_view text) {
    auto words = lower_words(text);
    return words.empty() ? std::string() : std::move(words.front());
}

}  // namespace cairn::sql
