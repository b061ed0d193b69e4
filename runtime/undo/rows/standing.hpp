// Rows that the trails of this and of other runs keep: what one run's undo has to leave for another's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/undo/rows/kept.hpp"

namespace cairn::undo {

struct Table;
using Tables = std::map<std::uint32_t, Table>;

// The rows of one table that one stretch of a run has kept, and that can still be given back.
struct StandingRows {
    KeptRows rows;
    std::string run{};
    bool of_this_run = false;
    std::string xids;  // query: transactions whose rows are no later writes to that run
};

// Marks, among kept rows (oldest first), those that others have written since; the tables are locked against writers. False: of some
// other run's it could not be told, for want of rights or because the table has other columns now.
[[nodiscard]] std::variant<bool, compiler::Diagnostic> mark_later_writes(postgres::Session&, const std::vector<StandingRows>&, const Tables&);

// Which of the kept rows of `by` count.
enum class Which { all, written_since };
// Marks the rows of `of` whose keys `by` has kept too. False: they could not be compared.
[[nodiscard]] std::variant<bool, compiler::Diagnostic> mark_kept_by(postgres::Session&, const KeptRows& of, const KeptRows& by, Which);

}  // namespace cairn::undo
