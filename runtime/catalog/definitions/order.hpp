// In which order objects are made: what they need first, otherwise as their kinds go, then by OID.
#pragma once

#include <map>
#include <vector>

#include "runtime/catalog/definitions.hpp"

namespace cairn::catalog {

// The kind's place: schemas, extensions, languages, types, functions, …, event triggers. A
// dependency may go against it.
[[nodiscard]] int rank(const ObjectId&);

// What has to be there before the object can be made, as far as it is among `all`. An owned
// sequence is made before its table, a partition's index without its parent's.
[[nodiscard]] std::vector<ObjectId> needs(const Object&, const Definitions& all);

[[nodiscard]] std::vector<ObjectId> in_order(const Definitions& all);

}  // namespace cairn::catalog
