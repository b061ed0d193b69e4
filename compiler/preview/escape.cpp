#include "compiler/preview/escape.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/display.hpp"

namespace cairn::compiler {

namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

// Characters with which markup, tables, links, mentions and references of GitHub and GitLab begin.
constexpr std::string_view markdown_special = "\\`*[]<>#!|~&@$^:\"'%";
constexpr std::string_view references = "@#!~$%&";

// With these a list, a heading or a rule begins, where a text begins a line.
bool begins_block(std::string_view text) {
    if (text.empty()) return false;
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    return std::string_view("-+=").find(text[0]) != std::string_view::npos ||
           (digits > 0 && digits < text.size() && (text[digits] == '.' || text[digits] == ')'));
}

}  // namespace

std::string html_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string markdown_text(std::string_view text) {
    std::string out;
    const bool block = begins_block(text);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool after_word = i > 0 && is_word(text[i - 1]);
        const bool before_word = i + 1 < text.size() && is_word(text[i + 1]);
        const bool inside = after_word && before_word;
        if (c == '\n' || c == '\r') {
            out += ' ';
        } else if (markdown_special.find(c) != std::string_view::npos || (c == '_' && !inside) ||
                   (block && i == 0) || (c == '.' && out.ends_with("www"))) {
            // As a reference to a character it is never markup.
            out += fmt::format("&#{};", static_cast<int>(c));
            // Mentions and references are looked for once more in what has been rendered.
            const bool quoted = i + 1 < text.size() && text[i + 1] == '"';
            if (references.find(c) != std::string_view::npos && (before_word || quoted))
                out += "&#8203;";
        } else {
            out += c;
        }
    }
    return out;
}

std::string markdown_fence(std::string_view text) {
    std::size_t longest = 0, run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return std::string(std::max<std::size_t>(3, longest + 1), '`');
}

std::string dot_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '&') {
            out += "&amp;";
        } else {
            out += c == '\n' || c == '\r' ? ' ' : c;
        }
    }
    return out;
}

std::string shortened(std::string_view text, std::size_t columns) {
    // Marks that stand over a character take no column, but may be many.
    const std::size_t most_bytes = columns * 4;
    if (text.size() <= most_bytes && display_width(text) <= columns) return std::string(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
        std::string longer = out + std::string(text.substr(at, end - at));
        if (longer.size() > most_bytes || display_width(longer) + 1 > columns) break;
        out = std::move(longer);
        at = end;
    }
    return out + "…";
}

}  // namespace cairn::compiler
