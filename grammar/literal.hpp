// The values of literals: durations, sizes, instants and numbers, as PostgreSQL's settings read
// them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cairn::grammar {

[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(
    std::string_view);  // 250ms 30s 20min 2h 30d
[[nodiscard]] std::optional<std::int64_t> parse_size(
    std::string_view);  // bytes; 64kB 10MB 2GB 1TB, powers of 1024
[[nodiscard]] std::optional<double> parse_number(std::string_view);   // 10, -2.5
[[nodiscard]] std::optional<double> parse_percent(std::string_view);  // 95% is 0.95
// RFC 3339 with its offset, seconds optional.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_instant(std::string_view);

}  // namespace cairn::grammar
