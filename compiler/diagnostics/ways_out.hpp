// What a step can say instead, whose rollback can't be generated.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::compiler {

inline constexpr const char* ways_out = "rollback $$ … $$, or rollback none \"why nothing is needed\"";

// Of an error found when the step ran: only another plan gets past it.
[[nodiscard]] inline bool needs_another_plan(const Diagnostic& error) {
    return error.code == 828 || error.help == ways_out;
}

}  // namespace cairn::compiler
