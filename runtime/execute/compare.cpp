#include "runtime/execute/compare.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace cairn::execute {

namespace {

// sign * 0.DIGITS * 10^exponent, the digits without zeros at either end; zero has no digits.
struct Decimal {
    enum class Kind { finite, infinite, not_a_number } kind = Kind::finite;
    bool negative = false;
    std::string digits;
    std::int64_t exponent = 0;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string_view take_digits(std::string_view& rest) {
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_digit);
    const auto length = static_cast<std::size_t>(end - rest.begin());
    const std::string_view digits = rest.substr(0, length);
    rest.remove_prefix(length);
    return digits;
}

// `e+20` at the end of a float; empty is 0. Past nineteen digits nothing that a server prints is
// meant.
std::optional<std::int64_t> take_exponent(std::string_view rest) {
    if (rest.empty()) return 0;
    if (rest.front() != 'e' && rest.front() != 'E') return std::nullopt;
    rest.remove_prefix(1);
    if (!rest.empty() && rest.front() == '+') rest.remove_prefix(1);
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc{} || end != rest.data() + rest.size()) return std::nullopt;
    return value;
}

std::optional<Decimal> read_special(std::string_view text) {
    const std::string word = lower(text);
    if (word == "nan") return Decimal{.kind = Decimal::Kind::not_a_number, .digits = {}};
    if (word == "infinity" || word == "inf")
        return Decimal{.kind = Decimal::Kind::infinite, .digits = {}};
    return std::nullopt;
}

std::optional<Decimal> read_decimal(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    if (auto special = read_special(text)) {
        special->negative = negative;
        return special;
    }
    const std::string_view whole = take_digits(text);
    std::string_view fraction;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        fraction = take_digits(text);
    }
    if (whole.empty() && fraction.empty()) return std::nullopt;
    const auto exponent = take_exponent(text);
    if (!exponent) return std::nullopt;

    Decimal number{.negative = negative, .digits = std::string(whole) + std::string(fraction)};
    number.exponent = static_cast<std::int64_t>(whole.size()) + *exponent;
    const std::size_t first = number.digits.find_first_not_of('0');
    if (first == std::string::npos) return Decimal{.digits = {}};  // zero has no sign
    number.digits.erase(0, first);
    number.exponent -= static_cast<std::int64_t>(first);
    number.digits.erase(number.digits.find_last_not_of('0') + 1);
    return number;
}

std::strong_ordering compare_magnitude(const Decimal& a, const Decimal& b) {
    using Kind = Decimal::Kind;
    if (a.kind == Kind::infinite || b.kind == Kind::infinite)
        return (a.kind == Kind::infinite) <=> (b.kind == Kind::infinite);
    if (a.digits.empty() || b.digits.empty()) return a.digits.size() <=> b.digits.size();
    if (a.exponent != b.exponent) return a.exponent <=> b.exponent;
    return a.digits <=> b.digits;
}

}  // namespace

std::optional<std::partial_ordering> compare_numbers(std::string_view left,
                                                     std::string_view right) {
    const auto a = read_decimal(left), b = read_decimal(right);
    if (!a || !b) return std::nullopt;
    using Kind = Decimal::Kind;
    if (a->kind == Kind::not_a_number || b->kind == Kind::not_a_number)
        return std::partial_ordering::unordered;
    if (a->negative != b->negative)
        return a->negative ? std::partial_ordering::less : std::partial_ordering::greater;
    return a->negative ? compare_magnitude(*b, *a) : compare_magnitude(*a, *b);
}

std::optional<bool> read_boolean(std::string_view text) {
    if (text == "t" || text == "true") return true;
    if (text == "f" || text == "false") return false;
    return std::nullopt;
}

bool holds(compiler::Op op, std::partial_ordering order) {
    using compiler::Op;
    if (order == std::partial_ordering::unordered) return false;
    switch (op) {
        case Op::equal:
            return order == 0;
        case Op::not_equal:
            return order != 0;
        case Op::less:
            return order < 0;
        case Op::less_equal:
            return order <= 0;
        case Op::greater:
            return order > 0;
        case Op::greater_equal:
            return order >= 0;
    }
    return false;
}

const char* symbol(compiler::Op op) {
    using compiler::Op;
    switch (op) {
        case Op::equal:
            return "=";
        case Op::not_equal:
            return "<>";
        case Op::less:
            return "<";
        case Op::less_equal:
            return "<=";
        case Op::greater:
            return ">";
        case Op::greater_equal:
            return ">=";
    }
    return "=";
}

}  // namespace cairn::execute
