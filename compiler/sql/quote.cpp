// Quoting as PostgreSQL's own quote_literal() and quote_identifier() do it.
#include <algorithm>

#include "compiler/sql/facts.hpp"
#include "compiler/sql/keywords.hpp"

namespace cairn::sql {
namespace {

bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}

bool is_bare_name(const std::string& name) {
    if (name.empty() || !starts_name(name.front())) return false;
    const bool plain = std::all_of(name.begin(), name.end(),
                                   [](char c) { return starts_name(c) || (c >= '0' && c <= '9'); });
    return plain && !std::binary_search(quoted_keywords.begin(), quoted_keywords.end(), name);
}

std::string wrapped(const std::string& text, char quote, bool double_backslashes) {
    std::string out(1, quote);
    for (char c : text) {
        if (c == quote || (double_backslashes && c == '\\')) out += c;
        out += c;
    }
    return out + quote;
}

}  // namespace

std::string quote_literal(const std::string& text) {
    const bool escaped = text.find('\\') != std::string::npos;
    std::string literal = wrapped(text, '\'', escaped);
    if (escaped) literal.insert(literal.begin(), 'E');
    return literal;
}

std::string quote_identifier(const std::string& name) {
    return is_bare_name(name) ? name : wrapped(name, '"', false);
}

}  // namespace cairn::sql
