#include "runtime/cli/difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "compiler/diagnostics/display.hpp"

namespace cairn::cli {

namespace {

using Lines = std::vector<std::string_view>;

Lines split(std::string_view text) {
    Lines out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

struct Change {
    char sign = ' ';  // ' ', '-' or '+'
    std::string_view line;
};

// The longest common subsequence of the middle; a middle too large for its table counts as
// replaced.
void middle(const Lines& a, const Lines& b, std::vector<Change>& out) {
    constexpr std::size_t largest_table = 4'000'000;
    std::size_t i = 0, j = 0;
    if (a.size() * b.size() <= largest_table) {
        const std::size_t width = b.size() + 1;
        std::vector<std::uint32_t> common((a.size() + 1) * width);
        for (std::size_t x = a.size(); x-- > 0;) {
            for (std::size_t y = b.size(); y-- > 0;) {
                common[x * width + y] =
                    a[x] == b[y] ? common[(x + 1) * width + y + 1] + 1
                                 : std::max(common[(x + 1) * width + y], common[x * width + y + 1]);
            }
        }
        while (i < a.size() && j < b.size()) {
            if (a[i] == b[j])
                out.push_back({' ', a[i]}), ++i, ++j;
            else if (common[(i + 1) * width + j] >= common[i * width + j + 1])
                out.push_back({'-', a[i++]});
            else
                out.push_back({'+', b[j++]});
        }
    }
    while (i < a.size()) out.push_back({'-', a[i++]});
    while (j < b.size()) out.push_back({'+', b[j++]});
}

std::vector<Change> changes(const Lines& a, const Lines& b) {
    std::size_t head = 0, tail = 0;
    const std::size_t shorter = std::min(a.size(), b.size());
    while (head < shorter && a[head] == b[head]) ++head;
    while (tail < shorter - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
    std::vector<Change> out;
    for (std::size_t i = 0; i < head; ++i) out.push_back({' ', a[i]});
    const auto part = [&](const Lines& all) {
        return Lines(all.begin() + static_cast<std::ptrdiff_t>(head),
                     all.end() - static_cast<std::ptrdiff_t>(tail));
    };
    middle(part(a), part(b), out);
    for (std::size_t i = a.size() - tail; i < a.size(); ++i) out.push_back({' ', a[i]});
    return out;
}

}  // namespace

std::string difference(std::string_view before, std::string_view after,
                       const std::string& before_name, const std::string& after_name,
                       std::size_t most) {
    if (before == after) return "";
    constexpr std::size_t context = 3;
    const auto all = changes(split(before), split(after));
    std::vector<bool> shown(all.size(), false);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].sign == ' ') continue;
        const std::size_t last = std::min(i + context + 1, all.size());
        for (std::size_t j = i - std::min(i, context); j < last; ++j) shown[j] = true;
    }
    std::string out = fmt::format("--- {}\n+++ {}\n", before_name, after_name);
    std::size_t printed = 0, left_out = 0, line_before = 1, line_after = 1;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (shown[i] && printed < most) {
            if (i == 0 || !shown[i - 1])
                out += fmt::format("@@ -{} +{} @@\n", line_before, line_after);
            out += all[i].sign + compiler::printable(all[i].line) + "\n";
            ++printed;
        } else if (shown[i]) {
            ++left_out;
        }
        line_before += all[i].sign != '+';
        line_after += all[i].sign != '-';
    }
    if (left_out > 0) out += fmt::format("… and {} more lines\n", left_out);
    if (printed == 0) out += "(only in the newline at the end)\n";
    return out;
}

}  // namespace cairn::cli
