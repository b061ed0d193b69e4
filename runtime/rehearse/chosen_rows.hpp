// Which rows of a live database a rehearsal takes along, so that foreign keys hold among them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "runtime/postgres/session.hpp"

namespace cairn::rehearse {

// A table's OID -> its rows, as a literal of tid[]. Tables without foreign keys, and that none points at, are not among them.
using ChosenRows = std::map<std::string, std::string>;

// Of each table about `limit` rows, and with every row those that its foreign keys point at, theirs too. Tables that others point
// at come after these, and are filled up to the limit with more rows; where rows lead to too many others (ten times the limit and
// more, in self references and cycles), fewer are taken. `there` is in a transaction that reads one snapshot, with search_path
// pg_catalog; nothing is written. What the server refuses is an error of it.
[[nodiscard]] std::variant<ChosenRows, postgres::ServerError> choose_rows(postgres::Session& there, std::int64_t limit);

}  // namespace cairn::rehearse
