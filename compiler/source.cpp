#include "compiler/source.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cairn::compiler {

namespace {

bool starts_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

}  // namespace

Source::Source(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)), line_starts_{0} {
    const char* begin = text_.data();
    const char* end = begin + text_.size();
    for (const char* at = begin; at < end; ++at) {
        at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
        if (at == nullptr) break;
        line_starts_.push_back(static_cast<std::uint32_t>(at - begin + 1));
    }
}

LineColumn Source::position(std::uint32_t offset) const {
    offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
    const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const auto start = *std::prev(next);
    // A byte order mark is no column of the first line: editors do not count it.
    const std::uint32_t mark = start == 0 && text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    const auto from = text_.begin() + std::min(start + mark, offset);
    const auto characters = std::count_if(from, text_.begin() + offset, starts_character);
    return {.line = static_cast<std::uint32_t>(next - line_starts_.begin()),
            .column = static_cast<std::uint32_t>(characters) + 1};
}

std::uint32_t Source::offset(LineColumn at) const {
    const std::string_view text = line(at.line);
    if (text.data() == nullptr) return static_cast<std::uint32_t>(text_.size());
    std::size_t byte = at.line == 1 && text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    for (std::uint32_t column = 1; column < at.column && byte < text.size(); ++column) {
        do ++byte;
        while (byte < text.size() && !starts_character(text[byte]));
    }
    return static_cast<std::uint32_t>(static_cast<std::size_t>(text.data() - text_.data()) + byte);
}

std::string_view Source::line(std::uint32_t number) const {
    if (number == 0 || number > line_starts_.size()) return {};
    const std::size_t begin = line_starts_[number - 1];
    std::size_t end = number < line_starts_.size() ? line_starts_[number] - 1 : text_.size();
    if (end > begin && text_[end - 1] == '\r') --end;
    return std::string_view(text_).substr(begin, end - begin);
}

SourceId Sources::add(std::string name, std::string text) {
    sources_.emplace_back(std::move(name), std::move(text));
    return {.index = static_cast<std::uint32_t>(sources_.size() - 1)};
}

}  // namespace cairn::compiler
