#include "runtime/adopt/both_ways.hpp"

#include <algorithm>
#include <array>

#include "runtime/adopt/lexical.hpp"
#include "runtime/adopt/tool.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

enum class Way { none, up, down };

// Words without what stands around them: `-- +Down`, `-----Down Migration-----`.
Way way_of(std::string_view comment) {
    constexpr std::array up{std::string_view("up"), std::string_view("ups"),
                            std::string_view("up migration"), std::string_view("migration up"),
                            std::string_view("migrate up"), std::string_view("rambler up"),
                            std::string_view("micrate up")};
    constexpr std::array down{std::string_view("down"), std::string_view("downs"),
                              std::string_view("down migration"), std::string_view("migration down"),
                              std::string_view("migrate down"), std::string_view("rambler down"),
                              std::string_view("micrate down"), std::string_view("undo"),
                              std::string_view("rollback")};
    std::string words;
    for (const char c : lower(comment)) {
        const bool letter = c >= 'a' && c <= 'z';
        const bool around = std::string_view("-+@!/:# \t\r").find(c) != std::string_view::npos;
        if (!letter && !around) return Way::none;
        if (letter)
            words += c;
        else if (!words.empty() && words.back() != ' ')
            words += ' ';
    }
    if (words.ends_with(' ')) words.pop_back();
    if (std::find(up.begin(), up.end(), words) != up.end()) return Way::up;
    return std::find(down.begin(), down.end(), words) != down.end() ? Way::down : Way::none;
}

bool holds_statement(std::string_view text) {
    const auto parts = parts_of(text);
    return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
        return part.region != Region::comment &&
               !trim(text.substr(part.begin, part.end - part.begin)).empty();
    });
}

}  // namespace

std::optional<BothWays> both_ways(const Folder& folder, const File& file) {
    const std::string& text = folder.text(file);
    const auto parts = parts_of(text);
    BothWays out;
    std::uint32_t begin = Folder::begin_of(text);
    bool is_down = false, found = false;
    const auto close = [&](std::uint32_t end) {
        (is_down ? out.down : out.up).append(part_of(folder, file, begin, end));
    };
    auto part = parts.begin();
    for (const Line& line : lines_of(text)) {
        const std::string_view comment = trim(line.text);
        if (!comment.starts_with("--")) continue;
        const auto at = static_cast<std::uint32_t>(line.begin + (comment.data() - line.text.data()));
        while (part != parts.end() && part->end <= at) ++part;
        if (part == parts.end() || part->region != Region::comment) continue;
        const Way way = way_of(comment);
        if (way == Way::none) continue;
        close(line.begin);
        begin = line.next;
        out.is_told = out.is_told || way == Way::up;
        is_down = way == Way::down;
        if (is_down && !found) out.back = {file.source, {line.begin, line.end}};
        found = found || is_down;
    }
    close(static_cast<std::uint32_t>(text.size()));
    if (!found || !holds_statement(out.down.text)) return std::nullopt;
    return out;
}

}  // namespace cairn::adopt
