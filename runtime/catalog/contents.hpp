// The queries that digest what tables and sequences hold.
#pragma once

#include <string>
#include <vector>

#include "runtime/postgres/session.hpp"

namespace cairn::catalog {

// A table, a materialized view or a sequence; or all large objects together.
struct Holder {
    enum class Kind { table, sequence, large_objects } kind = Kind::table;
    std::string name;
    struct Column {
        std::string name;  // quoted
        // Its cast to text may be the type's own affair, and leave something out, as that of
        // character does with blanks.
        bool own_cast = false;
    };
    std::vector<Column> columns;  // by name
    // Says which storage it is and how its columns make it up: rows with equal system columns in a
    // holder with an equal key are equal, unless `by_names`.
    std::string key;
    // The text of its values depends on the catalog: enums, composites, regclass …
    bool by_names = false;
};

// Every holder of the database, ordered by name; large objects only if this session may read them.
[[nodiscard]] const std::string& holders_query();
[[nodiscard]] std::vector<Holder> read_holders(const postgres::Answer&);

// Gives one row (object, content).
[[nodiscard]] std::string content_query(const Holder&);
// Of a table with columns: a row (table, column, content) for each of them: the values of one
// column, whatever rows they stand in.
[[nodiscard]] std::string column_query(const Holder&);

// Gives one row with two numbers, which tell whether any row of a table has been written or has
// gone since they were taken: how many rows there are, and the sum of their xmin. A transaction
// that writes leaves rows whose xmin is larger than any before, so that one number or the other
// moves; true as long as no transaction is under way when they are taken.
[[nodiscard]] std::string rows_query(const std::string& table);

}  // namespace cairn::catalog
