// What a step can say instead, whose rollback can't be generated.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::compiler {

inline constexpr const char* ways_out = "rollback $$ … $$, or rollback none \"why nothing is needed\"";

// The same where rows would be kept a second time while deferred checks are pending.
inline constexpr const char* write_otherwise =
    "checks of a deferred constraint are pending there: write the rows one after the other in one step, with nothing else between, "
    "or put in front of the later ones: SET CONSTRAINTS ALL IMMEDIATE";

// Of an error found when the step ran: only another plan gets past it.
[[nodiscard]] inline bool needs_another_plan(const Diagnostic& error) {
    return error.code == 828 || error.help == ways_out || error.help == write_otherwise;
}

}  // namespace cairn::compiler
