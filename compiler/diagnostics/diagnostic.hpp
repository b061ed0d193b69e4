// A diagnostic: what was seen, where, and what to do about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/source.hpp"

namespace cairn::compiler {

enum class Severity { error, warning, note };

// A second place that belongs to the same message (`first declared here`).
struct Label {
    Location where;
    std::string text;
};

struct Diagnostic {
    Severity severity = Severity::error;
    std::uint16_t code = 0;           // 203 is C0203; declared in catalogue.hpp
    std::optional<Location> where{};  // absent: not about a place in the plan (a server, the command line)
    std::string message{};            // lower case, no full stop, the user's words in `backticks`
    std::string help{};               // at most one line that can be typed as it stands
    std::vector<Label> labels{};
};

// Collects; the phases carry on after an error.
class Diagnostics {
public:
    void add(Diagnostic d) { list_.push_back(std::move(d)); }
    [[nodiscard]] bool has_errors() const;
    [[nodiscard]] const std::vector<Diagnostic>& list() const { return list_; }
    void sort();  // by source and position; doubles of one place and code removed

private:
    std::vector<Diagnostic> list_;
};

[[nodiscard]] std::string code_name(std::uint16_t code);  // 203 -> "C0203"
[[nodiscard]] const char* name(Severity);                 // "error", "warning", "note"

// The text form shown in cli.md, several lines, each with its newline; `color` adds ANSI colours.
[[nodiscard]] std::string to_text(const Diagnostic&, const Sources&, bool color);
// {"file","line","column","end_line","end_column","severity","code","message","help"}, serialised,
// beside them "labels" where there are some. The end is exclusive; what is absent is null.
[[nodiscard]] std::string to_json(const Diagnostic&, const Sources&);

}  // namespace cairn::compiler
