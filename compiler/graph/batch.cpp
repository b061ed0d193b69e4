#include "compiler/graph/batch.hpp"

#include <fmt/format.h>

namespace cairn::compiler {

std::string range_predicate(const std::string& table, const std::string& column, const BatchRange& range) {
    const std::string upper = fmt::format("{}.{} <= {}", table, column, range.last);
    return range.after.empty() ? "(" + upper + ")" : fmt::format("({}.{} > {} AND {})", table, column, range.after, upper);
}

Statement fill(const Statement& statement, const std::vector<BatchHole>& holes, const std::string& column,
               const BatchRange& range) {
    Statement filled{.sql = {}, .facts = statement.facts};
    std::uint32_t done = 0;
    for (const BatchHole& hole : holes) {
        filled.sql.append(statement.sql.slice(done, hole.begin));
        filled.sql.append(range_predicate(hole.table, column, range), statement.sql.locate(hole.begin, hole.end));
        done = hole.end;
    }
    filled.sql.append(statement.sql.slice(done, static_cast<std::uint32_t>(statement.sql.text.size())));
    return filled;
}

}  // namespace cairn::compiler
