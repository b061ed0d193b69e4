// Fills a rehearsal's database from a live one: its schema whole, and some rows of each table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::rehearse {

struct Source {
    std::string conninfo, role;
    std::string named;      // "profile staging"
    std::int64_t rows = 0;  // of each table, and those that they point at
};

// Reads `source` in one snapshot and never writes there. Roles that it names are made on the
// scratch server, without their rights and passwords. Foreign keys hold among the rows that come over,
// as they do in the source (chosen_rows.hpp). `folder` takes files on the way. C0701 when it
// can't be reached, C0780 when the role may not read a table of it or the scratch server refuses it, C0782.
[[nodiscard]] std::optional<compiler::Diagnostic> fill_from(const Source& source,
                                                            const std::string& conninfo,
                                                            const std::string& bin,
                                                            const std::string& folder);

}  // namespace cairn::rehearse
