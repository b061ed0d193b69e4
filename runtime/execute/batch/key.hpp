// The key that a batch goes by, as the database has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::execute {

struct BatchKey {
    std::uint32_t table = 0;   // OID
    std::string relation;      // the table, quoted and qualified
    std::string type;          // schema-qualified, as a cast takes it
    bool has_settings = false; // its text depends on settings: dates, intervals, floats, bytea …
    double rows = 0;           // the planner's estimate; 0: none

    // `'17'::pg_catalog.int8`
    [[nodiscard]] std::string literal(const std::string& text) const;
};

// What the key lacks: C0880 no such table or column, C0881 no unique index begins with it, C0882 it may be NULL.
struct UnfitKey {
    compiler::Diagnostic error;
};
using KeyAnswer = std::variant<BatchKey, UnfitKey, postgres::Answer>;

// Names are resolved under the session's search_path. An Answer: the looking itself failed.
[[nodiscard]] KeyAnswer look_at_key(postgres::Session&, const compiler::Batch&, const compiler::Location& where);

}  // namespace cairn::execute
