// Names, SQL and values, wherever they stand in a plan.
#pragma once

#include <string>
#include <vector>

#include "grammar/span.hpp"

namespace cairn::grammar {

struct Part {
    bool is_placeholder = false;
    std::string
        text;   // literal text with escapes resolved, or the placeholder's name without braces
    Span span;  // of the text as written, braces included
};

// A name, string or relation as written: text and placeholders in their order.
struct Template {
    std::vector<Part> parts;
    Span span;            // with its quotes, if any
    bool quoted = false;  // "…" or '…'

    [[nodiscard]] bool has_placeholders() const;
    [[nodiscard]] std::string written() const;  // placeholders as `{name}`, without quotes
};

// SQL between $$ … $$ or $tag$ … $tag$, verbatim.
struct Sql {
    std::string text;
    Span span;     // of the text between the delimiters
    Span literal;  // with the delimiters
};

enum class ValueKind { word, string, number, percent, duration, size, instant };

// A literal. `text` is as written (a string's without quotes); the number, percent, duration and
// size are read by grammar/literal.hpp.
struct Value {
    ValueKind kind = ValueKind::word;
    Template text;
    Span span;
};

}  // namespace cairn::grammar
