// `:batch` in a statement: under which name the batch's table is known where it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::sql {

// `public.orders.id`, its parts as PostgreSQL's catalog holds them.
struct BatchKey {
    std::string schema;  // empty where none is written
    std::string table, column;
};

// One `:batch` or `:batch(o)`.
struct BatchMark {
    std::uint32_t begin = 0, end = 0;  // bytes of the statement
    std::optional<std::string> alias;  // what stands in the parentheses, as it was written
};

struct BatchPlace {
    BatchMark mark;
    // As SQL identifiers, the names of the key's table in the innermost query around that has it: one,
    // where all is well. Of `:batch(o)` the name `o`, if the table has it there.
    std::vector<std::string> names;
    // The same for the error's help: every name of the table in the queries around.
    std::vector<std::string> known;
};

struct BatchUse {
    std::vector<BatchPlace> places;  // in their order
    bool sets_key = false;           // UPDATE of the key itself: a row would come up again
    bool inserts = false;            // INSERT or MERGE into the key's own table: new rows would, too
};

// `statement` parses; at each mark stands a number of as many digits.
[[nodiscard]] BatchUse find_batch(const std::string& statement, const std::vector<BatchMark>& marks,
                                  const BatchKey& key);

// What stands for a mark when the statement is given to the parser: digits.
[[nodiscard]] std::string batch_stand_in(std::size_t length);

}  // namespace cairn::sql
