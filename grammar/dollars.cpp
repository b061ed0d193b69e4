#include "grammar/dollars.hpp"

#include <algorithm>

#include "grammar/words.hpp"

namespace cairn::grammar {
namespace {

constexpr std::size_t near_enough = 64 * 1024;  // most literals are short: no index for them

}  // namespace

std::size_t Dollars::close_of(std::string_view delimiter, std::size_t at) {
    const std::string_view ahead = text_.substr(at, near_enough);
    const std::size_t close = ahead.find(delimiter);
    if (close != std::string_view::npos) return at + close;
    if (at + ahead.size() == text_.size()) return close;
    build_index();
    const auto& all = positions_[delimiter];
    const auto next = std::lower_bound(all.begin(), all.end(), at);
    return next == all.end() ? std::string_view::npos : *next;
}

void Dollars::build_index() {
    if (indexed_) return;
    indexed_ = true;
    for (std::size_t at = text_.find('$'); at != std::string_view::npos;
         at = text_.find('$', at + 1)) {
        const std::size_t length = dollar_length(text_.substr(at));
        if (length != 0) {
            positions_[text_.substr(at, length)].push_back(static_cast<std::uint32_t>(at));
        }
    }
}

}  // namespace cairn::grammar
