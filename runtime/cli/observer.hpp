// The observer that the command line's flags ask for.
#pragma once

#include <memory>

#include "compiler/compile.hpp"
#include "runtime/cli/invocation.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::cli {

// `compiled` must outlive it.
[[nodiscard]] std::unique_ptr<run::Observer> observer_for(const compiler::Compiled& compiled, const Invocation&);

}  // namespace cairn::cli
