// Stand-ins for what the scratch server can't make: extensions, collations, tables that the role
// may not read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/review/database.hpp"
#include "runtime/review/lacking.hpp"

namespace cairn::review {

// Types as text under their name, functions that only say that they are none, operators of these.
[[nodiscard]] std::optional<compiler::Diagnostic> stand_in_for_extension(
    Database&, postgres::Session& scratch, const std::string& extension, Lacking&);
// Locales of another system: collations of PostgreSQL's own catalog that columns name.
[[nodiscard]] std::optional<compiler::Diagnostic> stand_in_for_collations(
    Database&, postgres::Session& scratch, Lacking&);
// As a table of the same columns.
struct Unreadable {
    std::string name;  // quoted, with its schema
    std::string sql, bare;
};
[[nodiscard]] std::variant<std::vector<Unreadable>, compiler::Diagnostic> unreadable_tables(
    Database&);

}  // namespace cairn::review
