// A batch's statement for one range of the key: its holes filled in.
#pragma once

#include <string>

#include "compiler/graph/step_graph.hpp"

namespace cairn::compiler {

// Bounds as SQL: literals with their type. `after` is outside the range, empty for none; `last` is in it.
struct BatchRange {
    std::string after, last;
};

// `(o.id > 17::bigint AND o.id <= 42::bigint)`
[[nodiscard]] std::string range_predicate(const std::string& table, const std::string& column, const BatchRange&);

// As it will be sent; what the server says of a hole points at `:batch` in the plan.
[[nodiscard]] Statement fill(const Statement&, const std::vector<BatchHole>&, const std::string& column, const BatchRange&);

}  // namespace cairn::compiler
