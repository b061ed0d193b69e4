// Tells rows that stand as the run left them from rows that others have written since.
#pragma once

#include "runtime/undo/rows/table.hpp"

namespace cairn::undo {

// This run's transaction ids, the running transaction's among them, as a literal of xid[].
[[nodiscard]] std::variant<std::string, compiler::Diagnostic> read_own_xids(postgres::Session&, const std::string& query);

// Just those of the query.
[[nodiscard]] std::variant<std::string, compiler::Diagnostic> read_xids(postgres::Session&, const std::string& query);

// The row of table alias `t`, kept as `k`, was last written by this run.
[[nodiscard]] std::string is_own(const KeptRows&, const std::string& own, const std::string& t, const std::string& k);

// Who wrote the row of the table that is kept as `k`.
[[nodiscard]] std::string writer_of_kept(const KeptRows&, const std::string& k);

// With a key: `FROM kept k LEFT JOIN table t ON …`, and the condition that others have been there.
[[nodiscard]] std::string kept_beside_table(const KeptRows&);
[[nodiscard]] std::string written_since(const KeptRows&, const std::string& own);
// Without one: a query of (row, missing, nowhere): rows that the stretch put in and that are no longer there as it left them, and how many
// of these are nobody's either. `later`: what was kept of the same table since, and not undone. `replaced_only`: those in whose place others have put the same.
[[nodiscard]] std::string missing_from_bag(const KeptRows&, const std::string& own, const std::vector<const KeptRows*>& later = {}, bool replaced_only = false);

// Others' ALTER TABLE has written all rows anew, as far as can be seen: that hides who wrote them before.
[[nodiscard]] std::variant<bool, compiler::Diagnostic> written_anew(postgres::Session&, const KeptRows&, const std::string& own);

}  // namespace cairn::undo
