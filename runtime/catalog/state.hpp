// The state of a database: the definition of every user object and the content of every table, to
// compare.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::catalog {

struct State {
    // "table public.users", "column public.users.email", "constraint …", … -> its definition. OIDs
    // appear nowhere. "column order public.users" holds the columns in their order, apart from
    // their definitions.
    std::map<std::string, std::string> objects;
    // "public.users" -> "COUNT rows, digest": independent of row order and column order, of every
    // table, partition and materialized view. "sequence public.s" -> its value. "large objects", if
    // they may be read.
    std::map<std::string, std::string> contents;
};

// Reads it in one REPEATABLE READ READ ONLY transaction, with settings that shape text pinned and
// row_security off. The schema `cairn` and temporary objects are left out.
// The session must not be in a transaction. C0635 when the server refuses, with the right that is
// missing.
[[nodiscard]] std::variant<State, compiler::Diagnostic> read_state(postgres::Session&);

// What each column of each table holds: "public.users.email" -> a digest of its values, in no
// order. To say which columns differ in two tables that do.
using ColumnContents = std::map<std::string, std::string>;
[[nodiscard]] std::variant<ColumnContents, compiler::Diagnostic> read_columns(postgres::Session&);

enum class Likeness { exact, column_order, differs };
struct Difference {
    Likeness likeness = Likeness::exact;
    // Sequences that have moved on. No difference: nextval() is not undone by a ROLLBACK either.
    std::vector<std::string> notes;
    std::vector<std::string> lines;  // "column public.users.email: text -> (none)"; sorted
};
// A sequence that stands behind where it was counts as a difference: it would give values a second
// time.
[[nodiscard]] Difference compare(const State& before, const State& after);

// Whether two changes of one table's contents, each from one value of State::contents to another,
// added and took away the same rows. The digests are sums, so this is exact wherever the rows
// stand.
[[nodiscard]] bool same_change(const std::string& from, const std::string& to,
                               const std::string& other_from, const std::string& other_to);
// The same by the number of rows alone: where the columns have changed in between.
[[nodiscard]] bool same_change_of_count(const std::string& from, const std::string& to,
                                        const std::string& other_from, const std::string& other_to);

}  // namespace cairn::catalog
