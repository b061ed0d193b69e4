// The journal's schema `cairn` in a database: created on first use, versioned upwards.
#pragma once

#include <optional>
#include <string>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::journal {

// The version this cairn writes. A journal with a higher one was written by a newer cairn and is refused.
inline constexpr int schema_version = 1;

enum class Presence { absent, ready };

// Looks without changing anything. Diagnostics: no rights on the schema (names the GRANTs), newer version.
[[nodiscard]] std::variant<Presence, compiler::Diagnostic> look_for_schema(postgres::Session&);

// Creates the schema, or raises its version, where needed. Refuses when a publication FOR ALL TABLES would
// carry the journal's tables to its subscribers, unless `despite_publications`.
[[nodiscard]] std::optional<compiler::Diagnostic> ensure_schema(postgres::Session&, bool despite_publications);

// Why nothing can be written in the session, after the server has refused that (25006): a standby, or what somebody has set. Who has
// made a database read only wants nobody to write to it by accident: cairn does not override that by itself, and says how it is done.
[[nodiscard]] compiler::Diagnostic read_only(postgres::Session&);

// A failed or lost journal statement as a diagnostic; names the GRANTs when rights are missing.
[[nodiscard]] compiler::Diagnostic journal_error(const postgres::Answer&, const std::string& doing);

}  // namespace cairn::journal
