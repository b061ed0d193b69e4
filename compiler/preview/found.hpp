// What a preview has found in the plan's databases: the facts it relies on, and what came of each
// item when it was prepared against their schema.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/step_graph.hpp"

namespace cairn::compiler {

struct FoundColumn {
    std::string name;   // unquoted
    std::string type;   // empty: it was not there
    int number = 0;     // of the table's columns: a renamed one keeps it
    std::string now{};  // its name, read again, where it has been renamed
};
struct FoundIndex {
    std::string name;  // unquoted
    bool valid = true;
};
struct FoundRelation {
    std::string database, relation;  // role, and `public.users`
    bool exists = false;
    std::string kind{};                  // "table"
    std::int64_t bytes = 0;              // with indexes, TOAST and partitions
    std::optional<std::int64_t> rows{};  // the planner's estimate; none before the first ANALYZE
    std::int64_t partitions = 0;
    std::vector<std::string> dependents{};  // "view public.active", "foreign key of public.orders"
    std::vector<FoundColumn> columns{};     // those the plan relies on
    std::vector<FoundIndex> indexes{};      // those the plan names
    std::vector<std::string> items{};       // that touch it, in the plan's order
};

struct PreparedItem {
    enum class State { checked, partly, skipped, failed } state = State::checked;
    std::vector<std::string> not_checked{};  // what, and why
};

struct Found {
    std::vector<FoundRelation> relations;
    std::map<std::string, PreparedItem> items;  // by name
    std::vector<std::string> stand_ins;         // what the scratch server lacks
};

// Up to here nobody notices a lock or a rewrite; each class is a hundred times the one before.
enum class SizeClass { small, middling, large, huge };
[[nodiscard]] SizeClass size_class(const FoundRelation&);
// "table, about 1200 rows, 256 kB, 3 partitions"
[[nodiscard]] std::string size_words(const FoundRelation&);
// What a hazard of a statement comes to in this database, table by table that it locks strongly, or writes to where rows are at
// stake: "harmless now: …", "weighs: …".
// By the table's size, or by what CASCADE would take along; empty for hazards that neither decides on.
[[nodiscard]] std::vector<std::string> weights(const Item&, const Statement&, const sql::Hazard&, const Found&);

[[nodiscard]] const char* name(PreparedItem::State);  // "not checked in full"

}  // namespace cairn::compiler
