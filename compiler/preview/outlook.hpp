// What a reviewer must know beside the statements: what a rollback leaves done, and what only a
// database can tell.
#pragma once

#include <string>
#include <vector>

#include "compiler/compile.hpp"

namespace cairn::compiler {

struct LeftDone {
    std::string item;
    std::string why;  // the plan's own reason, or what stays
};
// In the order of the items.
[[nodiscard]] std::vector<LeftDone> left_done(const StepGraph&);

// Sentences without a full stop, in the order of the items; what holds for every plan comes last.
[[nodiscard]] std::vector<std::string> known_only_with_database(const StepGraph&, bool looked_at_database);

}  // namespace cairn::compiler
