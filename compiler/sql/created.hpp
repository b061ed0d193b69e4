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

// Writes into `step` what the statement did, for those that follow it.
void remember(const Subject&, const StatementFacts&, Step& step);

}  // namespace cairn::sql
