#include "runtime/report/words.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>

namespace cairn::report {

std::string in_words(std::chrono::milliseconds took) {
    const auto ms = took.count();
    if (ms < 1000) return fmt::format("{}ms", ms);
    if (ms < 60'000) return fmt::format("{}.{}s", ms / 1000, ms % 1000 / 100);
    const auto seconds = ms / 1000;
    if (seconds < 3600) return fmt::format("{}min {}s", seconds / 60, seconds % 60);
    return fmt::format("{}h {}min", seconds / 3600, seconds / 60 % 60);
}

std::string grouped(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

std::string Paint::with(const char* how, std::string_view text) const {
    return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", how, text) : std::string(text);
}

std::string Paint::state(journal::ItemState state, std::string_view text) const {
    using journal::ItemState;
    switch (state) {
        case ItemState::done:
            return good(text);
        case ItemState::failed:
            return bad(text);
        case ItemState::running:
            return strong(text);
        case ItemState::rolled_back:
        case ItemState::skipped:
            return doubtful(text);
        case ItemState::pending:
            return faint(text);
    }
    return std::string(text);
}

std::string Paint::state(journal::RunState state, std::string_view text) const {
    using journal::RunState;
    switch (state) {
        case RunState::finished:
        case RunState::finalized:
            return good(text);
        case RunState::failed:
            return bad(text);
        case RunState::running:
            return strong(text);
        case RunState::stopped:
        case RunState::rolled_back:
            return doubtful(text);
    }
    return std::string(text);
}

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) {
        if (part.empty()) continue;
        if (!out.empty()) out += ", ";
        out += part;
    }
    return out;
}

std::string rfc3339(std::chrono::system_clock::time_point at) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(at);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(at - whole).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(whole)), rest);
}

}  // namespace cairn::report
