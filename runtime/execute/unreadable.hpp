// The row that keeps a comparison from reading one side as the type of the other.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/execute/comparable.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::execute {

struct Unreadable {
    std::size_t column = 0;
    std::string value, row;
};

// Goes through the rows of `query` in `session` until one holds a value that can't be read; `judge`, another server's session in
// a transaction with the savepoint cairn_values, tries the values. nullopt: all can be read. The answer: the query failed by itself.
[[nodiscard]] std::variant<std::optional<Unreadable>, postgres::Answer> find_unreadable(
    postgres::Session& session, postgres::Session& judge, const std::string& query, const std::vector<ComparedColumn>&);

}  // namespace cairn::execute
