// What the server said about a statement, in the plan's terms: the place, the message, and what to
// type.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "compiler/sql/facts.hpp"
#include "runtime/execute/checks.hpp"
#include "runtime/execute/grant.hpp"

namespace cairn::execute {

namespace {

bool is_word(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_' || c == '$';
}

// The end of a quoted token that begins at `begin`; a doubled quote goes on.
std::uint32_t quoted_end(std::string_view text, std::uint32_t begin) {
    const char quote = text[begin];
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
        if (text[i] != quote) continue;
        if (i + 1 < text.size() && text[i + 1] == quote) {
            ++i;
        } else {
            return static_cast<std::uint32_t>(i + 1);
        }
    }
    return static_cast<std::uint32_t>(text.size());
}

std::uint32_t word_end(std::string_view text, std::uint32_t begin) {
    std::uint32_t end = begin;
    while (end < text.size() && is_word(text[end])) ++end;
    return end;
}

// A name is taken with what qualifies it: PostgreSQL points at the `a` of `a.b`.
std::uint32_t token_end(std::string_view text, std::uint32_t begin) {
    std::uint32_t end = begin;
    for (;;) {
        const char c = text[end];
        if (c == '"') {
            end = quoted_end(text, end);
        } else if (is_word(c)) {
            end = word_end(text, end);
        } else {
            break;
        }
        if (end + 1 >= text.size() || text[end] != '.') break;
        if (text[end + 1] != '"' && !is_word(text[end + 1])) break;
        ++end;
    }
    if (end > begin) return end;
    if (text[begin] == '\'') return quoted_end(text, begin);
    constexpr std::string_view operators = "+-*/<>=~!@#%^&|`?:";
    while (end < text.size() && operators.find(text[end]) != std::string_view::npos) ++end;
    if (end > begin) return end;
    do ++end;  // any other character, whole
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80);
    return end;
}

compiler::Location first_line(const sql::MappedSql& sql) {
    const std::string_view text = sql.text;
    const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    std::size_t end = std::min(text.find('\n', begin), text.size());
    while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\r' || text[end - 1] == '\t'))
        --end;
    return sql.locate(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end));
}

compiler::Location place(const sql::MappedSql& sql, std::uint32_t position) {
    if (position == 0 || sql.text.empty()) return first_line(sql);
    const auto size = static_cast<std::uint32_t>(sql.text.size());
    std::uint32_t begin = std::min(sql.byte_of_character(position), size);
    if (begin < size) return sql.locate(begin, token_end(sql.text, begin));
    // At end of input: the last thing written, rather than a caret under nothing.
    begin = static_cast<std::uint32_t>(sql.text.find_last_not_of(" \t\r\n"));
    return sql.locate(begin, size);
}

// On one line, without the full stop, and cut where it goes on for ever.
std::string sentence(std::string_view text) {
    constexpr std::size_t longest = 400;
    std::string out;
    for (const char c : text) {
        if (c != '\n') {
            out += c;
        } else {
            while (!out.empty() && (out.back() == '.' || out.back() == ' ')) out.pop_back();
            out += "; ";
        }
    }
    while (!out.empty() && (out.back() == '.' || out.back() == ' ')) out.pop_back();
    if (out.size() <= longest) return out;
    std::size_t cut = longest;
    while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0) == 0x80) --cut;
    return out.substr(0, cut) + "…";
}

// A detail begins a sentence of its own there, and goes on with ours here; a name or a key stays as
// it is.
std::string uncapitalised(std::string text) {
    if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z')
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
}

std::string first_sentence_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

std::string message_of(const postgres::ServerError& error) {
    std::string message = sentence(error.message);
    if (!error.detail.empty()) message += ": " + uncapitalised(sentence(error.detail));
    // Only without a position: a function's own line is no place in the plan.
    if (error.position == 0 && !error.context.empty())
        message += ", in " + sentence(first_sentence_line(error.context));
    if (!error.sqlstate.empty()) message += fmt::format(" ({})", error.sqlstate);
    return message;
}

}  // namespace

compiler::Diagnostic server_diagnostic(const postgres::ServerError& error,
                                       const compiler::Statement& statement, std::uint16_t code,
                                       const std::string& role) {
    compiler::Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.where = place(statement.sql, error.position);
    diagnostic.message = message_of(error);
    diagnostic.help = grant_that_lacks(error, statement, role);
    if (diagnostic.help.empty()) diagnostic.help = uncapitalised(sentence(error.hint));
    return diagnostic;
}

}  // namespace cairn::execute
