// The parts of the way back, a file for each family of statements.
#pragma once

#include "compiler/sql/statement.hpp"

namespace cairn::sql {

// Adds one statement of the way back.
void by_rule(StatementFacts&, Inverse inverse);
// No rule leads back: `why_not` says what it would take.
void cannot(StatementFacts&, std::string why_not);

// It goes with the objects of these keys, which the step has created, unless what it refers to would have
// to go before them.
void within_created(const Subject&, const std::vector<std::string>& keys, StatementFacts&);

void undo_alter_table(const Subject&, StatementFacts&);
void undo_rename(const Subject&, StatementFacts&);
void undo_set_schema(const Subject&, StatementFacts&);
void undo_rename_value(const Subject&, StatementFacts&);  // ALTER TYPE … RENAME VALUE

}  // namespace cairn::sql
