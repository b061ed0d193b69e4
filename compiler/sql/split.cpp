#include <algorithm>

#include "compiler/sql/scan.hpp"

namespace cairn::sql {
namespace {

// The server itself gives up some thousands of levels deep (max_stack_depth); the parser's bison
// stack ends at 10,000, and its tree of a chain such as 1+1+… is walked by recursion: 160 bytes of
// stack a link.
constexpr std::size_t max_tokens = 100'000;
constexpr std::size_t max_depth = 1'000;
constexpr std::size_t max_chain = 10'000;

bool opens(TokenKind kind) {
    return kind == character('(') || kind == character('[') || kind == TokenKind::case_p;
}
bool closes(TokenKind kind) {
    return kind == character(')') || kind == character(']') || kind == TokenKind::end_p;
}

// Tokens that make the tree one level deeper than the one before them did.
bool links(TokenKind kind) {
    switch (kind) {
        case TokenKind::op:
        case TokenKind::typecast:
        case TokenKind::less_equals:
        case TokenKind::greater_equals:
        case TokenKind::not_equals:
        case TokenKind::at:
        case TokenKind::between:
        case TokenKind::collate:
        case TokenKind::except:
        case TokenKind::ilike:
        case TokenKind::in_p:
        case TokenKind::intersect:
        case TokenKind::is:
        case TokenKind::isnull:
        case TokenKind::join:
        case TokenKind::like:
        case TokenKind::not_p:
        case TokenKind::notnull:
        case TokenKind::operator_p:
        case TokenKind::similar:
        case TokenKind::union_p:
            return true;
        default:
            break;
    }
    constexpr std::string_view operators = "%*+-/<=>^";
    const auto code = static_cast<std::uint16_t>(kind);
    return code < 128 && operators.find(static_cast<char>(code)) != std::string_view::npos;
}

// Tokens after which the tree goes on beside what came before, not above it.
bool separates(TokenKind kind) {
    return kind == character(',') || kind == TokenKind::and_p || kind == TokenKind::or_p ||
           kind == TokenKind::when || kind == TokenKind::then || kind == TokenKind::else_p;
}

ParseFailure failure_at(const Token& token, std::string message) {
    return {.message = std::move(message), .begin = token.begin, .end = token.end, .help = {}};
}

}  // namespace

std::vector<TokenRange> split(const std::vector<Token>& tokens) {
    std::vector<TokenRange> out;
    std::size_t first = 0, parentheses = 0, atomic = 0;
    const auto end_statement = [&](std::size_t at) {
        if (at > first) out.push_back({first, at});
        first = at + 1;
        parentheses = atomic = 0;
    };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const TokenKind kind = tokens[i].kind;
        if (kind == character('(')) ++parentheses;
        if (kind == character(')') && parentheses > 0) --parentheses;
        if (kind == TokenKind::atomic && i > first && tokens[i - 1].kind == TokenKind::begin_p)
            ++atomic;
        if (kind == TokenKind::case_p && atomic > 0) ++atomic;
        if (kind == TokenKind::end_p && atomic > 0) --atomic;
        if (kind == character(';') && parentheses == 0 && atomic == 0) end_statement(i);
    }
    end_statement(tokens.size());
    return out;
}

std::optional<ParseFailure> too_large(const std::vector<Token>& tokens, TokenRange range) {
    if (range.last - range.first > max_tokens) {
        return failure_at(tokens[range.first + max_tokens],
                          "this statement has more than 100,000 tokens");
    }
    std::vector<std::size_t> chains{0};  // links in each open nesting
    std::size_t total = 0;
    for (std::size_t i = range.first; i < range.last; ++i) {
        const TokenKind kind = tokens[i].kind;
        if (opens(kind)) {
            chains.push_back(0);
            if (chains.size() > max_depth + 1) {
                return failure_at(tokens[i],
                                  "this statement is nested more than 1,000 levels deep");
            }
        } else if ((closes(kind) && chains.size() > 1) || separates(kind)) {
            total -= chains.back();
            chains.back() = 0;
            if (closes(kind)) chains.pop_back();
        } else if (links(kind)) {
            ++chains.back();
            if (++total > max_chain) {
                return failure_at(tokens[i], "this expression chains more than 10,000 operators");
            }
        }
    }
    return std::nullopt;
}

}  // namespace cairn::sql
