// What whoever rolls back can do about what stopped it: the help line of errors that have none of their own.
#pragma once

#include <string>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::undo {

// About what the server refused; ends with what to type.
[[nodiscard]] std::string what_to_do(const postgres::ServerError&, const std::string& run);
// Of an error that says already what the server said: with the SQLSTATE, in brackets, at the end of its message.
[[nodiscard]] compiler::Diagnostic with_help(compiler::Diagnostic, const std::string& run);

}  // namespace cairn::undo
