// Triggers, rules and row security out of the way while rows are given back, and foreign keys checked at the end.
#pragma once

#include "runtime/undo/rows/table.hpp"

namespace cairn::undo {

struct Switches {
    std::string off, on;  // scripts; `on` puts back exactly what was
};
// `tables`: partitioned ones with all below them.
[[nodiscard]] std::variant<Switches, compiler::Diagnostic> read_switches(postgres::Session&, const std::vector<std::uint32_t>& tables);

}  // namespace cairn::undo
