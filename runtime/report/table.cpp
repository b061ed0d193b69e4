#include "runtime/report/table.hpp"

#include <algorithm>

#include "compiler/diagnostics/display.hpp"
#include "runtime/execute/compare.hpp"

namespace cairn::report {

namespace {

using compiler::display_width;

constexpr std::string_view gap = "  ";

struct Column {
    std::size_t width = 0;
    bool numeric = true;  // every value that is not NULL is a number
};

bool is_number(const std::string& text) {
    return execute::compare_numbers(text, "0").has_value();
}

// Of each column as far as they find room in the width; at least one.
std::vector<Column> measure(const std::vector<std::string>& names, const std::vector<Row>& rows,
                            const TableStyle& style) {
    std::vector<Column> columns;
    std::size_t room = style.width > style.indent.size() ? style.width - style.indent.size() : 0;
    for (std::size_t c = 0; c < names.size(); ++c) {
        Column column{.width = display_width(fit(names[c], style.longest))};
        bool has_value = false;
        for (const Row& row : rows) {
            if (c >= row.size()) continue;
            column.width = std::max(column.width,
                                    display_width(fit(row[c].value_or(style.null), style.longest)));
            if (!row[c]) continue;
            has_value = true;
            if (!is_number(*row[c])) column.numeric = false;
        }
        column.numeric = column.numeric && has_value;
        const std::size_t takes = column.width + (columns.empty() ? 0 : gap.size());
        if (!columns.empty() && takes > room) break;
        room -= std::min(takes, room);
        columns.push_back(column);
    }
    return columns;
}

std::string set(const std::string& text, const Column& column) {
    const std::string shown = fit(text, column.width);
    const std::string blanks(column.width - display_width(shown), ' ');
    return column.numeric ? blanks + shown : shown + blanks;
}

std::string finished(std::string line, bool is_cut) {
    if (is_cut) line.append(gap).append("…");
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line + "\n";
}

}  // namespace

std::string fit(const std::string& text, std::size_t width) {
    std::string shown = compiler::printable(text);
    if (display_width(shown) <= width) return shown;
    if (width == 0) return {};
    std::string out;
    std::size_t taken = 0;
    for (std::size_t at = 0; at < shown.size();) {
        std::size_t next = at + 1;
        while (next < shown.size() && (static_cast<unsigned char>(shown[next]) & 0xC0) == 0x80)
            ++next;
        const std::string character = shown.substr(at, next - at);
        taken += display_width(character);
        if (taken > width - 1) break;
        out += character;
        at = next;
    }
    return out + "…";
}

std::string pad(const std::string& text, std::size_t width) {
    std::string shown = fit(text, width);
    shown.append(width - std::min(width, display_width(shown)), ' ');
    return shown;
}

std::string table(const std::vector<std::string>& names, const std::vector<Row>& rows,
                  const TableStyle& style) {
    const auto columns = measure(names, rows, style);
    const bool is_cut = columns.size() < names.size();
    std::string heading = style.indent, rule = style.indent, body;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (c > 0) heading.append(gap), rule.append(gap);
        heading += set(names[c], columns[c]);
        rule.append(columns[c].width, '-');
    }
    for (const Row& row : rows) {
        std::string line = style.indent;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (c > 0) line.append(gap);
            line += set(c < row.size() ? row[c].value_or(style.null) : std::string(), columns[c]);
        }
        body += finished(std::move(line), is_cut);
    }
    return finished(std::move(heading), is_cut) +
           (style.rule ? finished(std::move(rule), false) : "") + body;
}

}  // namespace cairn::report
