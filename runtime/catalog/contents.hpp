// The queries that digest what tables and sequences hold.
#pragma once

#include <string>
#include <vector>

#include "runtime/postgres/session.hpp"

namespace cairn::catalog {

// Gives rows (kind, name, column): `r` a table with one of its columns or NULL, ordered by name and
// column; `S` a sequence; `L` large objects, if this session may read them.
[[nodiscard]] std::string holders_query();

// One query a holder, each giving one row (object, content).
[[nodiscard]] std::vector<std::string> content_queries(
    const std::vector<std::vector<postgres::Value>>& holders);

// The same for the tables among them, but giving a row (table, column, content) for each column:
// the values of one column, whatever rows they stand in.
[[nodiscard]] std::vector<std::string> column_queries(
    const std::vector<std::vector<postgres::Value>>& holders);

}  // namespace cairn::catalog
