// Small mends of a statement that does not parse, offered only where the mended text does.
#pragma once

#include <string>
#include <string_view>

namespace cairn::sql {

// A statement cut in three: what the parser took, the token it refused, and the rest.
struct Refused {
    std::string before, token, after;
    std::string_view previous;  // the token before the refused one
    std::string before_previous;
    bool keyword = false;
};

// The help line; empty where no mend is found. Calls the parser a few times.
[[nodiscard]] std::string mend(const Refused& at);

}  // namespace cairn::sql
