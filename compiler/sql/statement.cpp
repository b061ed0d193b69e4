#include "compiler/sql/statement.hpp"

#include <algorithm>

#include "compiler/sql/names.hpp"

namespace cairn::sql {
namespace {

bool same_word(std::string_view a, std::string_view lower) {
    return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
    });
}

// A name as PostgreSQL reads it, written as quote_identifier() writes it: `Users` and `"users"` are
// `users`.
std::string normal(std::string_view word) {
    std::string name(word);
    if (word.size() >= 2 && word.front() == '"' && word.back() == '"') {
        name.clear();
        for (std::size_t i = 1; i + 1 < word.size(); ++i) {
            if (word[i] == '"') ++i;
            name += word[i];
        }
    } else {
        for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return quote_identifier(name);
}

int step_of(TokenKind kind) {
    if (kind == character('(') || kind == character('[')) return 1;
    if (kind == character(')') || kind == character(']')) return -1;
    return 0;
}

}  // namespace

std::size_t Text::index_at(std::int64_t location) const {
    const auto found = std::lower_bound(tokens_.begin(), tokens_.end(), location,
                                        [](const Token& t, std::int64_t l) { return t.begin < l; });
    return static_cast<std::size_t>(found - tokens_.begin());
}

Range Text::token_at(std::int64_t location) const {
    const std::size_t at = index_at(location);
    if (at == tokens_.size()) return all();
    return {tokens_[at].begin, tokens_[at].end};
}

Range Text::name_at(std::int64_t location) const {
    std::size_t at = index_at(location);
    if (at == tokens_.size()) return all();
    const std::uint32_t begin = tokens_[at].begin;
    while (at + 2 < tokens_.size() && tokens_[at + 1].kind == character('.')) at += 2;
    return {begin, tokens_[at].end};
}

Range Text::find(std::initializer_list<std::string_view> words) const {
    int depth = 0;
    for (std::size_t i = 0; i + words.size() <= tokens_.size(); ++i) {
        depth += step_of(tokens_[i].kind);
        if (depth != 0) continue;
        const bool found =
            std::equal(words.begin(), words.end(), tokens_.begin() + static_cast<long>(i),
                       [&](std::string_view w, const Token& t) { return same_word(word(t), w); });
        if (found) return {tokens_[i].begin, tokens_[i + words.size() - 1].end};
    }
    return all();
}

// Every dotted name of the statement and its beginnings, at their first place.
void Text::index_names() const {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        if (i > 0 && tokens_[i - 1].kind == character('.')) continue;
        std::string name = normal(word(tokens_[i]));
        names_.try_emplace(name, Range{tokens_[i].begin, tokens_[i].end});
        for (std::size_t last = i + 2; last < tokens_.size(); last += 2) {
            if (tokens_[last - 1].kind != character('.')) break;
            name += '.' + normal(word(tokens_[last]));
            names_.try_emplace(name, Range{tokens_[i].begin, tokens_[last].end});
        }
    }
}

Range Text::mention(const std::string& relation) const {
    if (names_.empty()) index_names();
    const auto found = names_.find(relation);
    return found == names_.end() ? all() : found->second;
}

std::vector<Range> Text::subcommands(std::int64_t relation_location) const {
    std::size_t at = index_at(relation_location);
    while (at + 2 < tokens_.size() && tokens_[at + 1].kind == character('.')) at += 2;
    ++at;
    if (at < tokens_.size() && tokens_[at].kind == character('*')) ++at;
    std::vector<Range> out;
    int depth = 0;
    std::size_t first = at;
    const auto end_command = [&](std::size_t last) {
        if (last > first) out.push_back({tokens_[first].begin, tokens_[last - 1].end});
        first = last + 1;
    };
    for (; at < tokens_.size(); ++at) {
        depth += step_of(tokens_[at].kind);
        if (depth == 0 && tokens_[at].kind == character(',')) end_command(at);
    }
    end_command(tokens_.size());
    return out;
}

}  // namespace cairn::sql
