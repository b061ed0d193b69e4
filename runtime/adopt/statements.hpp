// The statements of a script, each with what decides how it is cut.
#pragma once

#include <vector>

#include "compiler/sql/facts.hpp"
#include "runtime/adopt/foreign.hpp"
#include "runtime/adopt/migration.hpp"

namespace cairn::adopt {

struct Found {
    std::uint32_t begin = 0, end = 0;  // bytes in the script, without the semicolon
    std::uint32_t after = 0;           // behind the semicolon and a comment on the same line
    sql::StatementFacts facts;
    bool adds_enum_value = false;  // not to be used before it is committed
};

struct Statements {
    std::vector<Found> list;
    bool broken = false;  // an error was reported
};

// Statements that PostgreSQL's parser refuses are reported (C0301), one each, unless they hold what
// was taken out already; so are DO blocks that commit (C0930).
[[nodiscard]] Statements find_statements(const Foreign&, const std::string& path, Diagnostics&);

}  // namespace cairn::adopt
