// The objects a statement makes or renames to: what later statements of its step may rely on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/sql/statement.hpp"

namespace cairn::sql {

// An object that a CREATE statement makes, and how it is dropped again.
struct Creation {
    ObjectName object;
    std::string drop;            // without CASCADE; empty where no rule leads back
    std::string why_not;         // then
    bool if_not_exists = false;  // may have been there before
    bool replaces = false;       // OR REPLACE: may have been there with another definition
    bool temporary = false;      // gone with its session
    bool holds_rows = false;
    // The table of an index, trigger, rule or policy, which takes it along when it is dropped.
    std::string on;
};

// What a CREATE statement creates; nothing for any other statement.
[[nodiscard]] std::optional<Creation> creation_of(const Subject&);

// "relation public.users": how Step remembers an object.
[[nodiscard]] std::string key_of(const ObjectName& object);

// The object that a RENAME or SET SCHEMA of a relation, column, type or schema changes, before and
// after.
struct Renaming {
    ObjectName before, after;
};
[[nodiscard]] std::optional<Renaming> renaming_of(const Subject&);

// Keys of what a DROP drops, as far as a step can create it; empty where one can't be told.
[[nodiscard]] std::vector<std::string> dropped_keys(const Subject&);

// Writes into `step` what statement number `index` did, for those that follow it.
void remember(const Subject&, const StatementFacts&, std::size_t index, Step& step);

}  // namespace cairn::sql
