// What the queries inside a statement touch: relations read, written and locked, functions called.
#pragma once

#include <string>
#include <vector>

#include "compiler/sql/facts.hpp"
#include "compiler/sql/tree.hpp"

namespace cairn::sql {

struct References {
    std::vector<std::string>
        reads;  // FROM, sub-selects; names of common table expressions left out
    std::vector<std::string>
        writes;  // targets of INSERT, UPDATE, DELETE, MERGE, wherever they stand
    std::vector<std::string> locked;   // by SELECT … FOR UPDATE / SHARE
    std::vector<std::string> calls;    // every function called, as written
    std::vector<std::string> created;  // SELECT … INTO
};

// Walks any part of a parse tree, without recursion.
[[nodiscard]] References find_references(Value part);

// Whether `call` (as written) is a function of PostgreSQL's own that changes nothing a rollback
// would give back.
[[nodiscard]] bool is_harmless_function(const std::string& call);

// Adds `item` unless it is there.
void add_once(std::vector<std::string>& list, std::string item);

}  // namespace cairn::sql
