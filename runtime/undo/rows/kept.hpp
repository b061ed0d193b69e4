// What one stretch of a step has done to rows: where the old ones are kept, and how they stand there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::undo {

// A column as it was when its rows were kept; found again by name.
struct KeptColumn {
    std::int16_t number = 0;  // pg_attribute.attnum: the kept column is `c_<number>`
    std::string name;         // quoted where needed
    std::string type;         // as a cast takes it; of types that are not built in schema-qualified, without modifier
    bool as_text = false;     // the type is not built in: its text is kept, so that DROP TYPE does not reach the journal
    bool is_generated = false;
    bool identity_always = false;
    bool not_null = false;
    std::int16_t now = 0;     // its number today, where rollbacks have made its table or itself again; 0: unknown
};

// A column of the key, and how the index compares it: which rows are the same.
struct KeyColumn {
    std::int16_t number = 0;
    std::string equals;      // `OPERATOR(pg_catalog.=)`
    std::string collation;   // quoted and qualified; empty: the default, or none
    bool is_exact = true;    // equal values are the same value; not so for numeric (1.0, 1.00), float (0, -0), citext
};

// The rows of one table. The kept table has `cairn_seq int`, `cairn_op "char"` and `c_<attnum>` for each column.
// With a key there is one row a key, and cairn_op says what the stretch did to it:
//   u  changed: the old row     d  taken away: the old row     i  put in: only the key
// cairn_seq is the number of the statement, or, below zero, of a row that an UPDATE gave another key: d and i under one number, but 0,
// are the same rows under their old and new keys.
// without one the rows form a bag, in which only the balance counts:
//   -  taken away: the row      +  put in: the row
// A capital U, D, I, or in a bag one more row F: others have written since, found before this run wrote the row again.
// The kept row was written by the very (sub)transaction that changed the row, so equal xmin means nobody came since;
// where `has_xmin`, the column `cairn_xmin` says so instead (several changes of one row were drawn together; in a bag, where it is
// not NULL: rows that were moved here).
struct KeptRows {
    enum class How {
        changes,  // rows changed by statements
        table,    // the whole of a table that was dropped: every row as `d` or `-`
        columns   // values of columns that were dropped or retyped: every row as `u`, or as `-` without a key: then a
                  // row is found again by the columns that stayed
    };
    std::string kept_table;  // quoted: `cairn."kept_…"`
    std::uint32_t oid = 0;   // of the table when it was kept
    std::string table;       // quoted and qualified, after the stretch; for a dropped one: before
    How how = How::changes;
    bool only = false;       // a plain table that others inherit from: ONLY
    bool has_xmin = false;
    // Quoted; not empty: the rows put in stand here, in a table that inherits from `kept_table`, where they are read.
    std::string put_in_table{};
    bool packed = false;     // by the stretch: the keys it put in, as unpack() takes them apart
    std::vector<KeptColumn> columns;
    std::vector<KeyColumn> key;           // empty: none
    std::vector<std::int16_t> restored;   // dropped or retyped: these get their values back, in every row
    bool retyped = false;                 // How::columns: the rows were rewritten, so xmin tells later writes
    // The key itself was retyped: for each of its columns `a_<attnum>` is the text of what the stretch has left there.
    bool rekeyed = false;
};

// A sequence that the stretch moved. It is put back only when nobody has moved it since, and no row of the column that it
// feeds has a later number.
struct KeptSequence {
    std::uint32_t oid = 0;
    std::string name;  // quoted and qualified
    bool is_ascending = true;
    std::int64_t before = 0, after = 0;
    bool called_before = false, called_after = false;
};

struct SequenceValue {
    std::int64_t value = 0;
    bool is_called = false;
};

// Everything that one stretch has changed in rows; kept in the undo trail (kind `rows`) as JSON.
struct Kept {
    std::vector<KeptRows> rows;
    std::vector<KeptSequence> sequences;
    // Before these rows were changed, all rows that other runs have kept of the same tables were compared with them: what gives these
    // back then hides nobody's writes from those runs.
    bool marked = false;
    [[nodiscard]] bool empty() const { return rows.empty() && sequences.empty(); }
};

[[nodiscard]] std::string to_json(const Kept&);
// C0866 for text that is not such JSON (the trail was tampered with).
[[nodiscard]] std::variant<Kept, compiler::Diagnostic> kept_from_json(const std::string&);

// Drops the kept tables: after the undo, or by finalize. A table that is not there is no error.
[[nodiscard]] std::optional<compiler::Diagnostic> forget(postgres::Session&, const Kept&);

}  // namespace cairn::undo
