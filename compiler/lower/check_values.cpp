#include <fmt/format.h>

#include "compiler/lower/check_parts.hpp"

namespace cairn::compiler {

namespace {

using grammar::ValueKind;

// `12.5%` as 0.125, digit by digit: no binary fraction comes between.
std::string percent_as_decimal(std::string text) {
    if (text.ends_with('%')) text.pop_back();
    const bool negative = text.starts_with('-');
    if (negative) text.erase(0, 1);
    std::size_t point = text.find('.');
    if (point == std::string::npos) point = text.size();
    std::string whole = text.substr(0, point);
    std::string fraction = point < text.size() ? text.substr(point + 1) : std::string();
    whole.insert(0, whole.size() < 3 ? 3 - whole.size() : 0, '0');
    fraction = whole.substr(whole.size() - 2) + fraction;
    whole.resize(whole.size() - 2);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return (negative ? "-" : "") + whole + (fraction.empty() ? "" : "." + fraction);
}

ExpectValue::Kind kind_of(const grammar::Value& value) {
    switch (value.kind) {
        case ValueKind::word: return ExpectValue::Kind::boolean;
        case ValueKind::string: return ExpectValue::Kind::text;
        case ValueKind::duration: return ExpectValue::Kind::interval;
        default: return ExpectValue::Kind::number;
    }
}

}  // namespace

std::string interval_words(std::chrono::milliseconds duration) {
    struct Unit {
        std::int64_t length;
        const char* name;
    };
    const std::int64_t count = duration.count();
    for (const Unit unit : {Unit{86'400'000, "days"}, Unit{3'600'000, "hours"}, Unit{60'000, "minutes"},
                            Unit{1'000, "seconds"}}) {
        if (count != 0 && count % unit.length == 0) return fmt::format("{} {}", count / unit.length, unit.name);
    }
    return fmt::format("{} milliseconds", count);
}

ExpectValue expect_value(grammar::Comparison op, const grammar::Value& value, const CheckContext& context) {
    const std::string text = context.values.text(value);
    ExpectValue expect{.kind = kind_of(value), .op = lower_op(op), .value = text, .written = text};
    if (value.kind == ValueKind::percent) expect.value = percent_as_decimal(text);
    if (value.kind == ValueKind::string) expect.written = "'" + text + "'";
    if (const auto bytes = context.values.size(value); value.kind == ValueKind::size && bytes) {
        expect.value = std::to_string(*bytes);
    }
    if (const auto duration = context.values.duration(value); value.kind == ValueKind::duration && duration) {
        expect.value = interval_words(*duration);
    }
    return expect;
}

}  // namespace cairn::compiler
