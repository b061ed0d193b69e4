// The locks of ALTER TABLE, whose mode is the strongest that one of its subcommands needs.
#pragma once

#include <vector>

#include "compiler/sql/facts.hpp"
#include "compiler/sql/tree.hpp"

namespace cairn::sql {

void lock_alter_table(Value alter_table, std::vector<Lock>& locks);
// SHARE ROW EXCLUSIVE on the tables that foreign keys among these columns and constraints point at.
void lock_referenced(Value elements, std::vector<Lock>& locks);

}  // namespace cairn::sql
