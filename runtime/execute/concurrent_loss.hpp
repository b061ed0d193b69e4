// The way back of statements outside a transaction that take something away: read before they run.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::execute {

// What builds again what DROP INDEX CONCURRENTLY drops, or attaches what DETACH PARTITION … CONCURRENTLY detaches, in the
// order in which it is to be run; each may be repeated. Empty for other statements, and where there is nothing to lose.
[[nodiscard]] std::variant<std::vector<std::string>, postgres::Answer> rebuilding(postgres::Session&, const compiler::Statement&);

}  // namespace cairn::execute
