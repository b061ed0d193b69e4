// The schema of a live database as pg_dump writes it, cut into what belongs together.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/review/database.hpp"

namespace cairn::review {

struct Entry {
    std::string name,
        type;  // as pg_dump heads it: "users users_pkey", "CONSTRAINT"; empty: settings
    std::string sql;
};

// Under the database's snapshot. Tables of `without` (quoted, with their schema) are left out: who
// may not read a table may not lock it either. C0713, C0762, C0782.
[[nodiscard]] std::variant<std::vector<Entry>, compiler::Diagnostic> dump_schema(
    const Database&, const std::string& bin, const std::string& folder,
    const std::vector<std::string>& without);

}  // namespace cairn::review
