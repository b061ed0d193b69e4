// A script's code told apart from its strings and comments, without failing on what is no SQL.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace cairn::adopt {

enum class Region { code, string, identifier, dollar, comment };

struct Part {
    Region region = Region::code;
    std::uint32_t begin = 0, end = 0;  // bytes, quotes and delimiters included
};

// The parts of a script in order, without gaps. What is never closed goes to the end.
[[nodiscard]] std::vector<Part> parts_of(std::string_view sql);

}  // namespace cairn::adopt
