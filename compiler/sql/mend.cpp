#include "compiler/sql/mend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "compiler/diagnostics/suggest.hpp"
#include "compiler/sql/tree.hpp"

namespace cairn::sql {
namespace {

using compiler::did_you_mean;

const std::vector<std::string>& keywords() {
    static const std::vector<std::string> words = {
        "ADD",      "ALTER",      "ANALYZE",      "AND",        "AS",       "BETWEEN",
        "BY",       "CASCADE",    "CHECK",        "COLUMN",     "COMMENT",  "CONCURRENTLY",
        "CONFLICT", "CONSTRAINT", "COPY",         "CREATE",     "CROSS",    "DATABASE",
        "DEFAULT",  "DELETE",     "DISTINCT",     "DROP",       "ELSE",     "ENABLE",
        "END",      "EXECUTE",    "EXISTS",       "EXPLAIN",    "FOREIGN",  "FROM",
        "FUNCTION", "GRANT",      "GROUP",        "HAVING",     "INDEX",    "INNER",
        "INSERT",   "INTO",       "JOIN",         "KEY",        "LANGUAGE", "LEFT",
        "LIKE",     "LIMIT",      "MATERIALIZED", "NOT",        "NULL",     "OFFSET",
        "ON",       "OR",         "ORDER",        "OUTER",      "OWNER",    "PARTITION",
        "POLICY",   "PRIMARY",    "PROCEDURE",    "REFERENCES", "REFRESH",  "REINDEX",
        "RENAME",   "REPLACE",    "RETURNING",    "RETURNS",    "REVOKE",   "RIGHT",
        "ROW",      "SCHEMA",     "SELECT",       "SEQUENCE",   "SET",      "TABLE",
        "THEN",     "TRIGGER",    "TRUNCATE",     "TYPE",       "UNION",    "UNIQUE",
        "UPDATE",   "USING",      "VACUUM",       "VALID",      "VALIDATE", "VALUES",
        "VIEW",     "WHEN",       "WHERE",        "WITH"};
    return words;
}

// A mistyped keyword: the refused word, or the one before it, which then was taken for an alias.
std::string mistyped(const Refused& at) {
    if (const auto word = did_you_mean(at.token, keywords());
        word && parses(at.before + *word + at.after)) {
        return fmt::format("write `{}` for `{}`", *word, at.token);
    }
    const auto word = did_you_mean(at.previous, keywords());
    if (word && parses(fmt::format("{}{} {}{}", at.before_previous, *word, at.token, at.after))) {
        return fmt::format("write `{}` for `{}`", *word, at.previous);
    }
    return {};
}

// Reserved words that people call tables and columns by.
bool is_noun(std::string_view word) {
    constexpr auto nouns = std::to_array<std::string_view>(
        {"all",        "analyse", "array",    "case",   "cast",  "check",   "collate", "column",
         "constraint", "default", "desc",     "end",    "fetch", "foreign", "grant",   "group",
         "leading",    "limit",   "offset",   "only",   "order", "placing", "primary", "references",
         "table",      "to",      "trailing", "unique", "user",  "when",    "window"});
    std::string lower(word);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return std::binary_search(nouns.begin(), nouns.end(), lower);
}

}  // namespace

// A help is given only where the mended text parses.
std::string mend(const Refused& at) {
    if (!at.token.empty()) {
        if (std::string word = mistyped(at); !word.empty()) return word;
        if (parses(at.before + ", " + at.token + at.after)) {
            return fmt::format("put a comma before `{}`", at.token);
        }
        if (at.previous == "," && parses(at.before_previous + " " + at.token + at.after)) {
            return fmt::format("leave out the comma before `{}`", at.token);
        }
        if (at.keyword && is_noun(at.token) &&
            parses(fmt::format("{}\"{}\"{}", at.before, at.token, at.after))) {
            return fmt::format("`{0}` is a reserved word; as a name it is written `\"{0}\"`",
                               at.token);
        }
        if (at.token == ")" && parses(at.before + at.after)) return "leave out this `)`";
        if (parses(at.before + "; " + at.token + at.after)) {
            return fmt::format("put a semicolon before `{}`", at.token);
        }
        if (parses(
                fmt::format("{}; {} {}{}", at.before_previous, at.previous, at.token, at.after))) {
            return fmt::format("put a semicolon before `{}`",
                               at.previous);  // it was taken for an alias
        }
    } else if (parses(at.before + ")")) {
        return "close the parenthesis with `)`";
    } else if (at.previous == "," && parses(at.before_previous)) {
        return "leave out the comma at the end";
    }
    return {};
}

}  // namespace cairn::sql
