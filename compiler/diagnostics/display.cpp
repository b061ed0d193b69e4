#include "compiler/diagnostics/display.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace cairn::compiler {

namespace {

using Range = std::pair<char32_t, char32_t>;

// Characters of two columns (East Asian Width W and F, and emoji); the locale's own table is not
// asked, so that output is the same everywhere.
constexpr auto wide = std::to_array<Range>({
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x25FD, 0x25FE},
    {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26A1, 0x26A1},   {0x26BD, 0x26BE},
    {0x26C4, 0x26C5},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},
    {0x274C, 0x274C},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x16FE0, 0x18AFF}, {0x1B000, 0x1B2FF}, {0x1F004, 0x1F004},
    {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F200, 0x1F320},
    {0x1F32D, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB}, {0x1F90C, 0x1F9FF},
    {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
});
// Characters that stand over or join the one before.
constexpr auto zero = std::to_array<Range>({
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},   {0x0610, 0x061A},   {0x064B, 0x065F},
    {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D},   {0x0E31, 0x0E31},   {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},   {0x200B, 0x200D},   {0x20D0, 0x20FF},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0x1F3FB, 0x1F3FF}, {0xE0100, 0xE01EF},
});
// Characters that steer a terminal or turn the direction of what follows.
constexpr auto steering = std::to_array<Range>({
    {0x00, 0x1F},
    {0x7F, 0x9F},
    {0x200E, 0x200F},
    {0x2028, 0x202E},
    {0x2060, 0x206F},
    {0xFEFF, 0xFEFF},
});

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
    const auto after =
        std::upper_bound(ranges.begin(), ranges.end(), c,
                         [](char32_t value, const Range& r) { return value < r.first; });
    return after != ranges.begin() && c <= std::prev(after)->second;
}

// One character as shown: its bytes in the line, its text and columns.
struct Cell {
    std::size_t begin = 0;
    std::string text;
    std::size_t columns = 1;
};

std::size_t length_of(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC2 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    if (length == 0 || at + length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) return 0;
    }
    return length;
}

char32_t decode(std::string_view bytes) {
    const auto first = static_cast<unsigned char>(bytes[0]);
    if (bytes.size() == 1) return first;
    char32_t c = first & (0xFFU >> (bytes.size() + 1));
    for (std::size_t i = 1; i < bytes.size(); ++i) {
        c = (c << 6U) | (static_cast<unsigned char>(bytes[i]) & 0x3FU);
    }
    return c;
}

constexpr std::size_t tab_stop = 4;

template <typename Sink>
void each_cell(std::string_view text, std::size_t begin, std::size_t end, Sink&& sink) {
    std::size_t column = 0;
    for (std::size_t at = begin; at < end;) {
        const std::size_t length = length_of(text, at);
        Cell cell{.begin = at, .text = "\xEF\xBF\xBD", .columns = 1};
        if (length > 0) {
            const auto bytes = text.substr(at, length);
            const char32_t c = decode(bytes);
            if (c == '\t') {
                cell.columns = tab_stop - column % tab_stop;
                cell.text.assign(cell.columns, ' ');
            } else if (!within(steering, c)) {
                cell.text = bytes;
                cell.columns = within(wide, c) ? 2 : within(zero, c) ? 0 : 1;
            }
        }
        column += cell.columns;
        at += std::max<std::size_t>(length, 1);
        sink(std::move(cell));
    }
}

std::size_t aligned(std::string_view text, std::size_t at) {
    for (int i = 0; i < 3 && at > 0 && at < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U) break;
        --at;
    }
    return at;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t columns = 0;
    each_cell(text, 0, text.size(), [&](const Cell& cell) { columns += cell.columns; });
    return columns;
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    each_cell(text, 0, text.size(), [&](const Cell& cell) { out += cell.text; });
    return out;
}

ShownLine show_line(const Source& source, const Span& span, std::size_t width) {
    const std::string_view line = source.line(source.position(span.begin).line);
    const auto line_begin = static_cast<std::size_t>(line.data() - source.text().data());
    const auto in_line = [&](std::size_t offset) {
        return offset < line_begin ? 0 : std::min(offset - line_begin, line.size());
    };
    const std::size_t begin = in_line(span.begin), end = std::max(begin, in_line(span.end));

    // Of a line of megabytes only the neighbourhood of the span is looked at.
    const std::size_t reach = 4 * width;
    const std::size_t from = begin > reach ? aligned(line, begin - reach) : 0;
    const std::size_t to = line.size() - begin > reach ? aligned(line, begin + reach) : line.size();
    std::vector<Cell> cells;
    if (from == 0 && line.starts_with("\xEF\xBB\xBF")) {
        each_cell(line, 3, std::max<std::size_t>(to, 3),
                  [&](Cell cell) { cells.push_back(std::move(cell)); });
    } else {
        each_cell(line, from, to, [&](Cell cell) { cells.push_back(std::move(cell)); });
    }

    std::size_t total = 0, before = 0;
    for (const Cell& cell : cells) {
        if (cell.begin < begin) before += cell.columns;
        total += cell.columns;
    }
    std::size_t first = 0, last = cells.size();
    bool cut_left = from > 0, cut_right = to < line.size();
    if (total > width || cut_left || cut_right) {
        // The span starts in the first third of the window; what fits after it is shown.
        const std::size_t room = width - 2;
        const std::size_t keep =
            std::min(before, total - before < room ? room - (total - before) : room / 3);
        for (std::size_t dropped = before; dropped > keep && first < cells.size(); ++first) {
            dropped -= std::min(dropped, cells[first].columns);
            cut_left = true;
        }
        std::size_t shown = 0;
        for (last = first; last < cells.size() && shown + cells[last].columns <= room; ++last) {
            shown += cells[last].columns;
        }
        cut_right = cut_right || last < cells.size();
    }

    ShownLine out;
    out.length = 0;
    if (cut_left) out.text = "…", out.indent = 1;
    for (std::size_t i = first; i < last; ++i) {
        if (cells[i].begin < begin) out.indent += cells[i].columns;
        if (cells[i].begin >= begin && cells[i].begin < end) out.length += cells[i].columns;
        out.text += cells[i].text;
    }
    if (cut_right) out.text += "…";
    while (out.text.ends_with(' ')) out.text.pop_back();
    out.length = std::max<std::size_t>(out.length, 1);
    return out;
}

}  // namespace cairn::compiler
