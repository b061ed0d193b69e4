// SQL text with the way back to the plan: where in the user's sources each part of it was written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source.hpp"

namespace cairn::sql {

using compiler::Location;
using compiler::SourceId;

struct MappedSql {
    // Bytes [begin, begin+length) of `text` came from `from`; where both lengths are equal the bytes
    // correspond one by one, else the whole segment stands for the whole of `from` (a substituted :name).
    // Text between segments was composed by cairn and maps to the segment before it (or the first).
    struct Segment {
        std::uint32_t begin = 0, length = 0;
        Location from;
    };
    std::string text;
    std::vector<Segment> segments;  // ascending, disjoint

    void append(std::string_view composed) { text += composed; }
    void append(const MappedSql& other);
    void append(std::string_view written, Location from);
    [[nodiscard]] MappedSql slice(std::uint32_t begin, std::uint32_t end) const;
    // The place of byte `offset`, or of a range; never outside its source.
    [[nodiscard]] Location locate(std::uint32_t begin, std::uint32_t end) const;
    // PostgreSQL's error positions count characters from 1; turns one into a byte offset in `text`.
    [[nodiscard]] std::uint32_t byte_of_character(std::uint32_t position) const;
};

}  // namespace cairn::sql
