// The statements that give one table's rows back.
#pragma once

#include "runtime/undo/rows/kept.hpp"
#include "runtime/undo/rows/switches.hpp"

namespace cairn::undo {

// Makes the identities that these statements set ones that may be set, meanwhile.
void let_identities_be_set(const KeptRows&, Switches&);

// With a key. `own`: the run's xids; empty: whoever wrote the row (force). `only`: condition on the kept row `k`.
[[nodiscard]] std::string give_back_changed(const KeptRows&, const std::string& own, const std::string& only = {});  // "" if there is nothing to set
[[nodiscard]] std::string take_away_new(const KeptRows&, const std::string& own, const std::string& only = {});
[[nodiscard]] std::string put_in_gone(const KeptRows&, const std::string& only);
// Where another row of that key stands now (force): it becomes the kept one; where the changed row is gone, it is put in.
[[nodiscard]] std::string overwrite_reinserted(const KeptRows&, const std::string& only);
[[nodiscard]] std::string put_in_missing(const KeptRows&, const std::string& only);

// One row after the other, the last change first, again and again while that gets on: where unique values wander from row
// to row. `statement` of one row, with `k.ctid = $1`; leaves the ctids it could not do in setting cairn.stuck as text.
// Script: leaves in the setting cairn.stuck the ctid of the first kept row that `statement`, of one row by its ctid $1, fails for. Looks at
// ten thousand at most.
[[nodiscard]] std::string first_refused(const KeptRows&, char op, const std::string& statement);
[[nodiscard]] std::string one_by_one(const KeptRows&, char op, const std::string& statement);

// Without a key.
[[nodiscard]] std::string bag_expected(const KeptRows&);      // query: (rows to take away)
[[nodiscard]] std::string take_from_bag(const KeptRows&, const std::string& own);
[[nodiscard]] std::string put_in_bag(const KeptRows&);
// Of the transaction that has kept them. Takes all its rows away: (rows, their hash, rows kept as put in, their hash, whether one is marked
// as written by others): where the first two and the next two are the same, the table has held just what was put in.
[[nodiscard]] std::string take_all_of_bag(const KeptRows&);
[[nodiscard]] std::string put_in_all_of_bag(const KeptRows&);
[[nodiscard]] std::string still_missing_from_bag(const KeptRows&);  // query of rows that are to be put in and are not there

// Values of columns.
[[nodiscard]] std::string give_back_columns(const KeptRows&);
[[nodiscard]] std::string columns_without_match(const KeptRows&);  // no key; query of (rest of the row, kept, now)
[[nodiscard]] std::string columns_left_null(const KeptRows&);      // query of rows; "" if all may be null

}  // namespace cairn::undo
