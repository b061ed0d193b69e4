// Keeps what one statement of a batch changes by copying a range's rows before it, without a trigger.
//
// CREATE TRIGGER makes all other writers of the table wait; a copy takes no lock. It is right where the statement can change
// nothing but rows of the range: UPDATE or DELETE of the batch's own table, without triggers, rules and keys that act.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/batch.hpp"
#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/undo/rows/kept.hpp"

namespace cairn::undo {

class RangeCopies {
public:
    // `table` is the batch's; `name` that of the kept table, without its schema: small letters, digits and underscores. nullopt: the step may change more than a copy
    // of the range sees.
    [[nodiscard]] static std::variant<std::optional<RangeCopies>, compiler::Diagnostic> of(postgres::Session&, const compiler::StepItem&,
                                                                                           std::uint32_t table, const std::string& name);

    // All in the range's transaction, REPEATABLE READ: what the copy sees is what the statement changes, or PostgreSQL refuses
    // it with a serialization failure. Before the statement; `first`: the kept table is to be made.
    [[nodiscard]] std::vector<postgres::Command> before(bool first, const compiler::BatchRange&) const;
    // After it; as many rows as the statement has changed are inserted, or some were not of the range.
    [[nodiscard]] postgres::Command after(int range, const compiler::BatchRange&) const;

    // The one kept table of all ranges: as KeptRows says, and beside that the rows' `cairn_range`.
    [[nodiscard]] const KeptRows& rows() const { return rows_; }

private:
    RangeCopies() = default;
    KeptRows rows_;
    std::string column_;  // of the key, as SQL
    std::string before_;  // the range's rows as they were: a temporary table
    bool pins_ = false;   // some are kept as text, which settings shape
};

// The rows of one range as a kept table of their own, for restore(): temporary, until the transaction ends.
[[nodiscard]] std::vector<postgres::Command> take_out(const KeptRows& of_all, int range, KeptRows& of_range);
// Its rows are given back: they go, so that the range's number is free again.
[[nodiscard]] postgres::Command drop_range(const KeptRows& of_all, int range);

}  // namespace cairn::undo
