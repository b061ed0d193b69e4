// A walk over the tokens of a text that the grammar could not read, as far as quotes and braces go.
#pragma once

#include <cstdint>
#include <string_view>

#include "grammar/dollars.hpp"

namespace cairn::grammar {

class Walk {
public:
    Walk(std::string_view text, Dollars& dollars, std::uint32_t begin);

    // Takes one token (a word, a string, a whole SQL literal, a placeholder, or one character) and
    // the blanks and comments behind it.
    void next();
    // Goes to the first character of the next line that has one, whatever it is part of; false when
    // there is none before `end`.
    bool next_line(std::uint32_t end);

    [[nodiscard]] bool ended() const { return at_ >= text_.size(); }
    [[nodiscard]] std::uint32_t at() const { return static_cast<std::uint32_t>(at_); }
    [[nodiscard]] char here() const { return text_[at_]; }
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
    [[nodiscard]] std::uint32_t column() const { return static_cast<std::uint32_t>(at_ - line_); }
    [[nodiscard]] bool is_first() const;              // on its line
    [[nodiscard]] std::uint32_t line_column() const;  // of the first character of this line
    [[nodiscard]] std::size_t depth() const { return depth_; }  // braces opened and not closed
    [[nodiscard]] bool opened() const { return opened_; }       // some brace has been
    [[nodiscard]] std::size_t delimiter_length() const;  // of the SQL literal here; 0 for none
    [[nodiscard]] bool literal_closed() const {
        return literal_closed_;
    }  // of the last SQL literal

private:
    void skip_sql(std::size_t delimiter);
    void skip_string(char quote);
    void skip_blanks();

    std::string_view text_;
    Dollars* dollars_;
    std::size_t at_ = 0;
    std::size_t line_ = 0;  // start of the line that holds at_
    std::size_t depth_ = 0;
    bool opened_ = false;
    bool literal_closed_ = true;
};

}  // namespace cairn::grammar
