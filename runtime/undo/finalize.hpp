// Gives up the way back of a finished run: its kept rows are dropped, and its trail leads nowhere any more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/journal/database_journal.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::undo {

struct Freed {
    std::int64_t tables = 0, bytes = 0;  // kept tables that were dropped
};

// `run` need not be the run whose lease `journal` holds. First it becomes `finalized`, and nobody rolls it back any more; then
// its kept tables go, some at a time; killed in between, the next call goes on. C0883 a kept table can't be dropped.
[[nodiscard]] std::variant<Freed, compiler::Diagnostic> give_up(postgres::Session&, const journal::DatabaseJournal&,
                                                                const std::string& run);
// Every earlier run of the plan that has finished: what a repeatable plan does when it has finished again.
[[nodiscard]] std::variant<Freed, compiler::Diagnostic> give_up_earlier(postgres::Session&, const journal::DatabaseJournal&,
                                                                        const std::string& plan);

}  // namespace cairn::undo
