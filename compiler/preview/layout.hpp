// Where the items of a plan stand in a picture: each below all that it waits for, those that commit
// together in one column with nobody between them.
#pragma once

#include <cstddef>
#include <vector>

#include "compiler/preview/card.hpp"

namespace cairn::compiler {

struct Place {
    std::size_t row = 0, column = 0;
};
struct Layout {
    std::vector<Place> places;  // of each card
    std::size_t rows = 0, columns = 0;
};
// Items that wait for the same ones stand side by side, at most `widest` of them; the rest below.
[[nodiscard]] Layout layout_of(const std::vector<Card>&, std::size_t widest);

}  // namespace cairn::compiler
