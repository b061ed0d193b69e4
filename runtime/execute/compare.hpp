// Compares values as PostgreSQL prints them, exactly: a number of any size is never taken through a
// double.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

#include "compiler/graph/step_graph.hpp"

namespace cairn::execute {

// Two numbers as integer, numeric and float types print them: `10`, `-2.50`, `1e+20`, `Infinity`,
// `NaN`. nullopt: one of them is no number. NaN is unordered, with itself too: a check must not
// pass on it.
[[nodiscard]] std::optional<std::partial_ordering> compare_numbers(std::string_view left,
                                                                   std::string_view right);

// A boolean as PostgreSQL prints it (`t`, `f`) or casts it to text (`true`, `false`); nullopt: it
// is none.
[[nodiscard]] std::optional<bool> read_boolean(std::string_view text);

// Whether `left OP right` is so; false for what can't be ordered, whatever the operator.
[[nodiscard]] bool holds(compiler::Op op, std::partial_ordering order);
[[nodiscard]] const char* symbol(compiler::Op op);  // ">=", as the plan and SQL write it

}  // namespace cairn::execute
