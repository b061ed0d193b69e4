// In which order objects are made: what they need first, otherwise as their kinds go, then by OID.
#pragma once

#include <map>
#include <vector>

#include "runtime/catalog/definitions.hpp"

namespace cairn::catalog {

// The kind's place: schemas, extensions, languages, types, functions, …, event triggers. A
// dependency may go against it.
[[nodiscard]] int rank(const ObjectId&);

// A check of a domain, valid at once: PostgreSQL adds none while a column of an array or a composite
// type of the domain is there, so it comes before tables do.
[[nodiscard]] bool is_domain_check(const Object&);

// What has to be there before the object can be made, as far as it is among `all`. An owned
// sequence is made before its table, a partition's index without its parent's.
[[nodiscard]] std::vector<ObjectId> needs(const Object&, const Definitions& all);

[[nodiscard]] std::vector<ObjectId> in_order(const Definitions& all);

}  // namespace cairn::catalog
