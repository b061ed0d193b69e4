#include "runtime/adopt/versions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

// Instants (2024…) are no count.
constexpr std::size_t longest_count = 6;

bool is_count(const Migration& migration) {
    return all_digits(migration.version) && migration.version.size() <= longest_count;
}

long number(const Migration& migration) {
    return std::strtol(migration.version.c_str(), nullptr, 10);
}

// Whether a file of one of these versions is one that the user has left out.
bool left_out(const Folder& folder, long from, long to) {
    return std::any_of(folder.left_out().begin(), folder.left_out().end(), [&](const auto& path) {
        const std::string name = path.substr(path.rfind('/') + 1);
        const auto digits = leading_digits(std::string_view(name).substr(name.starts_with('V') ? 1 : 0));
        const long version = digits.size() > longest_count ? 0 : std::strtol(std::string(digits).c_str(), nullptr, 10);
        return version >= from && version <= to;
    });
}

}  // namespace

void sort_by_version(std::vector<Migration>& migrations, Compare compare) {
    std::stable_sort(
        migrations.begin(), migrations.end(),
        [&](const Migration& a, const Migration& b) { return compare(a.version, b.version) < 0; });
}

void report_duplicates(const std::vector<Migration>& migrations, Compare compare,
                       Diagnostics& diagnostics) {
    for (std::size_t i = 1; i < migrations.size(); ++i) {
        const Migration &first = migrations[i - 1], &second = migrations[i];
        if (compare(first.version, second.version) != 0) continue;
        diagnostics.add(
            {.code = 903,
             .where = second.where,
             .message = fmt::format("version `{}` is there twice: which of the two comes "
                                    "first can't be told",
                                    second.version),
             .help = {},
             .labels = {{.where = first.where, .text = "the other is this one"}}});
    }
}

void report_gaps(const std::vector<Migration>& migrations, const Folder& folder,
                 Diagnostics& diagnostics) {
    if (migrations.size() < 2 || !std::all_of(migrations.begin(), migrations.end(), is_count))
        return;
    std::size_t steps = 0;
    for (std::size_t i = 1; i < migrations.size(); ++i)
        steps += number(migrations[i]) - number(migrations[i - 1]) == 1 ? 1 : 0;
    // Versions that count by tens have no gaps.
    if (steps * 2 < migrations.size() - 1) return;
    for (std::size_t i = 1; i < migrations.size(); ++i) {
        const long from = number(migrations[i - 1]) + 1, to = number(migrations[i]) - 1;
        if (from > to || left_out(folder, from, to)) continue;
        diagnostics.add(
            {.severity = compiler::Severity::warning,
             .code = 904,
             .where = migrations[i].where,
             .message = from == to ? fmt::format("version {} is missing before this one", from)
                                   : fmt::format("versions {} to {} are missing before this one",
                                                 from, to)});
    }
}

}  // namespace cairn::adopt
