// What the way back can't put into statements: rows that must have been kept, and what can't come back at all.
#pragma once

#include <vector>

#include "runtime/catalog/definitions/plan.hpp"

namespace cairn::catalog {

[[nodiscard]] std::vector<RowLoss> row_losses(const Plan&);
// C0841, beside those of the plan itself.
[[nodiscard]] std::vector<compiler::Diagnostic> refusals(const Plan&);

}  // namespace cairn::catalog
