// Where to read on after an item or a clause that could not be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "grammar/dollars.hpp"
#include "grammar/syntax.hpp"

namespace cairn::grammar {

struct Recovery {
    std::uint32_t resume = 0;        // next item, the enclosing block's `}`, or the file's end
    bool swallowed = false;          // a SQL literal runs over the next item
    std::optional<Span> open_sql;    // the opener of that literal, if it is the true mistake
    std::vector<Template> left_out;  // names of items in the text that was skipped
};

// Finds the next item after the one that starts at `begin` and failed at `error`.
//
// It is the next item keyword that is first on its line and not right of the broken item's column
// (a gate holds lines such as `backup x verified`), or any keyword once the item's braces are
// closed. SQL literals are taken whole, unless they run over such a line. `block` is where the line
// begins that opens the enclosing block, if there is one: its `}` is looked for there.
[[nodiscard]] Recovery recover(std::string_view text, Dollars& dollars, std::uint32_t begin,
                               std::uint32_t error, std::optional<std::uint32_t> block);

// Finds the next clause of the same body after the one that starts at `begin` and failed at
// `error`: the body's `}`, or what opens a clause, is first on its line and not right of the broken
// clause's line. None before `limit`.
[[nodiscard]] std::optional<std::uint32_t> next_clause(std::string_view text, Dollars& dollars,
                                                       std::uint32_t begin, std::uint32_t error,
                                                       std::uint32_t limit);

}  // namespace cairn::grammar
