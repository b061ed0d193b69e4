// Triggers and rules out of the way while rows are given back, foreign keys checked at the end, and row security that
// binds the owner too.
#pragma once

#include <functional>

#include "runtime/undo/rows/table.hpp"

namespace cairn::undo {

struct Switches {
    std::string off, on;  // scripts; `on` puts back exactly what was
};
// `tables`: partitioned ones with all below them.
[[nodiscard]] std::variant<Switches, compiler::Diagnostic> read_switches(postgres::Session&, const std::vector<std::uint32_t>& tables);
// Constraints that are dropped while rows are given back, and added again as they were.
struct LeftAway {
    Switches switches;
    struct Constraint {
        std::string oid, table, name;  // `table`: or a domain; the name not quoted
    };
    std::vector<Constraint> constraints;
};
// What is NOT VALID, and so may not hold for the rows given back; `but` for these. Checks of domains too, of those that this role owns.
[[nodiscard]] std::variant<LeftAway, compiler::Diagnostic> read_unproved(postgres::Session&, const std::vector<std::uint32_t>& tables, const LeftAway& but);
// Of those, what checks of domains the statements give to columns: what they convert may not keep to them.
[[nodiscard]] std::variant<LeftAway, compiler::Diagnostic> read_unproved_of_types(postgres::Session&, const std::vector<std::string>& statements);
// Foreign keys to these tables, from whatever table, that take rows along or change them (CASCADE, SET NULL, SET DEFAULT).
[[nodiscard]] std::variant<LeftAway, compiler::Diagnostic> read_acting(postgres::Session&, const std::vector<std::uint32_t>& tables);
// Of those among the tables that this role owns, and whose row security hides rows from it all the same.
[[nodiscard]] std::variant<Switches, compiler::Diagnostic> read_forced_security(postgres::Session&, const std::vector<std::uint32_t>& tables);
// `work` sees all rows of them. Takes ACCESS EXCLUSIVE on a table where it has to be lifted. When `work` fails, the transaction is over.
[[nodiscard]] std::optional<compiler::Diagnostic> without_forced_security(postgres::Session&, const std::vector<std::uint32_t>& tables,
                                                                          const std::function<std::optional<compiler::Diagnostic>()>& work);

}  // namespace cairn::undo
