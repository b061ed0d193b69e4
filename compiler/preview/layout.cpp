#include "compiler/preview/layout.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace cairn::compiler {

namespace {

class Placing {
public:
    Placing(const std::vector<Card>& cards, std::size_t widest)
        : cards_(cards), widest_(std::max<std::size_t>(1, widest)) {
        out_.places.resize(cards.size());
    }

    Layout place() {
        for (std::size_t first = 0; first < cards_.size();) {
            std::size_t end = first + 1;
            while (end < cards_.size() && cards_[first].transaction &&
                   cards_[end].transaction == cards_[first].transaction)
                ++end;
            block(first, end);
            first = end;
        }
        return std::move(out_);
    }

private:
    // Rows of the members [first, end) if the first stands in `row`: each below the one before.
    [[nodiscard]] std::vector<std::size_t> rows_from(std::size_t first, std::size_t end,
                                                     std::size_t row) const {
        std::vector<std::size_t> rows;
        for (std::size_t i = first; i < end; ++i) {
            std::size_t at = i == first ? row : rows.back() + 1;
            for (const std::size_t before : cards_[i].after) {
                if (before - 1 < first) at = std::max(at, out_.places[before - 1].row + 1);
            }
            rows.push_back(at);
        }
        return rows;
    }

    [[nodiscard]] bool is_free(std::size_t from, std::size_t to, std::size_t column) const {
        const auto at = taken_.lower_bound({column, from});
        return at == taken_.end() || at->first != column || at->second > to;
    }

    // The highest row with room; there, the column nearest to what is waited for.
    void block(std::size_t first, std::size_t end) {
        const auto& after = cards_[first].after;
        const std::size_t near = after.empty() ? 0 : out_.places[after.front() - 1].column;
        for (std::size_t row = 0;; ++row) {
            const auto rows = rows_from(first, end, row);
            row = rows.front();
            for (std::size_t i = 0; i < 2 * widest_; ++i) {
                const std::size_t step = (i + 1) / 2;
                const bool right = i % 2 == 1;
                if (!right && step > near) continue;
                const std::size_t column = right ? near + step : near - step;
                if (column >= widest_ || !is_free(rows.front(), rows.back(), column)) continue;
                take(first, rows, column);
                return;
            }
        }
    }

    void take(std::size_t first, const std::vector<std::size_t>& rows, std::size_t column) {
        for (std::size_t i = 0; i < rows.size(); ++i) out_.places[first + i] = {rows[i], column};
        for (std::size_t row = rows.front(); row <= rows.back(); ++row)
            taken_.insert({column, row});
        out_.rows = std::max(out_.rows, rows.back() + 1);
        out_.columns = std::max(out_.columns, column + 1);
    }

    const std::vector<Card>& cards_;
    std::size_t widest_;
    std::set<std::pair<std::size_t, std::size_t>> taken_;  // column, row
    Layout out_;
};

}  // namespace

Layout layout_of(const std::vector<Card>& cards, std::size_t widest) {
    return Placing(cards, widest).place();
}

}  // namespace cairn::compiler
