// The parts of a step graph in the words of the language, for every form of the preview.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/graph/step_graph.hpp"

namespace cairn::compiler {

// `3s`, `20min`, `250ms`: the largest unit that says it exactly.
[[nodiscard]] std::string words(milliseconds);
[[nodiscard]] std::string words(std::chrono::sys_seconds);  // 2026-01-15T18:00:00Z
// What a check wants of its query's answer: `returns nothing`, `>= 10`, `true`.
[[nodiscard]] std::string expectation(const Check&);
// `a transaction a range of about 10000 rows of orders by id, pause 50ms`
[[nodiscard]] std::string batch_words(const Batch&);
[[nodiscard]] std::string bytes_in_words(std::int64_t);  // `812 B`, `203 kB`, `12 MB`
[[nodiscard]] std::string joined(const std::vector<std::string>&);  // `a, b, c`
// Program and arguments as one would type them in a shell: quoted where needed.
[[nodiscard]] std::string command_line(const std::vector<std::string>& argv);

// What a rollback runs for one item, in the order in which it runs it.
struct UndoStatement {
    std::string sql{};  // or a command line
    bool only_if_created = false;
    bool guard_rows = false;
};
[[nodiscard]] std::vector<UndoStatement> undo_statements(const Item&);
// Relations whose rows a step undone by difference keeps, as far as its text tells.
[[nodiscard]] std::vector<std::string> kept_relations(const Item&);
// Of these, those that triggers watch meanwhile; a batch copies its ranges wherever it can.
[[nodiscard]] std::vector<std::string> watched_relations(const Item&);

}  // namespace cairn::compiler
