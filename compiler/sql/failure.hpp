// Words for SQL that PostgreSQL's scanner or parser refuses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/sql/facts.hpp"
#include "compiler/sql/scan.hpp"

namespace cairn::sql {

// `position` counts characters of `text` from 1, as PostgreSQL's error positions do.
[[nodiscard]] ParseFailure scan_failure(std::string_view message, int position,
                                        const std::string& text);

// A statement the parser refused: `range` are its tokens in `text`, `position` counts characters
// from its begin.
[[nodiscard]] ParseFailure parse_failure(std::string_view message, int position,
                                         const std::string& text, const std::vector<Token>& tokens,
                                         TokenRange range);

}  // namespace cairn::sql
