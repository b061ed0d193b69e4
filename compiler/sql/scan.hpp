// PostgreSQL's own scanner: the tokens of a text, and statements told apart by them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/sql/facts.hpp"

namespace cairn::sql {

// Token numbers of libpg_query 15 (pg_query.proto, enum Token); single characters are their ASCII
// code.
enum class TokenKind : std::uint16_t {
    ident = 258,
    uident = 259,
    sconst = 261,
    usconst = 262,
    op = 265,
    param = 267,
    typecast = 268,
    less_equals = 272,
    greater_equals = 273,
    not_equals = 274,
    sql_comment = 275,
    c_comment = 276,
    and_p = 291,
    at = 301,
    atomic = 300,
    begin_p = 307,
    between = 308,
    case_p = 321,
    collate = 334,
    else_p = 397,
    end_p = 401,
    except = 405,
    ilike = 448,
    in_p = 453,
    intersect = 471,
    is = 475,
    isnull = 476,
    join = 478,
    like = 490,
    not_p = 528,
    notnull = 531,
    operator_p = 545,
    or_p = 548,
    similar = 637,
    then = 669,
    union_p = 689,
    when = 712
};
[[nodiscard]] constexpr TokenKind character(char c) {
    return static_cast<TokenKind>(static_cast<unsigned char>(c));
}

struct Token {
    std::uint32_t begin = 0, end = 0;  // bytes
    TokenKind kind{};
    bool keyword = false;
};

struct Scan {
    std::vector<Token> tokens;  // without comments
    std::optional<ParseFailure> failure;
};

// Never holds a NUL: the caller has looked.
[[nodiscard]] Scan scan(const std::string& text);

// Tokens [first, last) of one statement, without its semicolon; never empty.
struct TokenRange {
    std::size_t first = 0, last = 0;
};
// Semicolons inside parentheses (CREATE RULE) and BEGIN ATOMIC … END belong to their statement.
[[nodiscard]] std::vector<TokenRange> split(const std::vector<Token>& tokens);

// What the parser would not survive, or would report badly: too many tokens, too deep a nesting.
[[nodiscard]] std::optional<ParseFailure> too_large(const std::vector<Token>& tokens, TokenRange);

}  // namespace cairn::sql
