// The states of all databases of a rehearsal at one moment, and what lies between two of them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "runtime/catalog/state.hpp"

namespace cairn::rehearse {

// role -> state, of the roles that the plan changes
using States = std::map<std::string, catalog::State>;

// Every difference of two sets of states, and the worst likeness. With several databases each line
// opens with its own, `[erp] table …`.
[[nodiscard]] catalog::Difference compare(const States& before, const States& after);

// What leads from one set of states to another: a small part of either.
struct Changes {
    struct OfOne {
        // The text there; nullopt: it goes.
        std::map<std::string, std::optional<std::string>> objects, contents;
    };
    std::map<std::string, OfOne> roles;
};
[[nodiscard]] Changes changes(const States& from, const States& to);
void apply(const Changes&, States&);

// A unit ran from `before` to `after`; its undo led from `then` to `now`. Where later units had
// left something behind, `then` is not `after`: what neither the unit nor its undo has touched is
// theirs, and so are rows if the undo has taken back exactly the rows that the unit had added.
// Gives `before` with what is theirs in it.
[[nodiscard]] States without_left(const States& before, const States& after, const States& then,
                                  const States& now);

}  // namespace cairn::rehearse
