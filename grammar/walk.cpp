#include "grammar/walk.hpp"

#include <algorithm>

#include "grammar/words.hpp"

namespace cairn::grammar {

Walk::Walk(std::string_view text, Dollars& dollars, std::uint32_t begin)
    : text_(text), dollars_(&dollars), at_(begin) {
    line_ = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;  // npos + 1 is 0
}

bool Walk::is_first() const {
    const std::string_view before = text_.substr(line_, at_ - line_);
    return std::all_of(before.begin(), before.end(), is_blank);
}

std::uint32_t Walk::line_column() const {
    const std::size_t first = text_.find_first_not_of(" \t\r", line_);
    return static_cast<std::uint32_t>(std::min(first, at_) - line_);
}

std::size_t Walk::delimiter_length() const {
    return dollar_length(rest());
}

void Walk::next() {
    const char c = here();
    if (is_word_char(c)) {
        at_ += word_length(rest());
    } else if (const std::size_t delimiter = delimiter_length(); delimiter != 0) {
        skip_sql(delimiter);
    } else if (c == '"' || c == '\'') {
        skip_string(c);
    } else if (const std::size_t length = placeholder_length(rest()); length != 0) {
        at_ += length;
    } else {
        if (c == '{') {
            ++depth_;
            opened_ = true;
        } else if (c == '}' && depth_ > 0) {
            --depth_;
        }
        ++at_;
    }
    skip_blanks();
}

bool Walk::next_line(std::uint32_t end) {
    while (true) {
        const std::size_t newline = text_.find('\n', at_);
        if (newline >= end) return false;
        line_ = newline + 1;
        at_ = line_;
        while (at_ < end && is_blank(text_[at_]) && text_[at_] != '\n') ++at_;
        if (at_ >= end) return false;
        if (text_[at_] != '\n') return true;
    }
}

void Walk::skip_sql(std::size_t delimiter) {
    const std::size_t opener = at_;
    const std::size_t close = dollars_->close_of(text_.substr(at_, delimiter), at_ + delimiter);
    literal_closed_ = close != std::string_view::npos;
    at_ = literal_closed_ ? close + delimiter : text_.size();
    const std::size_t newline = text_.rfind('\n', at_ - 1);
    if (newline != std::string_view::npos && newline >= opener) line_ = newline + 1;
}

void Walk::skip_string(char quote) {
    for (++at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
        if (text_[at_] == quote) {
            ++at_;
            return;
        }
        const bool escapes = quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size();
        if (escapes && text_[at_ + 1] != '\n') ++at_;
    }
}

void Walk::skip_blanks() {
    const std::size_t length = blank_length(rest());
    const std::size_t newline = text_.substr(at_, length).rfind('\n');
    if (newline != std::string_view::npos) line_ = at_ + newline + 1;
    at_ += length;
}

}  // namespace cairn::grammar
