// The texts a plan is made of (the plan file and the SQL files its steps take in), and places in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/span.hpp"

namespace cairn::compiler {

using grammar::Span;

struct SourceId {
    std::uint32_t index = 0;  // 0 is the plan file
    friend bool operator==(const SourceId&, const SourceId&) = default;
};

// A span in one of the sources.
struct Location {
    SourceId source;
    Span span;
    friend bool operator==(const Location&, const Location&) = default;
};

// Line and column, both from 1; columns count characters (code points), not bytes.
struct LineColumn {
    std::uint32_t line = 1, column = 1;
};

class Source {
public:
    Source(std::string name, std::string text);
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] LineColumn position(std::uint32_t offset) const;  // offset past the end: the end
    [[nodiscard]] std::uint32_t offset(LineColumn) const;  // the way back; past a line's end: its end
    [[nodiscard]] std::string_view line(std::uint32_t number) const;  // from 1, without its newline

private:
    std::string name_, text_;
    std::vector<std::uint32_t> line_starts_;
};

// Owns the sources of one plan. Adding a source leaves ids valid; references from at() last until add().
class Sources {
public:
    SourceId add(std::string name, std::string text);
    [[nodiscard]] const Source& at(SourceId id) const { return sources_.at(id.index); }
    [[nodiscard]] std::size_t size() const { return sources_.size(); }

private:
    std::vector<Source> sources_;
};

}  // namespace cairn::compiler
