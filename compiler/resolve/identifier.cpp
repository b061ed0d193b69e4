#include "compiler/resolve/identifier.hpp"

#include <cctype>

#include "compiler/sql/facts.hpp"

namespace cairn::compiler {

namespace {

// What a bare name may hold; braces are those of a placeholder without a value.
bool fits_bare(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) != 0 || byte >= 0x80 || c == '_' || c == '$' || c == '{' || c == '}';
}

// Takes one part off the front; nullopt when there is none.
std::optional<std::string> take_quoted(std::string_view& rest) {
    std::string part;
    for (std::size_t at = 1; at < rest.size(); ++at) {
        if (rest[at] != '"') {
            part += rest[at];
        } else if (rest.substr(at + 1).starts_with('"')) {
            part += rest[at++];
        } else {
            rest.remove_prefix(at + 1);
            return part.empty() ? std::nullopt : std::optional(part);
        }
    }
    return std::nullopt;
}

std::optional<std::string> take_bare(std::string_view& rest) {
    std::string part;
    while (!rest.empty() && fits_bare(rest.front())) {
        part += static_cast<char>(std::tolower(static_cast<unsigned char>(rest.front())));
        rest.remove_prefix(1);
    }
    const bool starts_well = !part.empty() && std::isdigit(static_cast<unsigned char>(part.front())) == 0 &&
                             part.front() != '$';
    return starts_well ? std::optional(part) : std::nullopt;
}

}  // namespace

std::optional<std::vector<std::string>> parse_name(std::string_view written) {
    std::vector<std::string> parts;
    while (true) {
        auto part = written.starts_with('"') ? take_quoted(written) : take_bare(written);
        if (!part) return std::nullopt;
        parts.push_back(std::move(*part));
        if (written.empty()) return parts;
        if (written.front() != '.') return std::nullopt;
        written.remove_prefix(1);
    }
}

std::string as_sql(const std::vector<std::string>& parts) {
    std::string sql;
    for (const std::string& part : parts) {
        if (!sql.empty()) sql += '.';
        sql += sql::quote_identifier(part);
    }
    return sql;
}

std::string_view without_arguments(std::string_view function) {
    const std::size_t open = function.find('(');
    if (open == std::string_view::npos || !function.ends_with(')')) return function;
    return function.substr(0, open);
}

}  // namespace cairn::compiler
