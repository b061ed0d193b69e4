// Undoes one stretch of a step from its entry in the undo trail.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/journal/database_journal.hpp"
#include "runtime/undo/on_conflict.hpp"
#include "runtime/undo/trail.hpp"

namespace cairn::undo {

struct GivenBack {
    std::optional<compiler::Diagnostic> conflict;  // C0820, C0821: others have changed what would be overwritten or dropped
    std::optional<compiler::Diagnostic> error;     // the rows could not be given back
    std::optional<postgres::Answer> refused;       // the server refused `sql`
    std::string sql;
    std::vector<std::string> xids;                 // of the rows given back, for the journal
    std::vector<std::string> said;                 // for the journal: what of others was skipped or overwritten
    std::set<std::uint32_t> tables;                // whose rows were given back
    bool in_part = false;                          // what others have written or changed was left
    bool left = false;                             // nothing was undone, as it was told to skip what others have changed

    [[nodiscard]] bool done() const { return !conflict && !error && !refused; }
};

// Inside the undo's transaction, by the runner's own role. When it is not done() the transaction must be rolled back.
// `elsewhere`: what other stretches of the item have kept. What functions write to those tables meanwhile is taken back too.
[[nodiscard]] GivenBack give_back(postgres::Session&, journal::DatabaseJournal&, const Entry&, OnConflict, const std::vector<KeptRows>& elsewhere = {});

}  // namespace cairn::undo
