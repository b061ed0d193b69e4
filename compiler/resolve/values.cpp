#include "compiler/resolve/values.hpp"

#include <cmath>

#include "grammar/literal.hpp"

namespace cairn::compiler {

using grammar::Value;
using grammar::ValueKind;

namespace {

bool may_be(const Value& value, ValueKind kind) {
    return value.kind == kind || value.kind == ValueKind::string || value.kind == ValueKind::word;
}

}  // namespace

std::string Values::text(const Value& value) const { return words_.text(value.text, turn_); }

std::optional<std::chrono::milliseconds> Values::duration(const Value& value) const {
    if (!may_be(value, ValueKind::duration)) return std::nullopt;
    return grammar::parse_duration(text(value));
}

std::optional<std::int64_t> Values::size(const Value& value) const {
    if (!may_be(value, ValueKind::size)) return std::nullopt;
    return grammar::parse_size(text(value));
}

std::optional<double> Values::number(const Value& value) const {
    if (!may_be(value, ValueKind::number)) return std::nullopt;
    return grammar::parse_number(text(value));
}

std::optional<std::int64_t> Values::whole(const Value& value) const {
    const auto found = number(value);
    if (!found || *found < 0 || *found > 1e9 || std::floor(*found) != *found) return std::nullopt;
    return static_cast<std::int64_t>(*found);
}

std::optional<std::chrono::sys_seconds> Values::instant(const Value& value) const {
    if (!may_be(value, ValueKind::instant)) return std::nullopt;
    return grammar::parse_instant(text(value));
}

}  // namespace cairn::compiler
