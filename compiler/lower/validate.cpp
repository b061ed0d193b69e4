#include "compiler/lower/lower.hpp"

namespace cairn::compiler {

ValidateItem lower_validate(const ResolvedPlan& plan, const ResolvedItem& item) {
    return {.checks = lower_checks(plan, item)};
}

}  // namespace cairn::compiler
