#include "compiler/resolve/utf8.hpp"

#include <cstdint>

namespace cairn::compiler {

namespace {

// Length of the valid sequence at `at`, 0 when there is none.
std::size_t sequence_length(std::string_view bytes, std::size_t at) {
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
    };
    const std::uint32_t first = byte(at);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (length == 1) return 1;
    if (first < 0xC2 || first > 0xF4) return 0;
    std::uint32_t value = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) return 0;
        value = (value << 6U) | (byte(at + i) & 0x3FU);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    return value < least[length] || value > 0x10FFFF || surrogate ? 0 : length;
}

}  // namespace

std::optional<TextFault> find_text_fault(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        if (bytes[at] == '\0') return TextFault{"a NUL byte", at};
        const std::size_t length = sequence_length(bytes, at);
        if (length == 0) return TextFault{"an invalid sequence", at};
        at += length;
    }
    return std::nullopt;
}

}  // namespace cairn::compiler
