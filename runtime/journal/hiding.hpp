// Names of PostgreSQL's own that a search_path hides.
#pragma once

#include <optional>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::journal {

// C0728: in the schemas that the search_path names before pg_catalog stand operators or functions like PostgreSQL's: cairn's statements
// would mean these.
[[nodiscard]] std::optional<compiler::Diagnostic> hidden(postgres::Session&);

}  // namespace cairn::journal
