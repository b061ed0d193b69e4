// Gives kept rows back, and never over what others have written since.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/undo/on_conflict.hpp"
#include "runtime/undo/rows/kept.hpp"

namespace cairn::undo {

// A row that somebody else has written since.
struct Conflict {
    std::string table;  // quoted and qualified
    std::string key;    // `(id)=(7)`; of a table without a key the whole row
    std::string kept;   // what would be given back: the row as text, or `no row`; empty: not known, and `now` says it all
    std::string now;    // what stands there, or `no row`
    bool stays = false; // force has left it too: what others have written can't be overwritten, or it is not known which row it is
    bool beside = false; // of a table without a key: which row it is now is not known, so that what force gives back stands beside it
};

inline constexpr std::size_t listed_conflicts = 100;

struct RestoreResult {
    bool gave_back = true;  // false: conflicts stand in the way, whatever the mode
    std::uint64_t restored = 0;       // rows changed, taken away or put in
    std::vector<Conflict> conflicts;  // the first listed_conflicts
    std::uint64_t conflict_count = 0;
    std::set<std::string> written_anew;  // tables all of whose rows others' ALTER TABLE has written: who wrote them before does not show
    // 32-bit ids of the transaction and subtransactions that wrote rows: the journal has to count them among the run's own
    // before the next restore(), of the same transaction too, or that takes these rows for somebody else's.
    std::vector<std::string> xids;
    // Constraints (pg_constraint.oid) that stood in the way and were made again: which, and as which.
    std::vector<std::pair<std::string, std::string>> remade;
};

// Looks for conflicts in the state that the stretch has left, before its schema is led back: needed where a stretch has
// kept columns (their values now are gone once the column has its old type again). Conflicting rows are marked, and
// restore() leaves them out unless forced. For stretches of statements that change rows restore() looks by itself.
[[nodiscard]] std::variant<RestoreResult, compiler::Diagnostic> look_for_conflicts(postgres::Session&, const Kept&,
                                                                                   const std::string& own_xids);

// Between look_for_conflicts() and the schema: in `statements` that give columns their old types back by a cast of the text
// (`ALTER TABLE t ALTER COLUMN c TYPE x USING c::text::x`) or by NULL, puts the kept values in its place, for the rows that
// have one. No cast leads from true back to 7, a row is found again by its key, and unique constraints hold throughout.
// restore() then has no more to do with these columns. Rows without a key get theirs from restore() alone.
[[nodiscard]] std::optional<compiler::Diagnostic> use_kept_values(postgres::Session&, Kept&, OnConflict,
                                                                  std::vector<std::string>& statements);

// Gives one stretch's rows back, inside the undo's transaction; tables and columns must have their names of then. Of
// How::table and How::columns: when the columns are there again, and before NOT NULL, foreign keys and unique constraints
// that they carried are. User triggers and rules are off meanwhile, row security does not filter, foreign keys hold at the end.
// Under `stop` with conflicts nothing has been changed. Sequences are put back where nobody has moved them since.
// C0863 the table is gone or another, C0864 it lacks a kept column, C0865 the server refused, C0867 a kept table is gone.
[[nodiscard]] std::variant<RestoreResult, compiler::Diagnostic> restore(postgres::Session&, const Kept&, OnConflict,
                                                                        const std::string& own_xids);

// Whether that undo has left anything as others have written it.
[[nodiscard]] bool leaves_something(const RestoreResult&, OnConflict);

// A line for each conflict that did not stop a skipping or forced undo, for the journal.
[[nodiscard]] std::vector<std::string> in_words(const RestoreResult&, OnConflict);

// The conflicts as one diagnostic (C0820), the first ten in words.
[[nodiscard]] compiler::Diagnostic conflicts_found(const RestoreResult&);

}  // namespace cairn::undo
