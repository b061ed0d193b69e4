// A database's schema on the scratch server, without its rows.
#pragma once

#include <string>
#include <variant>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/review/database.hpp"
#include "runtime/review/lacking.hpp"
#include "runtime/scratch/server.hpp"

namespace cairn::review {

struct Copy {
    postgres::Session session;  // as superuser, with the database's own settings
    Lacking lacking;
};

// What this server can't make is made again as a stand-in or left out, and is `lacking` by name.
// C0713, C0762, C0782, C0635.
[[nodiscard]] std::variant<Copy, compiler::Diagnostic> copy_schema(Database&, scratch::Server&);

}  // namespace cairn::review
