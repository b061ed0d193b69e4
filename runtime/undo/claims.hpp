// Rows that two items of a `parallel` block both change though their texts do not say so: by triggers, or by keys that cascade.
//
// A step is one transaction: who comes second finds what the first has left, and is undone before it. A batch is many, and who came
// between two of its ranges could be undone neither before nor after it. So a batch holds the tables that it changes to its end, in an
// advisory lock of its session, and a step to its commit.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>

#include "runtime/run/context.hpp"

namespace cairn::undo {

// Claims tables for an item in its session, waiting for whoever has them. C0826: another item came between two transactions of this one,
// or this one between two of the other's, which a lost connection or a crash had made possible.
using Claim = std::function<std::optional<compiler::Diagnostic>(postgres::Session&, const std::set<std::uint32_t>& tables)>;

// For an item of a block that has a batch; nothing for others. The context outlives it.
[[nodiscard]] Claim claim_for(run::Context&, compiler::ItemId);
// Gives back what a batch holds.
void give_up_claims(run::Context&, compiler::ItemId);

}  // namespace cairn::undo
