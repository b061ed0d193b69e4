// From the names after the step to those before it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/catalog/definitions/plan.hpp"

namespace cairn::catalog {

[[nodiscard]] std::string quoted(
    const std::string& name);  // as quote_ident() does, always with quotes

struct Renames {
    std::vector<std::string> names;  // columns, constraints …, then relations, schemas last; swaps
                                     // by way of a third name
    std::vector<std::string>
        schemas;  // SET SCHEMA; for when the schemas before the step are all there
    // What is only dropped at the end, and the SQL that does.
    std::vector<std::string> drops;
};

[[nodiscard]] Renames renames(const Plan&);

}  // namespace cairn::catalog
