// A comparison of two databases: both sides give their rows as text in one order, and are merged as they come, in constant memory.
#pragma once

#include <optional>

#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::execute {

// A side that gave no answer.
struct NoAnswer {
    postgres::Answer answer;
    bool elsewhere = false;  // the right side, in the other database
};

// Compares `check.query`, asked of `left`, with `check.elsewhere`, asked of `right`, and fills `outcome`. Both sessions are in
// a transaction, which is to be taken back to a savepoint afterwards: settings are changed, and after a failure it is a failed one.
[[nodiscard]] std::optional<NoAnswer> compare_across(postgres::Session& left, postgres::Session& right, const compiler::Check&,
                                                     run::CheckOutcome& outcome);

}  // namespace cairn::execute
