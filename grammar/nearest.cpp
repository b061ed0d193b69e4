#include "grammar/nearest.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace cairn::grammar {
namespace {

constexpr std::size_t longest = 64;

std::string lower(std::string_view word) {
    std::string out{word.substr(0, longest)};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    a = a.substr(0, longest);
    b = b.substr(0, longest);
    using Row = std::array<std::size_t, longest + 1>;
    Row before{}, above{}, row{};
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({substituted, above[j] + 1, row[j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before = above;
        above = row;
    }
    return above[b.size()];
}

bool is_near(std::string_view seen, std::string_view meant) {
    if (seen == meant || seen.size() < 2) return false;
    const std::size_t allowed = meant.size() < 5 ? 1 : 2;
    return edit_distance(lower(seen), lower(meant)) <= allowed;
}

std::string_view nearest(std::string_view seen, const std::vector<std::string_view>& candidates) {
    std::string_view best;
    std::size_t least = longest;
    for (const std::string_view candidate : candidates) {
        if (!is_near(seen, candidate)) continue;
        const std::size_t distance = edit_distance(lower(seen), lower(candidate));
        if (distance < least) {
            least = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace cairn::grammar
