// Looks, before an inverse runs, whether it would drop what somebody else has made or written since.
#pragma once

#include <optional>
#include <string>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/journal/database_journal.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::undo {

struct GuardResult {
    std::optional<compiler::Diagnostic> conflict;  // C0820 rows by others, C0821 another object of that name
    bool gone = false;                            // C0821 because the object is no longer there
    std::optional<postgres::Answer> failure;       // the looking itself failed
};

// Inside the undo's transaction. Locks a guarded relation first, so that nobody writes between the look and
// the drop. Rows are this run's own when a transaction of the run wrote them (xmin).
[[nodiscard]] GuardResult look_before_undo(postgres::Session&, journal::DatabaseJournal&, const journal::UndoRow&);

// The rows alone, of a relation or column named by row.object.
[[nodiscard]] GuardResult look_at_rows(postgres::Session&, const journal::DatabaseJournal&, const journal::UndoRow&);

}  // namespace cairn::undo
