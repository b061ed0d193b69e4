#include "runtime/catalog/definitions/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "runtime/catalog/definitions/order.hpp"

namespace cairn::catalog {
bool is_table(const Object& object) {
    return object.word == "TABLE" || object.word == "FOREIGN TABLE";
}

bool is_part(const Dependency& dependency) {
    return dependency.kind != 'n';
}

bool same(const Facet& a, const Facet& b) {
    return a.value == b.value;
}
bool replaces(const Facet& a, const Facet& b) {
    return !a.in_place.empty() && a.in_place == b.in_place;
}

std::string column_facet(int column) {
    return fmt::format("column {:04}", column);
}

std::int16_t column_number(const std::string& facet) {
    return static_cast<std::int16_t>(std::stoi(facet.substr(7, 4)));
}

bool is_generated(const Object& table, const std::string& facet) {
    if (table.id.catalog != "pg_class" || !facet.starts_with("column ")) return false;
    const auto column = table.facets.find(facet.substr(0, 11));
    return column != table.facets.end() && column->second.value.starts_with("generated");
}

bool is_whole_table(const Object& object) {
    return object.id.catalog == "pg_class" && object.word == "TABLE";
}

bool hangs_on(const Object& object, const ObjectId& on_whole) {
    return std::any_of(object.depends_on.begin(), object.depends_on.end(),
                       [&](const Dependency& on) {
                           return on.on == on_whole && on.own_column == 0 && on.column == 0;
                       });
}

bool follows(const Object& object) {
    return object.word == "SEQUENCE" &&
           std::any_of(object.depends_on.begin(), object.depends_on.end(),
                       [](const Dependency& on) {
                           return on.on.catalog == "pg_class" && (on.kind == 'a' || on.kind == 'i');
                       });
}

std::string base_facet(const Object& object, const std::string& facet) {
    for (auto blank = facet.rfind(' '); blank != std::string::npos && blank > 0;
         blank = facet.rfind(' ', blank - 1)) {
        const auto found = object.facets.find(facet.substr(0, blank));
        if (found != object.facets.end() && found->second.how != Facet::How::fresh)
            return found->first;
    }
    return {};
}

const Facet* find_facet(const Definitions& all, const ObjectId& id, const std::string& facet) {
    const auto object = all.find(id);
    if (object == all.end()) return nullptr;
    const auto found = object->second.facets.find(facet);
    return found == object->second.facets.end() ? nullptr : &found->second;
}

Plan::Plan(const Definitions& before_step, const Definitions& after_step)
    : before(before_step),
      after(after_step),
      before_order(in_order(before)),
      after_order(in_order(after)) {
    for (const auto& [id, object] : after) {
        if (object.root && !before.contains(id)) fresh.insert(id);
        for (const auto& dependency : object.depends_on)
            dependents_[dependency.on].emplace_back(id, dependency);
    }
    find_rebuilt();
    refuse_changed_composites();
    find_late();
    // REVOKE on a table revokes the same of its columns.
    for (const auto& [id, object] : after) {
        if (id.catalog != "pg_class" || !kept(id)) continue;
        const bool revoked = std::any_of(object.facets.begin(), object.facets.end(), [&](const auto& facet) {
            return facet.first.starts_with("privilege ") && is_reset(id, facet.first);
        });
        if (!revoked) continue;
        for (const auto& [name, facet] : before.at(id).facets)
            if (name.starts_with("column ") && name.find(" privilege ") != std::string::npos) forced.insert({id, name});
    }
}

bool Plan::is_reset(const ObjectId& id, const std::string& facet) const {
    const auto* is = find_facet(after, id, facet);
    const auto* was = find_facet(before, id, facet);
    if (!is) return false;
    return !was || forced.contains({id, facet}) || (!same(*was, *is) && !replaces(*was, *is));
}

bool Plan::is_set(const ObjectId& id, const std::string& facet) const {
    const auto* is = find_facet(after, id, facet);
    const auto* was = find_facet(before, id, facet);
    if (!was) return false;
    return !is || forced.contains({id, facet}) || !same(*was, *is);
}

bool Plan::differs(const ObjectId& id, const std::string& facet) const {
    const auto* was = find_facet(before, id, facet);
    const auto* is = find_facet(after, id, facet);
    return was && is && was->value != is->value;
}

bool Plan::comes_from_parent(const Definitions& state, const Object& object, const std::string& facet) const {
    if (object.id.catalog != "pg_class" || !facet.starts_with("column ")) return false;
    const auto rest = std::string_view(facet).substr(11);
    if (!rest.empty() && rest != " as type" && rest != " name") return false;
    if (const auto* type = find_facet(before, object.id, "of type"); type && !is_set(object.id, "of type")) return true;
    const auto* name = find_facet(state, object.id, facet.substr(0, 11) + " name");
    return name && is_in_parent(state, object, name->value);
}

bool Plan::is_in_parent(const Definitions& state, const Object& object, const std::string& column) const {
    return std::any_of(object.facets.begin(), object.facets.end(), [&](const auto& link) {
        if (link.first != "partition" && !link.first.starts_with("inherits ")) return false;
        if (&state == &after ? is_reset(object.id, link.first) : is_set(object.id, link.first)) return false;
        const auto parent = state.find({"pg_class", static_cast<std::uint32_t>(std::stoul(link.second.value))});
        if (parent == state.end()) return false;
        return std::any_of(parent->second.facets.begin(), parent->second.facets.end(), [&](const auto& facet) {
            return facet.first.starts_with("column ") && facet.second.how == Facet::How::rename && facet.second.value == column;
        });
    });
}

bool Plan::rewritten(const ObjectId& table) const {
    const auto* was = find_facet(before, table, "file");
    const auto* is = find_facet(after, table, "file");
    if (was && is && was->value != is->value) return true;
    return std::any_of(after.begin(), after.end(), [&](const auto& entry) {
        return kept(entry.first) && entry.first.catalog == "pg_class" &&
               hangs_on(entry.second, table) && entry.first != table && rewritten(entry.first);
    });
}

// DETACH PARTITION leaves the partition its indexes and keys, as its own.
bool Plan::stands_detached(const Object& object) const {
    if (object.id.catalog != "pg_constraint" && object.word != "INDEX") return false;
    return std::any_of(object.depends_on.begin(), object.depends_on.end(), [&](const Dependency& on) {
        return on.kind == 'S' && kept(on.on) && is_table(after.at(on.on)) && is_reset(on.on, "partition");
    });
}

bool Plan::goes_along(const Object& object) const {
    return std::any_of(object.depends_on.begin(), object.depends_on.end(),
                       [&](const Dependency& on) {
                           if (!is_part(on) || (on.kind == 'P' && stands_detached(object))) return false;
                           if (dropped(on.on)) return true;
                           return on.column > 0 && kept(on.on) &&
                                  find_facet(after, on.on, column_facet(on.column)) &&
                                  is_reset(on.on, column_facet(on.column));
                       });
}

bool Plan::needs_no_drop(const Object& object) const {
    if (!goes_along(object)) return false;
    const auto& on = object.depends_on;
    if (std::any_of(on.begin(), on.end(), [&](const Dependency& d) {
            return is_part(d) && d.kind != 'a' && dropped(d.on);
        }))
        return true;
    // A foreign key would keep the table that it points to, a default its sequence.
    return std::none_of(on.begin(), on.end(), [&](const Dependency& d) {
        return !is_part(d) && dropped(d.on) && d.on.catalog != "pg_namespace" &&
               std::none_of(on.begin(), on.end(), [&](const Dependency& other) {
                   return is_part(other) && other.on == d.on;
               });
    });
}

}  // namespace cairn::catalog
