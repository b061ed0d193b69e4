// The bytes of a plan file before any grammar: size, UTF-8, NUL, byte order mark.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/parse.hpp"

namespace cairn::grammar {

struct Readable {
    bool too_large = false;             // not to be read at all
    std::optional<std::string> mended;  // with blanks for what can't stand in the file, if anything
    std::vector<SyntaxError> errors;
};

// Offsets in the text are those in the file.
[[nodiscard]] Readable make_readable(std::string_view file);

// Length of the well-formed UTF-8 sequence at the start of `text` (not empty); 0 if it is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

}  // namespace cairn::grammar
