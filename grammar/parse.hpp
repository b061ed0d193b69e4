// Reads a plan file's text into its syntax tree, reporting every syntax error of the file at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/layout.hpp"
#include "grammar/syntax.hpp"

namespace cairn::grammar {

// What was seen and what to do; `code` is the number behind C in the catalogue (C01xx).
struct SyntaxError {
    std::uint16_t code = 0;
    Span span;
    std::string message;  // lower case, no full stop
    std::string help;     // can be typed as it stands; may be empty
};

struct Parsed {
    PlanFile plan;  // holds every item that was read whole; broken ones are left out
    std::vector<SyntaxError> errors;  // sorted by position
    std::vector<Template> left_out;   // names of broken items and declarations: not to be missed
};

// Files above this are refused with an error and not read.
inline constexpr std::size_t max_file_size = std::size_t{64} << 20;

// Never throws at bad input; memory and time are linear in the text. `layout`, if asked for, is whole where there are no
// errors.
[[nodiscard]] Parsed parse(std::string_view text, Layout* layout = nullptr);

}  // namespace cairn::grammar
