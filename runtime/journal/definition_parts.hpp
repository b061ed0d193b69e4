// What the definitions of objects were made of when a step had made them: read by SQL alone, cheap enough for every step whose way
// back is a rule, and kept in the undo trail beside the statement that drops the object.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "runtime/journal/database_journal.hpp"

namespace cairn::journal {

// Whether the inverse drops its object, and what is known of such objects: others may have changed it since.
[[nodiscard]] bool has_parts(const UndoRow&);

// SQL of a value (jsonb): parts that the object of this kind and identity, both SQL, has now; for the transaction that has made it, which
// tells of the others who has written them. `rows` with that object among them say which parts are looked for.
[[nodiscard]] std::string parts_now(const std::vector<UndoRow>& rows, const std::string& kind, const std::string& identity);

// Writes all parts of the objects of these rows, which stand in the trail, as they are now: in another transaction than the one that has
// made them, or at the end of a step that has gone on with what it made. Only if there is one that has_parts().
[[nodiscard]] postgres::Command note_parts(const std::string& run, const std::vector<UndoRow>&);

// Query of rows (seq, "column b, its comment"): which entries of the trail have parts that others have written since, others than the
// transactions of `settled_xids`. `rows` bear the identities that their objects have now.
[[nodiscard]] postgres::Command changed_parts(const std::string& run, const std::vector<UndoRow>& rows, const std::string& settled_xids);

}  // namespace cairn::journal
