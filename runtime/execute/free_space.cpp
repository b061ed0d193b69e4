#include "runtime/execute/free_space.hpp"

#include <fmt/core.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "runtime/execute/compare.hpp"

namespace cairn::execute {

namespace {

// Bytes that an unprivileged user may still write; nothing where errno says why.
std::optional<double> free_bytes(std::filesystem::path path) {
    struct statvfs system {};
    while (statvfs(path.c_str(), &system) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) return std::nullopt;
        if (path == path.root_path()) return std::nullopt;
        path = path.parent_path();
        if (path.empty()) path = ".";
    }
    return static_cast<double>(system.f_bavail) * static_cast<double>(system.f_frsize);
}

std::optional<double> bytes_of(const std::string& text) {
    double bytes = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return bytes;
}

}  // namespace

std::string size_in_words(double bytes) {
    constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < units.size()) {
        bytes /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f}B", bytes) : fmt::format("{:.1f}{}", bytes, units[unit]);
}

void judge_space(const compiler::ExpectFreeSpace& expect,
                 const std::optional<std::string>& database_size, const std::string& root,
                 run::CheckOutcome& outcome) {
    double needed = static_cast<double>(expect.bytes);
    std::string expected = fmt::format("{} {}", symbol(expect.op), size_in_words(needed));
    if (expect.factor > 0) {
        const auto size = bytes_of(database_size.value_or(""));
        if (!size) {
            outcome.message = "expected the database's size, seen none";
            return;
        }
        needed = *size * expect.factor;
        expected = fmt::format("{} {} ({:g}x {})", symbol(expect.op), size_in_words(needed),
                               expect.factor, size_in_words(*size));
    }
    const auto there = free_bytes(std::filesystem::path(root) / expect.path);
    if (!there) {
        outcome.message =
            fmt::format("free space on `{}` can't be read: {}", expect.path, std::strerror(errno));
        outcome.error.emplace();
        outcome.error->code = 753;
        outcome.error->message = outcome.message;
        return;
    }
    outcome.passed = holds(expect.op, *there <=> needed);
    if (!outcome.passed)
        outcome.message = fmt::format("expected {} free on `{}`, seen {}", expected, expect.path,
                                      size_in_words(*there));
}

std::optional<std::vector<run::CheckOutcome>> run_space_checks(const std::vector<compiler::Check>& checks,
                                                               bool rehearsal, const std::string& root) {
    std::vector<run::CheckOutcome> outcomes;
    for (const compiler::Check& check : checks) {
        const auto* space = std::get_if<compiler::ExpectFreeSpace>(&check.expect);
        if (space == nullptr || check.query || check.elsewhere) return std::nullopt;
        run::CheckOutcome& outcome = outcomes.emplace_back();
        outcome.title = check.title;
        outcome.warn = check.warn;
        judge_space(*space, std::nullopt, root, outcome);
        if (outcome.error) outcome.error->where = check.where;
        else if (rehearsal) outcome.passed = outcome.window_only = true;
    }
    return outcomes;
}

}  // namespace cairn::execute
