// Literals with their placeholders replaced, read as what a clause asks for.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "compiler/resolve/words.hpp"
#include "grammar/syntax.hpp"

namespace cairn::compiler {

// Each gives nullopt when the value is of another kind or out of range; a string that holds such a
// literal is one too, so that a parameter can carry it.
class Values {
public:
    Values(const Words& words, const Turn* turn) : words_(words), turn_(turn) {}

    [[nodiscard]] std::string text(const grammar::Value&) const;
    [[nodiscard]] std::optional<std::chrono::milliseconds> duration(const grammar::Value&) const;
    [[nodiscard]] std::optional<std::int64_t> size(const grammar::Value&) const;
    [[nodiscard]] std::optional<double> number(const grammar::Value&) const;
    [[nodiscard]] std::optional<std::int64_t> whole(const grammar::Value&) const;  // 0, 1, 2, …
    [[nodiscard]] std::optional<std::chrono::sys_seconds> instant(const grammar::Value&) const;
    // A placeholder without a value stands in it: nothing can be said about it.
    [[nodiscard]] bool is_open(const grammar::Value& v) const { return words_.is_open(v.text, turn_); }

private:
    const Words& words_;
    const Turn* turn_;
};

}  // namespace cairn::compiler
