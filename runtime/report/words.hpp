// Times, counts and colours as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/journal/record.hpp"

namespace cairn::report {

[[nodiscard]] std::string in_words(
    std::chrono::milliseconds);  // "12ms", "1.2s", "3min 5s", "2h 10min"
[[nodiscard]] std::string counted(std::uint64_t count,
                                  std::string_view noun);  // "1 row", "1,204 rows"
[[nodiscard]] std::string grouped(std::uint64_t count);    // "1,204"
[[nodiscard]] std::string joined(const std::vector<std::string>& parts);  // "a, b", empty ones left out

// Before a line that stands under an item's.
inline constexpr const char* margin = "       ";

// ANSI colours, or nothing: each is the text alone where colour is off.
class Paint {
public:
    explicit Paint(bool color) : color_(color) {}
    [[nodiscard]] bool colors() const { return color_; }
    [[nodiscard]] std::string good(std::string_view text) const { return with("32", text); }
    [[nodiscard]] std::string bad(std::string_view text) const { return with("1;31", text); }
    [[nodiscard]] std::string doubtful(std::string_view text) const { return with("33", text); }
    [[nodiscard]] std::string faint(std::string_view text) const { return with("2", text); }
    [[nodiscard]] std::string strong(std::string_view text) const { return with("1", text); }
    [[nodiscard]] std::string state(journal::ItemState, std::string_view text) const;
    [[nodiscard]] std::string state(journal::RunState, std::string_view text) const;

private:
    [[nodiscard]] std::string with(const char* how, std::string_view text) const;
    bool color_;
};

// Now, or a moment, as RFC 3339 in UTC with milliseconds: "2026-01-15T22:00:00.000Z".
[[nodiscard]] std::string rfc3339(std::chrono::system_clock::time_point);

}  // namespace cairn::report
