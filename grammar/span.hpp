// A half-open range of bytes in one source: where something stands in a plan or an SQL file.
#pragma once

#include <cstdint>

namespace cairn::grammar {

struct Span {
    std::uint32_t begin = 0;  // first byte
    std::uint32_t end = 0;    // one past the last byte; end == begin is a position between bytes

    friend bool operator==(const Span&, const Span&) = default;
};

}  // namespace cairn::grammar
