// A small aligned table for a terminal: wide values are cut, and columns that find no room are left
// out.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace cairn::report {

using Row = std::vector<std::optional<std::string>>;  // NULL is nullopt

struct TableStyle {
    std::string indent{};      // before every line
    std::size_t width = 100;   // columns of the terminal, the indent among them
    std::size_t longest = 40;  // columns of one value
    std::string null = "NULL";
    bool rule = true;  // a line of dashes under the heading
};

// The heading, a rule, and a line a row, each with its newline. A column of numbers is set to the
// right.
[[nodiscard]] std::string table(const std::vector<std::string>& columns,
                                const std::vector<Row>& rows, const TableStyle& style = {});

// `text` cut to `width` terminal columns, with an ellipsis where something is lost; control
// characters replaced.
[[nodiscard]] std::string fit(const std::string& text, std::size_t width);
// fit(), and filled up with blanks to exactly `width`.
[[nodiscard]] std::string pad(const std::string& text, std::size_t width);

}  // namespace cairn::report
