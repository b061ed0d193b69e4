#include "runtime/review/names.hpp"

#include <algorithm>
#include <cctype>

#include "compiler/sql/scan.hpp"

namespace cairn::review {

namespace {

std::string folded(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
    });
    return text;
}

std::string unquoted(const std::string& text) {
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        out += text[i];
        if (text[i] == '"') ++i;  // a doubled quote
    }
    return out;
}

bool is_word(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_' || c == '$';
}

}  // namespace

std::set<std::string> names_in(const std::string& text) {
    std::set<std::string> out;
    for (const auto& token : sql::scan(text).tokens) {
        const std::string word = text.substr(token.begin, token.end - token.begin);
        if (token.kind == sql::TokenKind::ident)
            out.insert(word.starts_with('"') ? unquoted(word) : folded(word));
        else if (token.keyword || token.kind == sql::TokenKind::op)
            out.insert(folded(word));
        else if (token.kind == sql::TokenKind::sconst)  // to_regclass('public.users')
            out.merge(words_in(word));
    }
    return out;
}

std::set<std::string> words_in(const std::string& text) {
    std::set<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '"') {
            std::size_t end = at + 1;
            while (end < text.size() &&
                   (text[end] != '"' || (end + 1 < text.size() && text[end + 1] == '"')))
                end += text[end] == '"' ? 2 : 1;
            const std::string inside =
                end < text.size() ? unquoted(text.substr(at, end + 1 - at)) : "";
            out.insert(inside);  // a message quotes whole names: "public.users"
            if (inside.find_first_of(".(") != std::string::npos) out.merge(words_in(inside));
            at = end + 1;
        } else if (is_word(text[at])) {
            std::size_t end = at;
            while (end < text.size() && is_word(text[end])) ++end;
            out.insert(folded(text.substr(at, end - at)));
            at = end;
        } else {
            ++at;
        }
    }
    return out;
}

}  // namespace cairn::review
