// Characters and words of the language, and the texts between quotes, without PEGTL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/syntax.hpp"

namespace cairn::grammar {

[[nodiscard]] constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
[[nodiscard]] constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}
[[nodiscard]] constexpr bool is_name_char(char c) {
    return is_name_start(c) || is_digit(c);
}
// Also what a mistaken name may hold: upper case and everything beyond ASCII.
[[nodiscard]] constexpr bool is_word_start(char c) {
    return is_name_start(c) || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
[[nodiscard]] constexpr bool is_word_char(char c) {
    return is_word_start(c) || is_digit(c);
}

// Length of `{name}` at the start of `text`; 0 if no placeholder stands there.
[[nodiscard]] std::size_t placeholder_length(std::string_view text);

// Length of the run of word characters at the start of `text`.
[[nodiscard]] std::size_t word_length(std::string_view text);

// Length of blanks and comments at the start of `text`.
[[nodiscard]] std::size_t blank_length(std::string_view text);

// Length of `$$` or `$tag$` at the start of `text`; 0 if none stands there.
[[nodiscard]] std::size_t dollar_length(std::string_view text);

// Whether `word` opens an item or a declaration (`on` does before `failure` only: not told here).
[[nodiscard]] bool is_item_keyword(std::string_view word);
[[nodiscard]] const std::vector<std::string_view>& item_keywords();

// What stands at the start of `text`, for a message: a word, a quoted text, or one character.
[[nodiscard]] std::string_view lexeme(std::string_view text);

// The user's words in `backticks`, for a message.
[[nodiscard]] std::string quoted(std::string_view words);

// Splits `{placeholders}` out of a name or relation that stands at `offset`.
[[nodiscard]] Template name_template(std::string_view written, std::uint32_t offset);

// A string with its quotes. `bad_escapes` gets the span of every escape that does not exist.
[[nodiscard]] Template string_template(std::string_view written, std::uint32_t offset,
                                       std::vector<Span>& bad_escapes);

}  // namespace cairn::grammar
