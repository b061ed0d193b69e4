#include "grammar/bytes.hpp"

#include <algorithm>

#include "grammar/codes.hpp"

namespace cairn::grammar {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t most_reported =
    20;  // of one kind: a file in another encoding is full of them

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string hexadecimal(char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    return {'0', 'x', digits[byte >> 4], digits[byte & 15]};
}

// The first byte that can't stand in a plan, from `at` on.
std::size_t find_bad(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        if (static_cast<unsigned char>(text[at]) - 1U < 0x7FU) {
            ++at;
            continue;
        }
        const std::size_t length = text[at] == '\0' ? 0 : utf8_length(text.substr(at));
        if (length == 0) return at;
        at += length;
    }
    return at;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length),
                     continues)) {
        return 0;
    }
    const auto second = static_cast<unsigned char>(text[1]);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second >= 0xA0;
    const bool too_high = lead == 0xF4 && second >= 0x90;
    return overlong || surrogate || too_high ? 0 : length;
}

Readable make_readable(std::string_view file) {
    Readable out;
    if (file.size() > max_file_size) {
        out.too_large = true;
        out.errors.push_back({code::too_large, {0, 0}, "the file is larger than 64 MB", {}});
        return out;
    }
    const bool marked = file.starts_with(byte_order_mark);
    std::size_t bad = find_bad(file, 0);
    if (!marked && bad == file.size()) return out;

    std::string& mended = out.mended.emplace(file);
    if (marked) std::fill_n(mended.begin(), byte_order_mark.size(), ' ');
    for (; bad < file.size(); bad = find_bad(file, bad + 1)) {
        mended[bad] = ' ';
        if (out.errors.size() >= most_reported) continue;
        const auto at = static_cast<std::uint32_t>(bad);
        if (file[bad] == '\0') {
            out.errors.push_back(
                {code::nul_byte, {at, at + 1}, "a plan can't hold a NUL byte", {}});
        } else {
            out.errors.push_back({code::not_utf8,
                                  {at, at + 1},
                                  "a plan is UTF-8, and " + hexadecimal(file[bad]) + " is not",
                                  {}});
        }
    }
    return out;
}

}  // namespace cairn::grammar
