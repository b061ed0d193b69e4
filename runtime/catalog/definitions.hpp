// The definitions of objects as SQL: what recreates each of them, property by property, and the way from one
// state of them back to another.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::catalog {

// As pg_depend names it. Parts that have a row of their own (constraint, trigger, default, rule, policy) are
// objects; columns are facets of their table.
struct ObjectId {
    std::string catalog;  // "pg_class", "pg_proc", …
    std::uint32_t oid = 0;
    friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

// One property of an object. Its SQL uses the names of the state it was read in, schema-qualified.
struct Facet {
    std::string value;  // equal values need nothing
    std::string set;    // makes it so where it is absent; without trailing semicolon
    std::string reset;  // takes it away; empty: `set` of another value is enough
    // Not empty and equal in both states: `set` of the one replaces the other directly. Else the one is
    // reset and the other set.
    std::string in_place;
};

struct Object {
    ObjectId id;
    std::string word;      // as ALTER and COMMENT ON say it: "TABLE", "FUNCTION", "CONSTRAINT"
    std::string identity;  // as DROP takes it: `public.f(integer)`, `c ON public.t`
    std::string schema, name;
    std::vector<ObjectId> depends_on;      // it can't be made without these
    std::vector<ObjectId> part_of;         // it goes away with any of these (pg_depend's auto and internal)
    std::map<std::string, Facet> facets;   // "" is the object itself: set is CREATE, reset is DROP
};

using Definitions = std::map<ObjectId, Object>;

}  // namespace cairn::catalog
