#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "runtime/catalog/state.hpp"

namespace cairn::catalog {
namespace {

using Texts = std::map<std::string, std::string>;

constexpr std::string_view order_prefix = "column order ";
constexpr std::string_view sequence_prefix = "sequence ";
constexpr std::size_t widest = 100;  // of one side of a difference

// Whitespace in a row becomes one blank: a difference is one line.
std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        line += blank ? ' ' : c;
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

bool inside_character(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

// A part of the text that is not too wide, from a little before byte `from`; never half a
// character.
std::string excerpt(const std::string& text, std::size_t from) {
    if (text.size() <= widest) return text;
    std::size_t begin = from > 20 ? from - 20 : 0;
    begin = std::min(begin, text.size() - widest);
    while (begin > 0 && inside_character(text, begin)) --begin;
    std::size_t end = std::min(text.size(), begin + widest);
    while (inside_character(text, end)) ++end;
    return (begin > 0 ? "…" : "") + text.substr(begin, end - begin) +
           (end < text.size() ? "…" : "");
}

std::string changed(const std::string& object, const std::string* before,
                    const std::string* after) {
    auto left = before ? one_line(*before) : std::string("(none)");
    auto right = after ? one_line(*after) : std::string("(none)");
    if (before && left.empty()) left = "(plain)";
    if (after && right.empty()) right = "(plain)";
    // Only whitespace differs: in the body of a function, say, or in a string.
    if (left == right) return object + ": whitespace differs";
    const auto at = static_cast<std::size_t>(
        std::mismatch(left.begin(), left.end(), right.begin(), right.end()).first - left.begin());
    return object + ": " + excerpt(left, at) + " -> " + excerpt(right, at);
}

std::string counted(const std::string* content) {
    if (content == nullptr) return "(none)";
    const auto count = content->substr(0, content->find(' '));
    return count + (count == "1" ? " row" : " rows");
}

std::string changed_rows(const std::string& table, const std::string* before,
                         const std::string* after) {
    const auto left = counted(before), right = counted(after);
    return "rows of " + table + ": " + left + " -> " + right +
           (left == right ? ", other values" : "");
}

// "5 called", "1 next", with " descending" when its increment is negative.
struct SequenceValue {
    std::int64_t value = 0;
    bool called = false, descending = false;
};
SequenceValue sequence_value(std::string_view text) {
    SequenceValue read;
    std::from_chars(text.data(), text.data() + text.size(), read.value);
    read.called = text.find(" called") != std::string_view::npos;
    read.descending = text.find(" descending") != std::string_view::npos;
    return read;
}
bool fell_back(const std::string& before, const std::string& after) {
    const auto was = sequence_value(before), is = sequence_value(after);
    if (was.value == is.value) return was.called && !is.called;
    return is.descending ? is.value > was.value : is.value < was.value;
}

// Calls `each(key, before, after)` for every key whose texts differ; a missing one is nullptr.
template <typename Each>
void for_differing(const Texts& before, const Texts& after, Each each) {
    auto left = before.begin();
    auto right = after.begin();
    while (left != before.end() || right != after.end()) {
        if (right == after.end() || (left != before.end() && left->first < right->first)) {
            each(left->first, &left->second, nullptr);
            ++left;
        } else if (left == before.end() || right->first < left->first) {
            each(right->first, nullptr, &right->second);
            ++right;
        } else {
            if (left->second != right->second) each(left->first, &left->second, &right->second);
            ++left, ++right;
        }
    }
}

// The order of the columns when the columns themselves are the same, told by the definitions.
bool is_order(const std::string& object) {
    return object.starts_with(order_prefix);
}

std::vector<std::string> sorted_columns(const std::string& list) {
    std::vector<std::string> columns;
    for (std::size_t begin = 0; begin <= list.size();) {
        const auto end = std::min(list.find(", ", begin), list.size());
        columns.push_back(list.substr(begin, end - begin));
        begin = end + 2;
    }
    std::sort(columns.begin(), columns.end());
    return columns;
}

bool same_columns(const State& before, const State& after, const std::string& table) {
    const auto left = before.objects.find(std::string(order_prefix) + table);
    const auto right = after.objects.find(std::string(order_prefix) + table);
    if (left == before.objects.end() || right == after.objects.end())
        return true;  // a materialized view
    return sorted_columns(left->second) == sorted_columns(right->second);
}

// "COUNT rows, SUM SUM"; the sums are taken modulo 2^64, and may be negative.
struct Tally {
    std::uint64_t count = 0, one = 0, two = 0;
};
std::uint64_t wrapped(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return negative ? 0 - value : value;
}
Tally tally(std::string_view content) {
    const auto comma = content.find(", ");
    if (comma == std::string_view::npos) return {};
    const auto sums = content.substr(comma + 2);
    const auto blank = std::min(sums.find(' '), sums.size());
    return {.count = wrapped(content),
            .one = wrapped(sums),
            .two = wrapped(sums.substr(std::min(blank + 1, sums.size())))};
}

}  // namespace

bool same_change(const std::string& from, const std::string& to, const std::string& other_from,
                 const std::string& other_to) {
    const Tally a = tally(from), b = tally(to), c = tally(other_from), d = tally(other_to);
    return b.count - a.count == d.count - c.count && b.one - a.one == d.one - c.one &&
           b.two - a.two == d.two - c.two;
}

bool same_change_of_count(const std::string& from, const std::string& to,
                          const std::string& other_from, const std::string& other_to) {
    return tally(to).count - tally(from).count == tally(other_to).count - tally(other_from).count;
}

Difference compare(const State& before, const State& after) {
    Difference difference;
    bool orders = false, others = false;
    for_differing(
        before.objects, after.objects,
        [&](const std::string& object, const std::string* left, const std::string* right) {
            if (is_order(object)) {
                // A table or column that is only on one side has a line of its own.
                if (!left || !right || sorted_columns(*left) != sorted_columns(*right)) return;
                orders = true;
            } else {
                others = true;
            }
            difference.lines.push_back(changed(object, left, right));
        });
    for_differing(
        before.contents, after.contents,
        [&](const std::string& holder, const std::string* left, const std::string* right) {
            if (holder.starts_with(sequence_prefix)) {
                if (!left || !right) return;  // told by the definitions
                const bool back = fell_back(*left, *right);
                (back ? difference.lines : difference.notes)
                    .push_back("value of " + changed(holder, left, right));
                others = others || back;
                return;
            }
            if (holder != "large objects" && (!left || !right) &&
                (!left ? right : left)->starts_with("0 "))
                return;
            others = true;
            // Another set of columns is another digest; that is told by the columns.
            if (counted(left) == counted(right) && !same_columns(before, after, holder)) return;
            difference.lines.push_back(changed_rows(holder, left, right));
        });
    std::sort(difference.lines.begin(), difference.lines.end());
    difference.likeness = others   ? Likeness::differs
                          : orders ? Likeness::column_order
                                   : Likeness::exact;
    return difference;
}

}  // namespace cairn::catalog
