// The queries behind relation_families(), a file for each of its parts.
#pragma once

#include <string>
#include <vector>

#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {

// Of relations in pg_class.
[[nodiscard]] std::vector<FacetQuery> column_facets();
[[nodiscard]] std::vector<FacetQuery> index_facets();
// What belongs to a relation and has a catalog of its own: defaults, constraints, triggers, rules,
// policies, statistics.
[[nodiscard]] std::vector<Family> table_part_families();

// SQL expression: what FacetQuery's kinds say of pg_class row `c`: relkind, and O options, H parents, A privileges of columns or an
// identity, D a comment on the row type, L security labels.
[[nodiscard]] std::string relation_kinds(const std::string& c);

// SQL expressions. Of `a` (pg_attribute) with its `d` (pg_attrdef): what stands in CREATE TABLE and,
// without NOT NULL, in ADD COLUMN.
[[nodiscard]] std::string column_definition(bool with_not_null = true);
// Whether an index belongs to a primary key, a unique or an exclusion constraint.
[[nodiscard]] std::string is_of_constraint(const std::string& index);
// The statement that has trigger `t` of constraint `k` as it is. Its name holds OIDs, others when the constraint is made again.
[[nodiscard]] std::string switch_internal_trigger();
// A subquery (value, called) of one row.
[[nodiscard]] std::string sequence_value(const std::string& oid);

}  // namespace cairn::catalog
