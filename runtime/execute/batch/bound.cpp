#include "runtime/execute/batch/bound.hpp"

#include <fmt/format.h>

namespace cairn::execute {

namespace {

// The text of a key must not depend on what the server's defaults are; literals made of it are read alike under all of them.
// And whatever the statistics say, a range is found by its index.
constexpr const char* pin_settings =
    "SELECT set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true), "
    "set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true), "
    "set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)";

}  // namespace

std::vector<postgres::Command> find_bound(const BatchKey& key, const std::string& column, const std::optional<journal::Cursor>& after,
                                          std::int64_t size) {
    // Not max(), which not every type has.
    const std::string end = after ? key.literal(after->end)
                                  : fmt::format("(SELECT c.{0} FROM {1} c ORDER BY c.{0} DESC LIMIT 1)", column, key.relation);
    const std::string beyond = after ? fmt::format("c.{} > {} AND ", column, key.literal(after->last)) : "";
    return {{"SAVEPOINT cairn_bound", {}, false},
            {pin_settings, {}, true},
            {fmt::format("WITH batch (last) AS MATERIALIZED (SELECT {0}) SELECT (SELECT c.{1} FROM {2} c WHERE {3}c.{1} <= batch.last "
                         "ORDER BY c.{1} OFFSET {4} LIMIT 1), batch.last FROM batch",
                         end, column, key.relation, beyond, size - 1), {}, false},
            {"ROLLBACK TO SAVEPOINT cairn_bound", {}, false},
            {"RELEASE SAVEPOINT cairn_bound", {}, false}};
}

}  // namespace cairn::execute
