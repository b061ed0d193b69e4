// The one layout of plan files: indentation, blanks and blank lines. Words, strings, SQL and
// comments stay as they are.
//
// Two blanks a level; a statement, and a clause where there are several or where the braces were
// broken over lines, begins a line; a line that the author broke inside a clause stays broken and
// is indented by one level; one blank between words and nothing aligned; at most one blank line in
// a row, none behind `{` or before `}`. The first line end of the text decides for all but those in
// SQL; a byte order mark is dropped.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::compiler {

struct Formatted {
    std::optional<std::string> text;  // absent where the plan has syntax errors
    Diagnostics diagnostics;          // these
};
// Idempotent, and in time linear in the text. `source` is where the diagnostics place it.
[[nodiscard]] Formatted format_plan(std::string_view text, SourceId source = {});

}  // namespace cairn::compiler
