// Whether a second apply gave what the first one gave.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/catalog/state.hpp"
#include "runtime/rehearse/databases.hpp"

namespace cairn::rehearse {

// How things stand after an apply.
struct EndState {
    States states;
    std::map<std::string, catalog::ColumnContents> columns;  // by role
    // Columns whose values may differ from one apply to the next: moments, UUIDs, what a volatile
    // default or a sequence gives, and foreign keys to such columns.
    std::map<std::string, std::set<std::string>> volatile_columns;
};
[[nodiscard]] std::variant<EndState, compiler::Diagnostic> read_end_state(Databases&);

struct Again {
    std::vector<std::string>
        differences;  // in definitions, counts of rows, and values that should be the same
    std::vector<std::string> notes;  // in values that may differ
};
[[nodiscard]] Again compare_applies(const EndState& first, const EndState& second);

// Of the same rows other values, or the same values in other rows.
[[nodiscard]] bool is_of_values(const std::string& difference);
// Differences in values that `fresh`, of two applies that both had a fresh start, has too become notes.
void set_apart(const Again& fresh, Again& again);

// Puts sequences back to where they stood, so that the second apply draws the values that the first
// one drew.
void reset_sequences(Databases&, const States& start);

}  // namespace cairn::rehearse
