// The way back of a step that went in batches: range by range, the last one first.
#pragma once

#include <variant>

#include "runtime/run/context.hpp"
#include "runtime/undo/undo.hpp"

namespace cairn::undo {

// Whether some range of it has committed and is not undone.
[[nodiscard]] std::variant<bool, compiler::Diagnostic> batch_has_begun(run::Context&, compiler::ItemId);

// Gives back what the ranges have kept, each in a transaction of its own with its entry in the journal: interrupted or killed,
// the next call goes on with the range before. Records the item's end.
[[nodiscard]] UndoResult undo_batch(run::Context&, compiler::ItemId);

}  // namespace cairn::undo
