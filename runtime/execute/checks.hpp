// Evaluates checks: sends each one's query and holds the answer against what the plan expects.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/execute/other_databases.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::execute {

// Runs every check, one after the other, inside the transaction that the caller has opened (READ
// ONLY, or under SAVEPOINT in a `transaction` group). Each check is isolated from a failed one by a
// savepoint. `root` is where relative paths start (free space). In a rehearsal what only the window
// can tell passes and says so. Stops early only when a connection is lost or an interrupt was
// requested: the last outcome's error is then C0754 or C0755. A check that asks another database
// which can't be reached has C0701.
[[nodiscard]] std::vector<run::CheckOutcome> run_checks(postgres::Session&, OtherDatabases&,
                                                        const std::vector<compiler::Check>&,
                                                        bool rehearsal,
                                                        const std::string& root = {});

// Turns a server's error about `statement` into a diagnostic that points into the plan: at the
// token PostgreSQL names, or at the statement's first line. `role`, as an SQL identifier, is
// who lacks a right, where it is not the role that is connected (after SET ROLE).
[[nodiscard]] compiler::Diagnostic server_diagnostic(const postgres::ServerError&,
                                                     const compiler::Statement&, std::uint16_t code,
                                                     const std::string& role = {});

}  // namespace cairn::execute
