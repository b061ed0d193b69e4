// What can be known to go wrong before anything has run.
#pragma once

#include <optional>

#include "runtime/run/context.hpp"

namespace cairn::run {

// Whether the rows that the plan's steps say they change can be kept: C0860 names the right that is missing, C0861 what has
// no way back. Looks at the items of its home database. Tables that an earlier step makes are not there yet, and not looked at.
[[nodiscard]] std::optional<Diagnostic> rows_can_be_kept(Context&);
// The same for one item, as this session's role; only reads.
[[nodiscard]] std::optional<Diagnostic> rows_can_be_kept(postgres::Session&, const compiler::Item&);

}  // namespace cairn::run
