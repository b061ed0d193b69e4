// Ways to spoil what a check looks at: rows that go, values that change, objects that are dropped.
#pragma once

#include <string>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::rehearse {

struct Mutation {
    std::string what;  // "all rows of users deleted"
    std::vector<std::string> sql;
    // Takes the constraints out of the way that may refuse it; empty: what is refused can't be
    // done.
    std::string make_way;
    bool of_rows = false;  // else of an object, whose absence may break any query
};

// What could make `check` fail in the database of `session`, the likeliest first: its tables' rows
// (those of views, the tables behind them; where it calls functions, any table), and the objects
// that it names.
[[nodiscard]] std::vector<Mutation> mutations_for(postgres::Session&, const compiler::Check&);

}  // namespace cairn::rehearse
