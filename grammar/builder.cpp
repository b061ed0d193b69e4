#include "grammar/builder.hpp"

#include <algorithm>
#include <utility>

#include "grammar/codes.hpp"
#include "grammar/nearest.hpp"
#include "grammar/recovery.hpp"
#include "grammar/walk.hpp"
#include "grammar/words.hpp"

namespace cairn::grammar {
namespace {

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
