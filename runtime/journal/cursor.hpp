// How far a batch has come: written in each range's own transaction, into the undo trail (kind `cursor`).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::journal {

struct Cursor {
    int range = 0;                     // from 1
    std::optional<std::string> after;  // the keys of the range: beyond this one …
    std::string last;                  // … and up to this one
    std::string end;                   // the batch's last key, fixed when it began
    std::int64_t rows = 0;             // that its statements changed, from the first range on
    std::int64_t visited = 0;          // rows of the ranges, from the first on
    std::int64_t size = 0;             // how many rows a range took when it was written
    bool copied = false;               // its old rows are in the batch's kept table (runtime/undo/batch)
    [[nodiscard]] bool is_at_end() const { return last == end; }
};

// Each range has room for this many entries in the trail: the rows that it keeps, and then its cursor.
inline constexpr int entries_a_range = 256;
[[nodiscard]] constexpr int first_seq(int range) { return range * entries_a_range; }
[[nodiscard]] constexpr int cursor_seq(int range) { return range * entries_a_range + entries_a_range - 1; }

// Where the trail says what holds the old rows of all ranges that were copied (kind `difference`).
inline constexpr int copies_seq = 0;

// Adds the range to the trail; without `keep_former` in the place of those before it, which nobody will go back over.
[[nodiscard]] std::vector<postgres::Command> note_cursor(const std::string& run, compiler::ItemId, const Cursor&, bool keep_former);
// The last range that has committed and is not undone; nullopt: none.
[[nodiscard]] std::variant<std::optional<Cursor>, compiler::Diagnostic> last_cursor(postgres::Session&, const std::string& run,
                                                                                    compiler::ItemId);

// What the trail holds beside the cursor: JSON of undo::Entry, the last one first.
[[nodiscard]] std::variant<std::vector<std::string>, compiler::Diagnostic> entries_of(postgres::Session&, const std::string& run,
                                                                                      compiler::ItemId, int range);
// The same of copies_seq: nullopt as long as no range was copied.
[[nodiscard]] std::variant<std::optional<std::string>, compiler::Diagnostic> copies_of(postgres::Session&, const std::string& run,
                                                                                       compiler::ItemId);
// Takes the range out of the trail again, inside the transaction that has undone it; `xids`: 32-bit ids of its subtransactions.
[[nodiscard]] std::vector<postgres::Command> forget_range(const std::string& run, compiler::ItemId, int range,
                                                          const std::vector<std::string>& xids);

}  // namespace cairn::journal
