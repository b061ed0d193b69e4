// The pieces that every reading of a database's state is made of.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::catalog {

// Opens the transaction and pins every setting that shapes text.
[[nodiscard]] std::vector<postgres::Command> opening();
// The queries of all families; prepared: planning them takes longer than running them.
[[nodiscard]] std::vector<postgres::Command> definition_commands(int server_version);
// Answers of queries over users' tables. To plan one, PostgreSQL reads the expressions of indexes, and functions in them may
// name things as the database's users do: where that fails, they are asked once more under the users' search_path.
[[nodiscard]] std::vector<postgres::Answer> ask_tables(postgres::Session&, const std::vector<postgres::Command>&);
// C0635 when one of the answers is a refusal.
[[nodiscard]] std::optional<compiler::Diagnostic> refusal(const std::vector<postgres::Answer>&);
// Takes rows (object, text).
void take(std::map<std::string, std::string>& into, const postgres::Answer&);

}  // namespace cairn::catalog
