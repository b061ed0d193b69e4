// The way back of a step that went in batches: range by range, the last one first.
#pragma once

#include <variant>

#include "runtime/run/context.hpp"

namespace cairn::undo {

// Whether some range of it has committed and is not undone.
[[nodiscard]] std::variant<bool, compiler::Diagnostic> batch_has_begun(run::Context&, compiler::ItemId);

}  // namespace cairn::undo
