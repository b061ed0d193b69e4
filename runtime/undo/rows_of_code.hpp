// Takes back what functions write to other tables while an undo gives rows and definitions back: those of checks, generated
// columns and indexes run then, and nobody has kept what they change.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>

#include "runtime/journal/database_journal.hpp"
#include "runtime/undo/rows/capture.hpp"

namespace cairn::undo {

class RowsOfCode {
public:
    // Keeps what is written to these tables from now on.
    [[nodiscard]] std::optional<compiler::Diagnostic> begin(postgres::Session&, journal::DatabaseJournal&, const std::set<std::uint32_t>& tables);
    [[nodiscard]] bool is_on() const { return capture_.has_value(); }
    // Takes that back, as far as it was begun: the xids of the rows that this writes.
    [[nodiscard]] std::variant<std::vector<std::string>, compiler::Diagnostic> end(postgres::Session&, journal::DatabaseJournal&);

private:
    std::optional<RowCapture> capture_;
};

// Of begin(): the role may not watch these tables. Told to go on, an undo leaves there what functions write.
[[nodiscard]] bool may_not_watch(const compiler::Diagnostic&);
[[nodiscard]] std::string left_there(const compiler::Diagnostic&);

// Tables that the transaction has written to, but for `expected`, for what a foreign key's action reaches from there, and for those
// that it has made. The transaction's counters began at zero.
[[nodiscard]] std::variant<std::set<std::uint32_t>, compiler::Diagnostic> written_besides(postgres::Session&, const std::set<std::uint32_t>& expected);

}  // namespace cairn::undo
