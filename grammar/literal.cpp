#include "grammar/literal.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace cairn::grammar {
namespace {

struct Unit {
    std::string_view name;
    double factor;
};

constexpr std::array durations{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"min", 60'000},
                               Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array sizes{Unit{"B", 1}, Unit{"kB", 0x1p10}, Unit{"MB", 0x1p20}, Unit{"GB", 0x1p30},
                           Unit{"TB", 0x1p40}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Length of `[0-9]+(\.[0-9]+)?` at the start of `text`; 0 if there is none.
std::size_t decimal_length(std::string_view text) {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n])) ++n;
    if (n == 0 || n + 1 >= text.size() || text[n] != '.' || !is_digit(text[n + 1])) return n;
    for (++n; n < text.size() && is_digit(text[n]);) ++n;
    return n;
}

template <std::size_t N>
std::optional<std::int64_t> with_unit(std::string_view text, const std::array<Unit, N>& units) {
    const std::size_t digits = decimal_length(text);
    if (digits == 0) return std::nullopt;
    const auto number = parse_number(text.substr(0, digits));
    for (const Unit& unit : units) {
        if (!number || unit.name != text.substr(digits)) continue;
        const double value = std::round(*number * unit.factor);
        if (value > 0x1p62) return std::nullopt;
        return static_cast<std::int64_t>(value);
    }
    return std::nullopt;
}

// Takes `count` digits off the front; nullopt when there are fewer.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_digit(text[i])) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
    if (take(text, 'Z')) return std::chrono::minutes{0};
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    const auto hours = take_digits(text, 2);
    if (!hours || !take(text, ':')) return std::nullopt;
    const auto minutes = take_digits(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    return std::chrono::minutes{sign * (*hours * 60 + *minutes)};
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto value = with_unit(text, durations);
    if (!value) return std::nullopt;
    return std::chrono::milliseconds{*value};
}

std::optional<std::int64_t> parse_size(std::string_view text) {
    return with_unit(text, sizes);
}

std::optional<double> parse_number(std::string_view text) {
    const std::string_view unsigned_part = text.starts_with('-') ? text.substr(1) : text;
    if (unsigned_part.empty() || decimal_length(unsigned_part) != unsigned_part.size()) {
        return std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> parse_percent(std::string_view text) {
    if (!text.ends_with('%')) return std::nullopt;
    const auto number = parse_number(text.substr(0, text.size() - 1));
    if (!number) return std::nullopt;
    return *number / 100;
}

std::optional<std::chrono::sys_seconds> parse_instant(std::string_view text) {
    using namespace std::chrono;
    const auto y = take_digits(text, 4);
    if (!y || !take(text, '-')) return std::nullopt;
    const auto m = take_digits(text, 2);
    if (!m || !take(text, '-')) return std::nullopt;
    const auto d = take_digits(text, 2);
    if (!d || !take(text, 'T')) return std::nullopt;
    const auto hour = take_digits(text, 2);
    if (!hour || !take(text, ':')) return std::nullopt;
    const auto minute = take_digits(text, 2);
    if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
    int second = 0;
    if (take(text, ':')) {
        const auto read = take_digits(text, 2);
        if (!read || *read > 59) return std::nullopt;
        second = *read;
        if (take(text, '.')) {  // fractions are cut off
            if (!take_digits(text, 1)) return std::nullopt;
            while (take_digits(text, 1)) {
            }
        }
    }
    const auto offset = take_offset(text);
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)},
                              day{static_cast<unsigned>(*d)}};
    if (!offset || !text.empty() || !date.ok()) return std::nullopt;
    return sys_seconds{sys_days{date}} + hours{*hour} + minutes{*minute} + seconds{second} -
           *offset;
}

}  // namespace cairn::grammar
