// What the server said about a statement, in the plan's terms: the place, the message, and what to
// type.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
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

// What is written on the line that byte `from` stands in or before, from there on.
compiler::Location line_at(const sql::MappedSql& sql, std::size_t from) {
    const std::string_view text = sql.text;
    const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n", from), text.size());
    std::size_t end = std::min(text.find('\n', begin), text.size());
    while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\r' || text[end - 1] == '\t'))
        --end;
    return sql.locate(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end));
}

// Lines of an error's context, from the innermost call to the outermost.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// The line of a DO block at which it failed, counted from the one on which its body opens; 0: it is
// none.
std::uint32_t line_in_block(const postgres::ServerError& error) {
    constexpr std::string_view opening = "PL/pgSQL function inline_code_block line ";
    const auto lines = lines_of(error.context);
    if (lines.empty() || !lines.back().starts_with(opening)) return 0;
    const std::string_view rest = lines.back().substr(opening.size());
    std::uint32_t line = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), line);
    return line;
}

std::optional<compiler::Location> place_in_block(const sql::MappedSql& sql, std::uint32_t line) {
    const std::string_view text = sql.text;
    const std::size_t opened = text.find('$');
    const std::size_t body = opened == std::string_view::npos ? opened : text.find('$', opened + 1);
    if (line == 0 || body == std::string_view::npos) return std::nullopt;
    std::size_t begin = body + 1;
    for (; line > 1; --line) {
        begin = text.find('\n', begin);
        if (begin == std::string_view::npos) return std::nullopt;
        ++begin;
    }
    return line_at(sql, begin);
}

compiler::Location place(const postgres::ServerError& error, const sql::MappedSql& sql) {
    if (sql.text.empty()) return sql.locate(0, 0);
    if (error.position == 0)
        return place_in_block(sql, line_in_block(error)).value_or(line_at(sql, 0));
    const auto size = static_cast<std::uint32_t>(sql.text.size());
    std::uint32_t begin = std::min(sql.byte_of_character(error.position), size);
    if (begin < size) return sql.locate(begin, token_end(sql.text, begin));
    // At end of input: the last thing written, rather than a caret under nothing.
    const auto end = static_cast<std::uint32_t>(sql.text.find_last_not_of(" \t\r\n") + 1);
    begin = end;
    while (begin > 0 && (static_cast<unsigned char>(sql.text[--begin]) & 0xC0) == 0x80) continue;
    return sql.locate(begin, end);
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

// The innermost function that the statement called: its line is no place in the plan, but worth
// knowing.
std::string where_inside(const postgres::ServerError& error) {
    if (error.position != 0) return {};
    for (const std::string_view line : lines_of(error.context)) {
        if (line.starts_with("PL/pgSQL function inline_code_block")) return {};
        for (const auto* kind : {"PL/", "SQL function", "COPY "}) {
            if (line.starts_with(kind)) return sentence(line);
        }
    }
    return {};
}

std::string message_of(const postgres::ServerError& error) {
    std::string message = sentence(error.message);
    if (!error.detail.empty()) message += ": " + uncapitalised(sentence(error.detail));
    if (const std::string inside = where_inside(error); !inside.empty())
        message += ", in " + inside;
    if (!error.sqlstate.empty()) message += fmt::format(" ({})", error.sqlstate);
    return message;
}

}  // namespace

compiler::Diagnostic server_diagnostic(const postgres::ServerError& error,
                                       const compiler::Statement& statement, std::uint16_t code,
                                       const std::string& role) {
    compiler::Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.where = place(error, statement.sql);
    diagnostic.message = message_of(error);
    const std::string who =
        role.empty() && !error.user.empty() ? sql::quote_identifier(error.user) : role;
    diagnostic.help = grant_that_lacks(error, statement, who);
    if (diagnostic.help.empty()) diagnostic.help = uncapitalised(sentence(error.hint));
    return diagnostic;
}

}  // namespace cairn::execute
