// The queries that read the objects of all families.
#pragma once

#include <string>
#include <vector>

#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {

// What is asked of a family's objects: its facets' queries in one for all that are of the same kinds.
struct Questions {
    std::string header;
    std::vector<FacetQuery> facets;
};

// In the order of all_families().
[[nodiscard]] const std::vector<Questions>& all_questions();

}  // namespace cairn::catalog
