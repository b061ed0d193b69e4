// Looks, before an inverse runs, whether it would drop what somebody else has made or written since.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/journal/database_journal.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::undo {

struct GuardResult {
    std::optional<compiler::Diagnostic> conflict;  // C0820 rows by others, C0821 another object of that name
    bool gone = false;                            // C0821 because the object is no longer there
    std::optional<postgres::Answer> failure;       // the looking itself failed
};

// Which of these entries drop objects that others have changed since, and in words what of them: by their number in the trail. The
// trail is that of one item, of which nothing has been undone yet in this transaction.
[[nodiscard]] std::variant<std::map<int, std::string>, compiler::Diagnostic> changed_since(postgres::Session&, journal::DatabaseJournal&,
                                                                                           std::vector<journal::UndoRow>);
// Inside the undo's transaction. Locks a guarded relation first, so that nobody writes between the look and
// the drop. Rows are this run's own when a transaction of the run wrote them (xmin). `changed` comes from changed_since().
[[nodiscard]] GuardResult look_before_undo(postgres::Session&, journal::DatabaseJournal&, const journal::UndoRow&,
                                           const std::map<int, std::string>& changed);

// What the undo makes of a column that stays.
struct Again {
    std::string computed{};  // the expression that it is computed from again
    std::string type{};      // the type that it has again
};
// The rows alone, of a relation or column named by row.object.
[[nodiscard]] GuardResult look_at_rows(postgres::Session&, const journal::DatabaseJournal&, const journal::UndoRow&, const Again& again = {});

// What a DROP of the relation or column would silently take along although somebody else has made it: indexes, constraints, triggers, policies,
// partitions. `known`: what is to go, or was there already, as "pg_class 16384".
[[nodiscard]] GuardResult look_at_parts(postgres::Session&, const journal::DatabaseJournal&, const journal::UndoRow&, const std::vector<std::string>& known = {});

// What was found, for the journal, by an undo that goes on: `left`, or done all the same. One line, without what holds only of one that stops.
[[nodiscard]] std::string gone_on(const compiler::Diagnostic& found, bool left);

}  // namespace cairn::undo
