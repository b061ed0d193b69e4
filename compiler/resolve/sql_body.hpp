// Reads SQL of the plan: replaces its variables and takes it apart with PostgreSQL's parser.
#pragma once

#include <string>
#include <string_view>

#include "compiler/resolve/report.hpp"
#include "compiler/resolve/resolved.hpp"

namespace cairn::compiler {

// Where a text stands and what its variables mean.
struct SqlPlace {
    SourceId source;
    std::uint32_t offset = 0;  // of the text's first byte in its source
    Location literal;          // of the whole, for what is said about all of it
    const Turn* turn = nullptr;
    bool in_batch = false;     // `:batch` has a meaning
    const sql::BatchKey* batch = nullptr;  // nullptr too when the clause names no column
};

// Undeclared variables, SQL that does not parse and empty SQL are reported, and the body is not usable then.
[[nodiscard]] Body read_sql(std::string_view text, const SqlPlace&, const Words&,
                            const sql::AnalysisContext&, Report&);

}  // namespace cairn::compiler
