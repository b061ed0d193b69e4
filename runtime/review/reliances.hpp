// Which relations and columns the plan's statements rely on, as the scratch server resolves their
// names.
#pragma once

#include <map>
#include <set>
#include <string>

#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/review/database.hpp"

namespace cairn::review {

struct Reliances {
    std::map<std::string, Reliance> relations;  // `public.users`
    std::map<std::string, std::set<std::string>>
        names;  // what may be an index -> items that name it

    // A query or a statement that changes rows, which was analysed without an error: exactly its
    // columns. Within a transaction.
    void add_analysed(postgres::Session& scratch, const std::string& item,
                      const compiler::Statement&);
    // Relations that the statement locks, with those of their columns that it names. Before and
    // after it has run: either may hold the name.
    void add_named(postgres::Session& scratch, const std::string& item, const compiler::Statement&);
};

}  // namespace cairn::review
