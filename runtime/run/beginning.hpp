// Before a run begins: whether it may, and what the journal is to know of it.
#pragma once

#include <optional>

#include "runtime/journal/record.hpp"
#include "runtime/run/crew.hpp"
#include "runtime/run/runner.hpp"

namespace cairn::run {

// Whether a new run may begin beside the newest one that each of the journals knows. C0705, C0706, C0707.
[[nodiscard]] std::optional<Diagnostic> may_begin(Crew&);

[[nodiscard]] journal::RunRecord new_record(const Context&, const Identity&);

}  // namespace cairn::run
