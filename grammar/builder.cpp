#include "grammar/builder.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "grammar/codes.hpp"
#include "grammar/nearest.hpp"
#include "grammar/numeral.hpp"
#include "grammar/recovery.hpp"
#include "grammar/walk.hpp"
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
        const std::string_view part = relation.substr(0, relation.find('.'));
        const bool plain = std::all_of(part.begin(), part.end(), is_name_char);
        if (plain || part[0] == '"') {
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

std::vector<Item>* inner_items(Item& item) {
    if (auto* loop = std::get_if<For>(&item.body)) return &loop->items;
    if (auto* parallel = std::get_if<Parallel>(&item.body)) return &parallel->items;
    if (auto* transaction = std::get_if<Transaction>(&item.body)) return &transaction->items;
    return nullptr;
}

void place_checks(Frame& frame) {
    if (auto* validate = std::get_if<Validate>(&frame.item.body)) {
        validate->checks = std::move(frame.checks);
    } else if (auto* gate = std::get_if<Gate>(&frame.item.body)) {
        gate->checks = std::move(frame.checks);
    } else if (auto* watch = std::get_if<Watch>(&frame.item.body)) {
        watch->checks = std::move(frame.checks);
    } else if (auto* backup = std::get_if<Backup>(&frame.item.body)) {
        backup->verify_checks = std::move(frame.checks);
    }
}

}  // namespace

// ---------------------------------------------------------------- places

Span Builder::found_at(std::uint32_t at) const {
    return {at, at + static_cast<std::uint32_t>(lexeme(from(at)).size())};
}

std::uint32_t Builder::column(std::uint32_t at) const {
    const std::size_t newline = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
    return newline == std::string_view::npos ? at : at - static_cast<std::uint32_t>(newline) - 1;
}

std::optional<std::uint32_t> Builder::enclosing_column() {
    if (!in_block()) return std::nullopt;
    return Walk{text_, dollars_, frames[frames.size() - 2].begin}.line_column();
}

bool Builder::first_on_line(std::uint32_t at) const {
    const auto before = text_.substr(at - column(at), column(at));
    return std::all_of(before.begin(), before.end(), is_blank);
}

// ---------------------------------------------------------------- errors

void Builder::record(SyntaxError error) {
    parsed.errors.push_back(std::move(error));
    if (parsed.errors.size() < max_errors) return;
    const Span last = parsed.errors.back().span;
    parsed.errors.push_back({code::too_many, last, "too many errors, the rest is not read", {}});
    throw Stop{};
}

void Builder::report(std::uint16_t code, Span where, std::string message, std::string help) {
    if (!frames.empty()) frames.back().broken = true;
    record({code, where, std::move(message), std::move(help)});
}

void Builder::fail(std::uint16_t code, Span where, std::string message, std::string help) {
    throw Broken{{code, where, std::move(message), std::move(help)}};
}

void Builder::fail_expected(std::uint32_t at, std::string_view what) {
    const Span found = found_at(at);
    const std::string seen = found.begin == found.end ? "the end of the file" : quoted(in(found));
    fail(code::unexpected, found, "expected " + std::string{what} + ", found " + seen,
         std::string{suggestion(at)});
}

void Builder::fail_clause(std::uint32_t at, std::string_view of, std::uint32_t brace) {
    const Span found = found_at(at);
    if (found.begin == found.end) {
        fail(code::open_block, {brace, brace + 1},
             "the `{` of this " + quoted(of) + " is never closed");
    }
    fail(code::unknown_clause, found,
         "expected a clause of " + quoted(of) + " or `}`, found " + quoted(in(found)),
         std::string{suggestion(at)});
}

void Builder::tried(std::uint32_t at, std::string_view word, std::string_view whole) {
    if (at != tried_at_) {
        tried_at_ = at;
        tried_.clear();
    }
    tried_.push_back({word, whole});
}

std::string_view Builder::suggestion(std::uint32_t at) const {
    if (at != tried_at_) return {};
    std::vector<std::string_view> words;
    words.reserve(tried_.size());
    for (const Tried& t : tried_) words.push_back(t.word);
    const std::string_view best = nearest(in(found_at(at)), words);
    for (const Tried& t : tried_) {
        if (!best.empty() && t.word == best) return t.phrase;
    }
    return {};
}

// ---------------------------------------------------------------- the clause at hand

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

// ---------------------------------------------------------------- items

void Builder::open_item(std::uint32_t begin) {
    if (frames.size() >= max_depth) {
        record({code::too_deep, found_at(begin), "blocks are nested deeper than 100", {}});
        throw Stop{};
    }
    frames.emplace_back();
    frames.back().begin = begin;
}

void Builder::close_item() {
    Frame frame = std::move(frames.back());
    frames.pop_back();
    frame.item.span = since(frame.begin);
    if (!frames.empty() && (frame.broken || frame.inner_broken)) frames.back().inner_broken = true;
    if (frame.broken) {
        forget({frame.item.name});
        return;
    }
    place_checks(frame);
    if (frame.declares) return;
    auto* home = frames.empty() ? &parsed.plan.items : inner_items(item());
    home->push_back(std::move(frame.item));
}

std::uint32_t Builder::resume_item(SyntaxError error) {
    const std::uint32_t begin = frames.back().begin;
    const auto block = enclosing_column();
    frames.pop_back();
    if (!frames.empty()) frames.back().inner_broken = true;
    skipped_ = true;
    Recovery recovery = recover(text_, dollars_, begin, error.span.begin, block);
    if (recovery.resume < error.span.begin) spend(error.span.begin - recovery.resume);
    forget(std::move(recovery.left_out));
    if (recovery.open_sql) {
        error = {code::open_sql,
                 *recovery.open_sql,
                 "unterminated " + quoted(in(*recovery.open_sql)),
                 {}};
    }
    record(std::move(error));
    return recovery.resume;
}

std::optional<std::uint32_t> Builder::resume_clause(std::uint32_t begin, const SyntaxError& error) {
    const std::uint32_t item_begin = frames.back().begin;
    const Recovery item =
        recover(text_, dollars_, item_begin, error.span.begin, enclosing_column());
    spend(item.resume - item_begin);
    if (item.swallowed || item.resume <= error.span.begin) return std::nullopt;
    const auto next = next_clause(text_, dollars_, begin, error.span.begin, item.resume);
    if (next) report(error.code, error.span, error.message, error.help);
    return next;
}

void Builder::spend(std::size_t bytes) {
    constexpr std::size_t times = 64;
    spent_ += bytes;
    if (spent_ <= times * text_.size()) return;
    const Span last = parsed.errors.empty() ? Span{} : parsed.errors.back().span;
    record({code::too_many, last, "too many errors, the rest is not read", {}});
    throw Stop{};
}

void Builder::forget(std::vector<Template> left_out) {
    for (Template& name : left_out) {
        if (!name.parts.empty()) parsed.left_out.push_back(std::move(name));
    }
}

}  // namespace cairn::grammar
