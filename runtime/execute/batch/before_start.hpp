// Looks at the keys of a plan's batches before anything of it runs.
#pragma once

#include <optional>

#include "runtime/run/context.hpp"

namespace cairn::execute {

// C0880, C0881, C0882 of the first batch whose key can't be gone by. A batch whose table an earlier step makes or alters is
// left out: what stands there now says nothing; it is looked at when its turn has come.
[[nodiscard]] std::optional<compiler::Diagnostic> check_batch_keys(run::Context&);

}  // namespace cairn::execute
