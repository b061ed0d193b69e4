#include "grammar/words.hpp"

#include <algorithm>
#include <array>

namespace cairn::grammar {
namespace {

Span span_at(std::uint32_t offset, std::size_t from, std::size_t to) {
    return {.begin = offset + static_cast<std::uint32_t>(from),
            .end = offset + static_cast<std::uint32_t>(to)};
}

void add_text(Template& out, std::string_view text, Span span) {
    if (!out.parts.empty() && !out.parts.back().is_placeholder) {
        out.parts.back().text += text;
        out.parts.back().span.end = span.end;
    } else {
        out.parts.push_back({.is_placeholder = false, .text = std::string{text}, .span = span});
    }
}

// Adds the part of `written` from `begin` to `end`, placeholders apart from text.
void add_parts(Template& out, std::string_view written, std::size_t begin, std::size_t end,
               std::uint32_t offset) {
    std::size_t text_begin = begin;
    const auto flush = [&](std::size_t to) {
        if (to > text_begin) {
            add_text(out, written.substr(text_begin, to - text_begin),
                     span_at(offset, text_begin, to));
        }
    };
    for (std::size_t at = begin; at < end;) {
        const std::size_t length = placeholder_length(written.substr(at, end - at));
        if (length == 0) {
            ++at;
            continue;
        }
        flush(at);
        out.parts.push_back({.is_placeholder = true,
                             .text = std::string{written.substr(at + 1, length - 2)},
                             .span = span_at(offset, at, at + length)});
        at += length;
        text_begin = at;
    }
    flush(end);
}

char unescaped(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case '"':
        case '\\':
            return c;
        default:
            return '\0';
    }
}

}  // namespace

std::size_t placeholder_length(std::string_view text) {
    if (text.size() < 3 || text[0] != '{' || !is_name_start(text[1])) return 0;
    std::size_t at = 2;
    while (at < text.size() && is_name_char(text[at])) ++at;
    return at < text.size() && text[at] == '}' ? at + 1 : 0;
}

std::size_t word_length(std::string_view text) {
    std::size_t n = 0;
    while (n < text.size() && is_word_char(text[n])) ++n;
    return n;
}

std::size_t blank_length(std::string_view text) {
    std::size_t n = 0;
    for (; n < text.size(); ++n) {
        if (text[n] == '#') {
            n = std::min(text.find('\n', n), text.size());
            if (n == text.size()) break;
        } else if (!is_blank(text[n])) {
            break;
        }
    }
    return n;
}

std::size_t dollar_length(std::string_view text) {
    if (text.size() < 2 || text[0] != '$') return 0;
    std::size_t at = 1;
    if (is_word_start(text[at])) {
        while (at < text.size() && is_word_char(text[at])) ++at;
    }
    return at < text.size() && text[at] == '$' ? at + 1 : 0;
}

const std::vector<std::string_view>& item_keywords() {
    static const std::vector<std::string_view> words{
        "step",   "validate",   "gate",     "watch",    "run",      "wait",
        "notify", "checkpoint", "point",    "snapshot", "backup",   "restore",
        "export", "copy",       "clone",    "for",      "parallel", "transaction",
        "plan",   "param",      "database", "window",   "defaults", "on"};
    return words;
}

bool is_item_keyword(std::string_view word) {
    const auto& words = item_keywords();
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view lexeme(std::string_view text) {
    if (text.empty()) return {};
    constexpr std::size_t longest = 40;
    if (is_word_char(text[0])) return text.substr(0, word_length(text));
    if (const std::size_t n = dollar_length(text); n != 0) return text.substr(0, n);
    if (text[0] == '"' || text[0] == '\'') {
        const std::size_t end =
            text.substr(0, longest)
                .find_first_of(text[0] == '"' ? std::string_view{"\"\n"} : std::string_view{"'\n"},
                               1);
        if (end != std::string_view::npos && text[end] != '\n') return text.substr(0, end + 1);
        return text.substr(0, 1);
    }
    if (const std::size_t n = placeholder_length(text); n != 0) return text.substr(0, n);
    for (const std::string_view op : {"<=", ">=", "<>"}) {
        if (text.starts_with(op)) return text.substr(0, op.size());
    }
    return text.substr(0, 1);
}

std::string quoted(std::string_view words) {
    std::string out(words.size() + 2, '`');
    std::copy(words.begin(), words.end(), out.begin() + 1);
    return out;
}

Template name_template(std::string_view written, std::uint32_t offset) {
    Template out{.parts = {}, .span = span_at(offset, 0, written.size()), .quoted = false};
    add_parts(out, written, 0, written.size(), offset);
    return out;
}

Template string_template(std::string_view written, std::uint32_t offset,
                         std::vector<Span>& bad_escapes) {
    Template out{.parts = {}, .span = span_at(offset, 0, written.size()), .quoted = true};
    const std::size_t end = written.size() - 1;
    if (written[0] == '\'') {
        if (end > 1) add_text(out, written.substr(1, end - 1), span_at(offset, 1, end));
        return out;
    }
    std::size_t begin = 1;
    for (std::size_t at = 1; at < end; ++at) {
        if (written[at] != '\\') continue;
        add_parts(out, written, begin, at, offset);
        if (const char c = unescaped(written[at + 1]); c != '\0') {
            add_text(out, {&c, 1}, span_at(offset, at, at + 2));
        } else {
            bad_escapes.push_back(span_at(offset, at, at + 2));
        }
        begin = ++at + 1;
    }
    add_parts(out, written, begin, end, offset);
    return out;
}

}  // namespace cairn::grammar
