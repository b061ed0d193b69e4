// What the definitions of objects were made of when steps had made them whose way back is a rule, kept in the undo trail beside the statements
// that drop them. Mostly the transaction that wrote a part last tells whether others have changed it; where rows of the catalogs are
// written without a change (by VACUUM FULL, say) the value must.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "runtime/journal/database_journal.hpp"

namespace cairn::journal {

// Whether the inverse drops its object, and what is known of such objects: others may have changed it since.
[[nodiscard]] bool has_parts(const UndoRow&);

// Writes all parts of the objects of these rows, which stand in the trail, as they are now: at once, where later nobody could tell who has
// written them (behind a statement outside of a transaction; has_unknown_writer()). Only if there is one that has_parts().
[[nodiscard]] postgres::Command note_parts(const std::string& run, const std::vector<UndoRow>&);

[[nodiscard]] bool has_unknown_writer(const UndoRow&);

// When a run ends or stops: one statement for all its steps, which costs a tenth of one a step. Without it (the runner was killed) a part
// counts as changed when others have written its row. kinds_to_note(): query of the kinds of object, for note_all(), which notes
// values that the run itself has left, by its transactions `own_xids`.
[[nodiscard]] postgres::Command kinds_to_note(const std::string& run);
[[nodiscard]] postgres::Command note_all(const std::string& run, const std::vector<std::string>& kinds, const std::string& own_xids);

// Query of rows (seq, "column b, its comment"): which entries of the trail have parts that others have written since, others than the
// transactions of `settled_xids`. `rows` bear the identities that their objects have now.
[[nodiscard]] postgres::Command changed_parts(const std::string& run, const std::vector<UndoRow>& rows, const std::string& settled_xids);

}  // namespace cairn::journal
