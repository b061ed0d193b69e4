// What there is to know of a table before its rows are kept.
#pragma once

#include <map>

#include "runtime/undo/rows/capture.hpp"

namespace cairn::undo {

struct Table {
    std::uint32_t oid = 0;
    std::string name;            // quoted and qualified
    char kind = 'r';             // pg_class.relkind
    std::uint32_t root = 0;      // of a partition: the topmost ancestor; else itself
    bool has_heirs = false;      // plain tables inherit from it
    bool is_heir = false;        // it inherits from a plain table
    bool is_owned = false;       // by this role or one it is a member of
    bool may_trigger = false;
    bool hides_rows = false;     // row level security shows this role some rows only; an owner who is bound can lift it
    bool has_code = false;       // triggers or rules of the user
    std::vector<KeptColumn> columns;
    std::vector<KeyColumn> key;  // primary key, else a unique index that is immediate, whole and without nulls
};

using Tables = std::map<std::uint32_t, Table>;

// Relations that are gone are left out.
[[nodiscard]] std::variant<Tables, compiler::Diagnostic> read_tables(postgres::Session&, const std::vector<std::uint32_t>&);

// The table's columns and key as its rows are kept: generated columns only where they are part of the key.
[[nodiscard]] KeptRows keeping(const Table&);

// These tables and what the changes reach: partitions and ancestors, heirs, actions of foreign keys, tables below views.
[[nodiscard]] std::variant<std::vector<CaptureTable>, compiler::Diagnostic> widen(postgres::Session&,
                                                                                  const std::vector<CaptureTable>&);

// C0861 where rows of one of these tables, which lose a column, are values of a column somewhere, by the table's row type: a column that is
// dropped is dropped there, too, and such values have none of it again.
[[nodiscard]] std::optional<compiler::Diagnostic> values_elsewhere(postgres::Session&, const std::vector<std::uint32_t>& tables);

}  // namespace cairn::undo
