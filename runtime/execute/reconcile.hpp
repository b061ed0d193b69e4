// After a crash, what a non-transactional statement has left behind: look at the catalog before acting again.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "compiler/graph/step_graph.hpp"
#include "runtime/journal/database_journal.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::execute {

enum class Verdict { done, again };

// What became of `statement`, whose intention was journalled and whose end was not. Waits for a backend that
// still works on it (it goes on after its client has died), removes what an interrupted one left (an INVALID
// index, _ccnew and _ccold), finishes a pending detach. Error: something here failed in the server.
[[nodiscard]] std::variant<Verdict, postgres::Answer> reconcile(postgres::Session&, const compiler::Statement&,
                                                                const journal::Intent&);

// The identity of the statement's subject now, by cairn.identity; nullopt when there is none.
[[nodiscard]] std::variant<std::optional<std::string>, postgres::Answer> identity_of(postgres::Session&,
                                                                                     const sql::ObjectName&);

// Whether the index named so is there and not valid.
[[nodiscard]] std::variant<bool, postgres::Answer> is_invalid_index(postgres::Session&, const sql::ObjectName&);

}  // namespace cairn::execute
