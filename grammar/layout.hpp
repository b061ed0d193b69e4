// How the text of a plan is divided, for whoever lays it out anew: its tokens, and where statements and clauses begin.
#pragma once

#include <cstdint>
#include <vector>

#include "grammar/span.hpp"

namespace cairn::grammar {

struct Layout {
    std::vector<Span> tokens;           // in their order; what lies between two of them is blanks and comments
    std::vector<std::uint32_t> begins;  // of statements and of clauses in braces, ascending
};

}  // namespace cairn::grammar
