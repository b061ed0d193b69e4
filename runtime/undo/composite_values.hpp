// Finds the columns that hold values of a composite type or of a table's row type, whatever these are wrapped in.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "runtime/postgres/session.hpp"

namespace cairn::undo {

// A column whose values hold one field of the type: values of the type itself, arrays, domains and ranges of it, and composite values that have it in
// a field. In a table that is of the type, or an heir, the field is a column itself.
struct FieldHolder {
    std::uint32_t table = 0;
    std::string name, column;  // quoted, the table's qualified
    std::string from;          // the table, as FROM takes it
    bool may_lock = false;     // by this role, against those who write

    std::string field;         // an SQL expression
    std::string unwrapped;     // what FROM takes it from besides, where it is in arrays or ranges of the row `t`

    // As a condition on the row: that on the field holds of one of the column's values.
    [[nodiscard]] std::string where(const std::string& condition) const;
};

// `relation`: a table, or a composite type's. `field` is not quoted.
[[nodiscard]] std::variant<std::vector<FieldHolder>, postgres::Answer> holders_of_field(postgres::Session&, std::uint32_t relation, const std::string& field);

// Objects, in words, that DROP ATTRIBUTE … CASCADE would take along, and that none of the transactions `own_xids`, an SQL query, has made.
[[nodiscard]] std::variant<std::vector<std::string>, postgres::Answer> dependents_of_field(postgres::Session&, std::uint32_t relation, const std::string& field,
                                                                                           const std::string& own_xids);

}  // namespace cairn::undo
