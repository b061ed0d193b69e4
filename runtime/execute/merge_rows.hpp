// Two streams of rows in one order, merged: what is on one side only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/postgres/row_stream.hpp"

namespace cairn::execute {

// Rows that are all alike, on one side only.
struct Difference {
    bool on_left = false;
    std::uint64_t rows = 0;
    std::string row;  // as PostgreSQL prints a row, cut where it goes on for ever
};

struct Merged {
    std::uint64_t left = 0, right = 0;   // rows in all
    std::uint64_t left_only = 0, right_only = 0;
    std::vector<Difference> first;       // of each side at most as many as were asked for
    bool complete = false;               // false: one of the streams failed, and its end() says how
};

// NULL equals NULL. `within`: asks of each row of the left whether it is on the right, not how often.
[[nodiscard]] Merged merge_rows(postgres::RowStream& left, postgres::RowStream& right, bool within, std::size_t keep);

// `(1,"a b",)`, as PostgreSQL prints a row.
[[nodiscard]] std::string row_text(const postgres::RowStream::Row&);

}  // namespace cairn::execute
