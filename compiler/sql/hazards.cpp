// What can go wrong with a statement that PostgreSQL accepts.
#include "compiler/sql/rules.hpp"

namespace cairn::sql {

void add_hazards(const Subject&, StatementFacts&) {}

}  // namespace cairn::sql
