// What the way back has to do with each object, before it is put into words.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/catalog/definitions.hpp"

namespace cairn::catalog {

struct Plan {
    Plan(const Definitions& before, const Definitions& after);

    const Definitions& before;
    const Definitions& after;
    std::vector<ObjectId> before_order, after_order;  // as they are made

    std::set<ObjectId> fresh;    // the step has made them
    std::set<ObjectId> rebuilt;  // they have stayed, but can't be changed back while they stand
    // Of these, those that something which stays needs until it has been changed back: they are
    // dropped last.
    std::set<ObjectId> late;
    // Columns of types that are rebuilt, by table; and facets that have to be reset and set
    // although they are equal.
    std::map<ObjectId, std::set<int>> retyped;
    std::set<std::pair<ObjectId, std::string>> forced;
    std::vector<compiler::Diagnostic> refused;

    [[nodiscard]] bool gone(const ObjectId& id) const {
        return before.contains(id) && !after.contains(id);
    }
    [[nodiscard]] bool kept(const ObjectId& id) const {
        return before.contains(id) && after.contains(id) && !rebuilt.contains(id);
    }
    [[nodiscard]] bool dropped(const ObjectId& id) const {
        return fresh.contains(id) || rebuilt.contains(id);
    }
    [[nodiscard]] bool made(const ObjectId& id) const { return gone(id) || rebuilt.contains(id); }
    // Of a partition that is detached, and no longer part of the parent's.
    [[nodiscard]] bool stands_detached(const Object& object_after) const;
    // It goes with something else that is dropped.
    [[nodiscard]] bool goes_along(const Object& object_after) const;
    // The same, and nothing else that is dropped needs it to be gone before.
    [[nodiscard]] bool needs_no_drop(const Object& object_after) const;
    // What a facet becomes of a kept object.
    [[nodiscard]] bool is_reset(const ObjectId& id, const std::string& facet) const;
    [[nodiscard]] bool is_set(const ObjectId& id, const std::string& facet) const;
    // In both states, with another value.
    [[nodiscard]] bool differs(const ObjectId& id, const std::string& facet) const;
    [[nodiscard]] bool is_retyped(const ObjectId& id, const std::string& facet) const {
        return kept(id) && differs(id, facet);
    }
    // A column's definition, type or name, which it has from a parent that its table stays a child of: changed there.
    [[nodiscard]] bool comes_from_parent(const Definitions& state, const Object&, const std::string& facet) const;
    // The table, or one that it hangs on, has another file.
    [[nodiscard]] bool rewritten(const ObjectId& table) const;

private:
    [[nodiscard]] bool is_in_parent(const Definitions& state, const Object&, const std::string& column) const;
    void find_rebuilt();
    void find_rebuilt_domains();
    void refuse_changed_composites();
    void rebuild(const ObjectId& id, const std::string& why);
    void rebuild_dependents(const ObjectId& id);
    void retype(const ObjectId& table, int column);
    void regenerate(const ObjectId& table, int column);
    void rebuild_around(const ObjectId& table, int column);
    void find_late();
    std::map<ObjectId, std::vector<std::pair<ObjectId, Dependency>>>
        dependents_;  // in the state after
};

[[nodiscard]] std::string column_facet(int column);  // "column 0003"
[[nodiscard]] std::int16_t column_number(const std::string& facet);  // of "column 0003 as type"
[[nodiscard]] bool is_generated(const Object& table, const std::string& facet);  // its column
[[nodiscard]] bool is_whole_table(const Object&);
[[nodiscard]] bool is_table(const Object&);  // also a foreign one
// Dropping what it is part of drops it.
[[nodiscard]] bool is_part(const Dependency&);
[[nodiscard]] bool same(const Facet&, const Facet&);
// CREATE OR REPLACE puts the one in the other's place.
[[nodiscard]] bool replaces(const Facet&, const Facet&);
// As a partition or an heir, not by a column.
[[nodiscard]] bool hangs_on(const Object&, const ObjectId& table);
// It has its owner and schema from the table whose sequence it is.
[[nodiscard]] bool follows(const Object&);
// The facet whose name this one's continues, among those of the object; empty: none.
[[nodiscard]] std::string base_facet(const Object&, const std::string& facet);
[[nodiscard]] const Facet* find_facet(const Definitions&, const ObjectId&,
                                      const std::string& facet);

}  // namespace cairn::catalog
