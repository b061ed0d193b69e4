// The card of one item, and the parts of it that come from beside the item's own text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/preview/card.hpp"

namespace cairn::compiler {

[[nodiscard]] Card card_of(const Item&, const Compiled&, const Beside&);

// What triggers that keep rows hold on a table until the commit.
constexpr sql::LockMode watching = sql::LockMode::share_row_exclusive;
struct WayBack {
    std::vector<Line> lines;           // for Card::back
    Words in_short;                    // for Card::way_back
    std::vector<std::string> watched;  // relations, as the plan writes them
};
[[nodiscard]] WayBack way_back_of(const Item&);

// As the item's database is now, and what came of preparing it there: for Card::found.
[[nodiscard]] std::vector<Line> found_lines(const Item&, const Found&);

// As a rehearsal saw it; empty where it has not.
struct Figures {
    std::vector<Line> lines;  // for Card::measured
    std::string in_short;     // for Card::figures
};
[[nodiscard]] Figures measured_of(const Item&, const Measured&);

[[nodiscard]] Fact fact(std::string label, std::string text, Tone = Tone::plain);
// The lines of a statement, the last with its semicolon. All but the first lose up to `margin`
// blanks, so that the statement keeps the shape that it has in the plan.
[[nodiscard]] std::vector<std::string> statement_lines(std::string_view sql, std::size_t margin);

}  // namespace cairn::compiler
