// The state of a database: the definition of every user object and the content of every table, to compare.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::catalog {

struct State {
    // "table public.users", "column public.users.email", "constraint …", … -> its definition. OIDs appear nowhere.
    // "column order public.users" holds the columns in their order, apart from their definitions.
    std::map<std::string, std::string> objects;
    // Table -> "COUNT rows, digest": independent of row order and column order. Sequences: last value.
    std::map<std::string, std::string> contents;
};

// Reads it in one REPEATABLE READ READ ONLY transaction, with settings that shape text pinned and
// row_security off. The schema `cairn` and temporary objects are left out.
[[nodiscard]] std::variant<State, compiler::Diagnostic> read_state(postgres::Session&);

enum class Likeness { exact, column_order, differs };
struct Difference {
    Likeness likeness = Likeness::exact;
    std::vector<std::string> lines;  // "column public.users.email: text -> (none)"; sorted
};
[[nodiscard]] Difference compare(const State& before, const State& after);

}  // namespace cairn::catalog
