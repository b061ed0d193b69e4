#include "compiler/sql/failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/sql/mend.hpp"

namespace cairn::sql {
namespace {

std::uint32_t byte_at(const std::string& text, std::uint32_t begin, int position) {
    int character = 0;
    for (std::size_t byte = begin; byte < text.size(); ++byte) {
        const bool continues = (static_cast<unsigned char>(text[byte]) & 0xC0U) == 0x80U;
        if (!continues && ++character == position) return static_cast<std::uint32_t>(byte);
    }
    return static_cast<std::uint32_t>(text.size());
}

// `syntax error at or near "x"` with the user's words in backticks; words that run over many lines
// are left out.
std::string in_backticks(std::string_view message) {
    constexpr std::string_view near = " at or near \"";
    const std::size_t at = message.find(near);
    if (at == std::string_view::npos || message.back() != '"') return std::string(message);
    const std::string_view head = message.substr(0, at);
    std::string_view words = message.substr(at + near.size());
    words.remove_suffix(1);
    const bool shown = words.size() <= 40 && words.find('\n') == std::string_view::npos &&
                       head.find("unterminated") == std::string_view::npos;
    if (!shown) return std::string(head);
    return fmt::format("{} at or near `{}`", head, words);
}

std::string_view words(const std::string& text, const Token& token) {
    return std::string_view(text).substr(token.begin, token.end - token.begin);
}

bool same_word(std::string_view a, std::string_view lower) {
    return a.size() == lower.size() &&
           std::equal(a.begin(), a.end(), lower.begin(), [](char x, char y) {
               return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
           });
}

// Words that PostgreSQL 16 or later gave a meaning that this parser can't know.
bool looks_newer(const std::string& text, const std::vector<Token>& tokens, TokenRange range) {
    constexpr auto words_of_16 = std::to_array<std::string_view>(
        {"json",           "json_table", "json_query",  "json_value",    "json_exists",
         "json_scalar",    "json_array", "json_object", "json_arrayagg", "json_objectagg",
         "json_serialize", "overlaps",   "enforced",    "virtual",       "periods",
         "period",         "merge",      "local",       "expression",    "split"});
    for (std::size_t i = range.first; i < range.last; ++i) {
        const std::string_view word = words(text, tokens[i]);
        for (std::string_view newer : words_of_16) {
            if (same_word(word, newer)) return true;
        }
    }
    return false;
}

constexpr std::string_view way_through =
    "if this is syntax of PostgreSQL 16 or later, send it with `DO $sql$ BEGIN EXECUTE '…'; END "
    "$sql$`: "
    "cairn reads PostgreSQL 15's";

// `\i file`: the commands of psql that people leave in a file.
ParseFailure psql_command(const std::string& text, const Token& backslash) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n;", backslash.begin), text.size());
    const std::string command = text.substr(backslash.begin, end - backslash.begin);
    ParseFailure out{.message = fmt::format("`{}` is a command of psql, not SQL", command),
                     .begin = backslash.begin,
                     .end = static_cast<std::uint32_t>(end),
                     .help = {}};
    if (command == "\\.") out.message = "rows of COPY … FROM STDIN can't stand in SQL";
    if (command == "\\i" || command == "\\ir" || command == "\\include") {
        out.help = "a step takes in a file with `file \"…\"`";
    } else if (command == "\\set") {
        out.help = "a plan declares `param NAME = \"…\"`";
    } else if (command == "\\c" || command == "\\connect") {
        out.help = "a step names its database: `step NAME on DATABASE`";
    }
    return out;
}

// Whether the statement that ends before token `first` is COPY … FROM STDIN.
bool follows_copy(const std::string& text, const std::vector<Token>& tokens, std::size_t first) {
    bool stdin_seen = false;
    for (std::size_t i = first; i-- > 0;) {
        const std::string_view word = words(text, tokens[i]);
        if (word == ";" && i + 1 != first) return false;
        if (same_word(word, "stdin")) stdin_seen = true;
        if (same_word(word, "copy")) return stdin_seen;
    }
    return false;
}

constexpr std::string_view copy_rows = "rows of COPY … FROM STDIN can't stand in SQL";
constexpr std::string_view copy_help = "write the rows as `INSERT INTO … VALUES …`";

}  // namespace

ParseFailure scan_failure(std::string_view message, int position, const std::string& text) {
    const std::uint32_t begin =
        std::min(byte_at(text, 0, position), static_cast<std::uint32_t>(text.size()));
    ParseFailure out{.message = in_backticks(message), .begin = begin, .end = begin, .help = {}};
    const bool unterminated = out.message.find("unterminated") != std::string::npos;
    while (out.end <
           text.size()) {  // the opener of what is not closed, or the word that can't be read
        const char c = text[out.end];
        const bool dollar = unterminated && text[begin] == '$' && out.end > begin && c == '$';
        if (out.end > begin && (c == ' ' || c == '\n' || c == '\t' || c == '\r')) break;
        ++out.end;
        if (dollar || (unterminated && (c == '\'' || c == '"'))) break;
        if (unterminated && out.end - begin == 2 && text.compare(begin, 2, "/*") == 0) break;
    }
    if (message.find("trailing junk after numeric literal") != std::string_view::npos) {
        out.help = "PostgreSQL 15 has no `1_000` and no `0x1f`; cairn reads its syntax";
    }
    return out;
}

ParseFailure parse_failure(std::string_view message, int position, const std::string& text,
                           const std::vector<Token>& tokens, TokenRange range) {
    const Token& opener = tokens[range.first];
    if (opener.kind == character('\\')) return psql_command(text, opener);
    const std::uint32_t place = position > 0 ? byte_at(text, opener.begin, position) : opener.begin;
    std::size_t at = range.first;
    while (at + 1 < range.last && tokens[at].end <= place) ++at;
    const bool at_end = place >= tokens[range.last - 1].end;
    ParseFailure out{.message = in_backticks(message),
                     .begin = tokens[at].begin,
                     .end = tokens[at].end,
                     .help = {}};
    if (follows_copy(text, tokens, range.first)) {
        out.message = copy_rows;
        out.help = copy_help;
        return out;
    }
    if (message.find("subquery in FROM must have an alias") != std::string_view::npos)
        out.help = "FROM (SELECT …) AS name";
    if (message.find("syntax error") == std::string_view::npos || range.last - range.first > 2'000)
        return out;

    const std::uint32_t begin = opener.begin, end = tokens[range.last - 1].end;
    Refused refused;
    refused.before = text.substr(begin, (at_end ? end : out.begin) - begin);
    if (!at_end) {
        refused.token = text.substr(out.begin, out.end - out.begin);
        refused.after = text.substr(out.end, end - out.end);
        refused.keyword = tokens[at].keyword;
    }
    const std::size_t previous = at_end ? at : at - 1;
    if (at_end || at > range.first) {
        refused.previous = words(text, tokens[previous]);
        refused.before_previous = text.substr(begin, tokens[previous].begin - begin);
    }
    out.help = mend(refused);
    if (out.help.empty() && looks_newer(text, tokens, range)) out.help = way_through;
    return out;
}

}  // namespace cairn::sql
