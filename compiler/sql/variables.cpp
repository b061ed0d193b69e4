// `:name`, `:'name'`, `:"name"`: psql's variables, found where PostgreSQL's scanner sees a colon.
#include <algorithm>
#include <string_view>

#include "compiler/sql/facts.hpp"
#include "compiler/sql/scan.hpp"

namespace cairn::sql {
namespace {

bool is_name_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte >= 0x80;
}

bool is_name(std::string_view text) {
    return !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
           std::all_of(text.begin(), text.end(), is_name_character);
}

// A name, number, `)`, `]` or quote that ends where the colon begins.
bool glues(char c) {
    return is_name_character(c) || c == '$' || c == ')' || c == ']' || c == '\'' || c == '"';
}

std::optional<Variable> variable_at(const std::string& text, const Token& colon,
                                    const Token& word) {
    if (colon.kind != character(':') || word.begin != colon.end) return std::nullopt;
    std::string_view name = std::string_view(text).substr(word.begin, word.end - word.begin);
    Variable out{.name = {}, .quote = 0, .begin = colon.begin, .end = word.end, .glued = false};
    if (name.size() > 2 && (name.front() == '\'' || name.front() == '"') &&
        name.back() == name.front()) {
        out.quote = name.front();
        name = name.substr(1, name.size() - 2);
    }
    if (!is_name(name)) return std::nullopt;
    out.name = name;
    out.glued = colon.begin > 0 && glues(text[colon.begin - 1]);
    return out;
}

}  // namespace

std::vector<Variable> find_variables(const std::string& text) {
    std::vector<Variable> out;
    if (text.find(':') == std::string::npos) return out;
    const Scan scanned = scan(text);
    for (std::size_t i = 0; i + 1 < scanned.tokens.size(); ++i) {
        if (auto variable = variable_at(text, scanned.tokens[i], scanned.tokens[i + 1])) {
            out.push_back(std::move(*variable));
        }
    }
    return out;
}

}  // namespace cairn::sql
