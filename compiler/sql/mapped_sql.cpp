#include "compiler/sql/mapped_sql.hpp"

#include <algorithm>

namespace cairn::sql {
namespace {

using Segment = MappedSql::Segment;

std::uint32_t length(const Location& where) {
    return where.span.end - where.span.begin;
}

bool corresponds(const Segment& segment) {
    return segment.length == length(segment.from);
}

// The segment that byte `offset` stands in or comes after; the first for text before all segments.
const Segment& segment_of(const std::vector<Segment>& segments, std::uint32_t offset) {
    auto after = std::upper_bound(segments.begin(), segments.end(), offset,
                                  [](std::uint32_t o, const Segment& s) { return o < s.begin; });
    return after == segments.begin() ? *after : *(after - 1);
}

bool inside(const Segment& segment, std::uint32_t offset) {
    return offset >= segment.begin && offset < segment.begin + segment.length;
}

// Where the byte at `offset` was written: one byte, or all that its segment stands for.
grammar::Span origin(const Segment& segment, std::uint32_t offset) {
    if (!inside(segment, offset) || !corresponds(segment)) return segment.from.span;
    const std::uint32_t at = segment.from.span.begin + (offset - segment.begin);
    return {at, at + 1};
}

}  // namespace

void MappedSql::append(const MappedSql& other) {
    const auto shift = static_cast<std::uint32_t>(text.size());
    text += other.text;
    for (Segment segment : other.segments) {
        segment.begin += shift;
        segments.push_back(segment);
    }
}

void MappedSql::append(std::string_view written, Location from) {
    segments.push_back({.begin = static_cast<std::uint32_t>(text.size()),
                        .length = static_cast<std::uint32_t>(written.size()),
                        .from = from});
    text += written;
}

MappedSql MappedSql::slice(std::uint32_t begin, std::uint32_t end) const {
    end = std::min(end, static_cast<std::uint32_t>(text.size()));
    begin = std::min(begin, end);
    MappedSql out;
    out.text = text.substr(begin, end - begin);
    for (const Segment& segment : segments) {
        const std::uint32_t from = std::max(begin, segment.begin);
        const std::uint32_t to = std::min(end, segment.begin + segment.length);
        if (from >= to) continue;
        Segment part{.begin = from - begin, .length = to - from, .from = segment.from};
        if (corresponds(segment)) {
            part.from.span.begin += from - segment.begin;
            part.from.span.end = part.from.span.begin + part.length;
        }
        out.segments.push_back(part);
    }
    return out;
}

Location MappedSql::locate(std::uint32_t begin, std::uint32_t end) const {
    if (segments.empty()) return {};
    const Segment& first = segment_of(segments, begin);
    Location where = first.from;
    if (begin >= end) {  // a place between bytes
        if (corresponds(first)) {
            const std::uint32_t last = first.begin + first.length;
            const std::uint32_t offset = std::clamp(begin, first.begin, last) - first.begin;
            where.span.begin += offset;
        }
        where.span.end = where.span.begin;
        return where;
    }
    where.span = origin(first, begin);
    const Segment& last = segment_of(segments, end - 1);
    if (last.from.source == first.from.source) {
        where.span.end = std::max(where.span.end, origin(last, end - 1).end);
    } else {
        where.span.end = first.from.span.end;
    }
    return where;
}

std::uint32_t MappedSql::byte_of_character(std::uint32_t position) const {
    std::uint32_t character = 0;
    for (std::uint32_t byte = 0; byte < text.size(); ++byte) {
        const bool continues = (static_cast<unsigned char>(text[byte]) & 0xC0U) == 0x80U;
        if (!continues && ++character == position) return byte;
    }
    return position == 0 ? 0 : static_cast<std::uint32_t>(text.size());
}

}  // namespace cairn::sql
