// The rules about statements, a file for each kind of answer. Each adds to the facts of one
// statement.
#pragma once

#include "compiler/sql/statement.hpp"

namespace cairn::sql {

// The command tag in words, from the parse tree.
[[nodiscard]] std::string command_tag(std::string_view type, Value node);
// `MATERIALIZED VIEW` of OBJECT_MATVIEW: the words DROP, COMMENT ON and ALTER take.
[[nodiscard]] std::string object_words_of(std::string_view object_type);

// What the queries of a statement touch; nothing for one that holds none. `statement` is the
// {"SelectStmt": …} node.
[[nodiscard]] References references_of(std::string_view type, Value statement);

// Whether the statement runs the queries it holds, rather than keeping them as a definition.
[[nodiscard]] bool runs_queries(const Subject&);

// kind, transaction control, settings, client streams, opaque code, reads and writes of queries.
void recognise(const Subject&, StatementFacts&);
// What PostgreSQL refuses in a transaction block: non_transactional, subject, subject_relation.
void recognise_non_transactional(const Subject&, StatementFacts&);

void add_locks(const Subject&, StatementFacts&);
void add_hazards(const Subject&, StatementFacts&);
// reversal, inverse, why_not.
void add_inverse(const Subject&, StatementFacts&);

// Keeps the strongest mode for each relation, in the order of their first mention.
void add_lock(std::vector<Lock>& locks, const std::string& relation, LockMode mode);

}  // namespace cairn::sql
