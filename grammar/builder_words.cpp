// The builder's part that has to do with the clause at hand.
#include <algorithm>
#include <cassert>
#include <utility>

#include "grammar/builder.hpp"
#include "grammar/codes.hpp"
#include "grammar/numeral.hpp"
#include "grammar/words.hpp"

namespace cairn::grammar {
namespace {

template <typename T>
T take_first(std::vector<T>& words) {
    assert(!words.empty() && "an action takes a word that its rule does not put there");
    if (words.empty()) return {};
    T first = std::move(words.front());
    words.erase(words.begin());
    return first;
}

// 'public."Order"' of public.Order or public."Order"
std::string quoted_for_sql(std::string_view relation) {
    std::string out = "'";
    while (!relation.empty()) {
        const bool in_quotes = relation[0] == '"';
        const std::size_t end = in_quotes ? relation.find('"', 1) + 1 : relation.find('.');
        const std::string_view part = relation.substr(0, end);
        const bool plain = std::all_of(part.begin(), part.end(), is_name_char);
        if (plain || in_quotes) {
            out += part;
        } else {
            out += '"';
            out += part;
            out += '"';
        }
        relation.remove_prefix(part.size());
        if (relation.starts_with('.')) {
            out += '.';
            relation.remove_prefix(1);
        }
    }
    return out += '\'';
}

}  // namespace

void Builder::begin_clause() {
    names.clear();
    values.clear();
    sqls.clear();
    from_backup = false;
}

bool Builder::once(std::string_view clause, Span where) {
    auto& seen = frames.back().seen;
    if (std::find(seen.begin(), seen.end(), clause) == seen.end()) {
        seen.push_back(clause);
        return true;
    }
    report(code::given_twice, where, quoted(clause) + " is given twice");
    return false;
}

void Builder::add_name(Span written) {
    names.push_back(name_template(in(written), written.begin));
}

void Builder::add_bad_name(Span written) {
    std::string mended{in(written)};
    bool ascii = true;
    for (char& c : mended) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == '-') c = '_';
        ascii = ascii && static_cast<unsigned char>(c) < 0x80;
    }
    report(code::bad_name, written,
           quoted(in(written)) + " is not a name: those are of lower-case letters, digits and `_`",
           ascii ? mended : "");
    add_name(written);
}

void Builder::add_bad_relation(Span written) {
    report(code::bad_name, written,
           quoted(in(written)) + " is not a name: what PostgreSQL must quote stands in a string",
           quoted_for_sql(in(written)));
    add_name(written);
}

void Builder::add_string(Span written) {
    std::vector<Span> bad_escapes;
    names.push_back(string_template(in(written), written.begin, bad_escapes));
    for (const Span bad : bad_escapes) {
        report(code::bad_escape, bad,
               quoted(in(bad)) + R"( is no escape: there are `\"`, `\\`, `\n` and `\t`)");
    }
}

void Builder::add_sql(Span literal, std::size_t delimiter) {
    const auto length = static_cast<std::uint32_t>(delimiter);
    const Span inside{literal.begin + length, literal.end - length};
    sqls.push_back({.text = std::string{in(inside)}, .span = inside, .literal = literal});
}

// A type's words and parentheses with the blanks that PostgreSQL writes.
void Builder::add_type(Span written) {
    lay_token(written);
    std::string canonical;
    const std::string_view text = in(written);
    for (std::size_t at = 0; at < text.size();) {
        if (const std::size_t blank = blank_length(text.substr(at)); blank != 0) {
            at += blank;
            const bool between_words = at < text.size() && is_word_char(text[at]) &&
                                       !canonical.empty() && canonical.back() != '(' &&
                                       canonical.back() != ',';
            if (between_words) canonical += ' ';
        } else {
            canonical += text[at++];
        }
    }
    Template type = name_template(canonical, written.begin);
    type.span = written;
    for (Part& part : type.parts) part.span = written;
    names.push_back(std::move(type));
}

void Builder::add_word(Span written) {
    values.push_back({.kind = ValueKind::word,
                      .text = name_template(in(written), written.begin),
                      .span = written});
}

void Builder::add_string_value(Span written) {
    add_string(written);
    Template text = std::move(names.back());
    names.pop_back();
    values.push_back({.kind = ValueKind::string, .text = std::move(text), .span = written});
}

void Builder::add_numeral(Span written, ValueKind kind) {
    const Numeral read = read_numeral(in(written), kind);
    // A unit or a time that stands apart would be a second error of the same mistake.
    std::string_view behind = from(written.end);
    behind.remove_prefix(blank_length(behind));
    const bool apart = is_unit(behind.substr(0, word_length(behind)));
    if (read.code == code::bad_instant || (read.code != 0 && apart)) {
        fail(read.code, written, read.message, read.help);
    }
    if (read.code != 0) report(read.code, written, read.message, read.help);
    values.push_back(
        {.kind = read.kind, .text = name_template(in(written), written.begin), .span = written});
}

void Builder::set_comparison(Span written) {
    const std::string_view sign = in(written);
    op_span = written;
    op = sign == "="    ? Comparison::equal
         : sign == "<>" ? Comparison::not_equal
         : sign == "<"  ? Comparison::less
         : sign == "<=" ? Comparison::less_equal
         : sign == ">"  ? Comparison::greater
                        : Comparison::greater_equal;
}

Template Builder::take_name() {
    return take_first(names);
}

std::vector<Template> Builder::take_names() {
    return std::exchange(names, {});
}

Value Builder::take_value() {
    return take_first(values);
}

Sql Builder::take_sql() {
    return take_first(sqls);
}

Setting Builder::setting() {
    return {.value = take_value(), .keyword = phrase};
}

Retention Builder::retention() {
    Retention kept{.age = take_value(), .at_least = std::nullopt};
    if (!values.empty()) kept.at_least = take_value();
    return kept;
}

Selection& Builder::selection() {
    Item& owner = item();
    if (auto* snapshot = std::get_if<Snapshot>(&owner.body)) return snapshot->selection;
    if (auto* backup = std::get_if<Backup>(&owner.body)) return backup->selection;
    if (auto* restore = std::get_if<Restore>(&owner.body)) return restore->selection;
    return std::get<Clone>(owner.body).selection;
}

void Builder::widen_selection(Span clause) {
    Span& span = selection().span;
    if (span.begin == span.end) span = clause;
    span.end = clause.end;
}

Rollback& Builder::rollback() {
    Item& owner = item();
    if (auto* step = std::get_if<Step>(&owner.body)) return step->rollback;
    if (auto* run = std::get_if<Run>(&owner.body)) return run->rollback;
    if (auto* restore = std::get_if<Restore>(&owner.body)) return restore->rollback;
    if (auto* copy = std::get_if<Copy>(&owner.body)) return copy->rollback;
    return std::get<Clone>(owner.body).rollback;
}

void Builder::require(std::uint32_t at, std::string_view clause, std::string_view example) {
    const auto& seen = frames.back().seen;
    if (std::find(seen.begin(), seen.end(), clause) != seen.end()) return;
    const std::string_view next = in(found_at(at));
    const bool head_ends = next.empty() || next == "{" || next == "}" || is_item_keyword(next);
    if (!head_ends) fail_expected(at, quoted(clause));
    report(code::missing_clause, item().keyword,
           "this " + quoted(in(item().keyword)) + " has no " + quoted(clause),
           std::string{example});
}

}  // namespace cairn::grammar
