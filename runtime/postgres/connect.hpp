// Opens sessions for a plan's databases, and says clearly why one can't be opened.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::postgres {

// C0701, naming the database's role in the plan, and what to look at: server gone, wrong password, no such database.
[[nodiscard]] compiler::Diagnostic connection_error(const std::string& role, const ServerError&);
[[nodiscard]] std::variant<Session, compiler::Diagnostic> connect(const std::string& role, const std::string& conninfo,
                                                                  const std::string& application);

// CONNINFO as key=value without its password, and the password: for programs whose arguments
// everybody on the machine can read.
[[nodiscard]] std::pair<std::string, std::string> apart_from_password(const std::string& conninfo);

}  // namespace cairn::postgres
