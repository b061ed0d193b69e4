// Where to read on after an item that could not be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "grammar/syntax.hpp"

namespace cairn::grammar {

struct Recovery {
    std::uint32_t resume = 0;  // of the next item, the enclosing block's `}`, or the file's end
    std::optional<Span>
        open_sql;  // a `$$` before the error that swallowed the next item: the true mistake
    std::vector<Template> left_out;  // names of items in the text that was skipped
};

// Finds the next item after the one that starts at `begin` and failed at `error`.
//
// It is the next item keyword that is first on its line and not right of the broken item's column
// (a gate holds lines such as `backup x verified`), or any keyword once the item's braces are
// closed. SQL literals are taken whole, unless they run over such a line.
[[nodiscard]] Recovery recover(std::string_view text, std::uint32_t begin, std::uint32_t error,
                               bool in_block);

}  // namespace cairn::grammar
