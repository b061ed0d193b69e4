// What other runs have kept of the tables whose rows a stretch gives back.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "runtime/journal/database_journal.hpp"
#include "runtime/undo/on_conflict.hpp"
#include "runtime/undo/rows/restore.hpp"
#include "runtime/undo/rows/standing.hpp"

namespace cairn::undo {

// Of one stretch, in its undo's transaction, in this order. `kept`: its rows, which live longer than this.
class OtherRuns {
public:
    OtherRuns(postgres::Session& session, journal::DatabaseJournal& journal, const Kept& kept) : session_(session), journal_(journal), kept_(kept) {}

    // Before these tables are written anew, which hides who has written their rows: marks what others have written. Locks them.
    [[nodiscard]] std::optional<compiler::Diagnostic> mark_earlier(const std::set<std::uint32_t>& tables);
    // What stands of a later run is a later write, whoever was the last to touch the row. False: it could not be told.
    [[nodiscard]] std::variant<bool, compiler::Diagnostic> mark_later();
    // Rows that this undo has given back are no later writes to other runs; those that it left, or took from a later run by force, are.
    [[nodiscard]] std::optional<compiler::Diagnostic> tell(const RestoreResult&, OnConflict);

private:
    [[nodiscard]] std::optional<compiler::Diagnostic> find_standing();
    template <class Each>
    std::variant<bool, compiler::Diagnostic> with_each(bool later, const Each& each);

    postgres::Session& session_;
    journal::DatabaseJournal& journal_;
    const Kept& kept_;
    std::vector<StandingRows> standing_;  // of the tables of this stretch, of all runs
    std::ptrdiff_t own_place_ = 0;        // of this stretch among them
    bool marked_earlier_ = false;         // what others have written is marked among all that was kept before, and can't be hidden any more
};

}  // namespace cairn::undo
