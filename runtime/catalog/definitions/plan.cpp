#include "runtime/catalog/definitions/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "runtime/catalog/definitions/order.hpp"

namespace cairn::catalog {
namespace {

bool is_table(const Object& object) {
    return object.word == "TABLE" || object.word == "FOREIGN TABLE";
}

// Dropping what it is part of drops it.
bool is_part(const Dependency& dependency) {
    return dependency.kind != 'n';
}

bool same(const Facet& a, const Facet& b) {
    return a.value == b.value;
}
bool replaces(const Facet& a, const Facet& b) {
    return !a.in_place.empty() && a.in_place == b.in_place;
}

}  // namespace

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

void Plan::rebuild(const ObjectId& id, const std::string& why) {
    const auto& object = after.at(id);
    if (is_table(object)) {
        refused.push_back(
            {.code = 841,
             .message = fmt::format(
                 "{} `{}` would have to be made again to bring back what it was: {}",
                 object.word == "TABLE" ? "table" : "foreign table", object.identity, why)});
        return;
    }
    if (object.member) {
        refused.push_back({.code = 841,
                           .message = fmt::format(
                               "{} `{}` is its extension's, and would have to be made again to "
                               "bring back what it was: {}",
                               object.word, object.identity, why)});
        return;
    }
    if (object.facets.contains("multirange")) {
        // Its functions are called as it is, and would be in the way of the new one's.
        refused.push_back(
            {.code = 841,
             .message = fmt::format(
                 "range type `{}` would have to be made again to bring back what it was: {}",
                 object.identity, why)});
        return;
    }
    if (rebuilt.insert(id).second) rebuild_dependents(id);
}

void Plan::retype(const ObjectId& table, int column) {
    if (!retyped[table].insert(column).second) return;
    if (find_facet(after, table, column_facet(column) + " in partition key")) {
        refused.push_back({.code = 841,
                           .message = fmt::format("a column of the partition key of `{}` would have to get its type again to bring back what that was, and "
                                                  "PostgreSQL gives such a column no other type",
                                                  after.at(table).identity)});
    }
    if (find_facet(after, table, column_facet(column) + " in publication")) {
        refused.push_back({.code = 841,
                           .message = fmt::format("a column of `{}` that a publication names would have to get its type again to bring back what that was, "
                                                  "and PostgreSQL gives such a column no other type",
                                                  after.at(table).identity)});
    }
    for (const auto& [name, facet] : after.at(table).facets)
        if (name.ends_with(fmt::format(" computed from {:04}", column))) regenerate(table, column_number(name));
    rebuild_around(table, column);
}

// A generated column takes no USING, and its own columns no other type while it is there: it goes
// and comes again, with what it has of its own.
void Plan::regenerate(const ObjectId& table, int column) {
    const auto whole = column_facet(column);
    if (!before.contains(table) || !forced.insert({table, whole}).second) return;
    for (const auto& [name, facet] : before.at(table).facets)
        if (name.starts_with(whole + " ") && facet.how != Facet::How::lasting && !name.ends_with(" local")) forced.insert({table, name});
    rebuild_around(table, column);
}

// ALTER COLUMN … TYPE makes indexes, checks and statistics again by itself, and refuses the rest.
void Plan::rebuild_around(const ObjectId& table, int column) {
    for (const auto& [id, on] : dependents_[table]) {
        if (on.column != column || !before.contains(id)) continue;
        const auto& object = after.at(id);
        const auto whole = object.facets.find("");
        const bool foreign_key = id.catalog == "pg_constraint" && whole != object.facets.end() &&
                                 whole->second.how == Facet::How::last;
        if (id.catalog == "pg_rewrite" || id.catalog == "pg_policy" || id.catalog == "pg_trigger" ||
            foreign_key || object.word.ends_with("VIEW"))
            rebuild(id, "a column of another type");
    }
}

void Plan::rebuild_dependents(const ObjectId& of) {
    for (const auto& [id, on] : dependents_[of]) {
        if (!before.contains(id) || rebuilt.contains(id)) continue;
        const auto& object = after.at(id);
        if (is_table(object) && on.own_column > 0) {
            if (is_generated(object, column_facet(on.own_column)))
                regenerate(id, on.own_column);
            else if (of.catalog == "pg_type")
                retype(id, on.own_column);
            else
                forced.insert({id, column_facet(on.own_column)});
        } else {
            rebuild(id, fmt::format("`{}` is made again", after.at(of).identity));
        }
    }
}

void Plan::find_rebuilt() {
    for (const auto& [id, object] : after) {
        const auto* is = find_facet(after, id, "");
        const auto* was = find_facet(before, id, "");
        if (is && was && !same(*was, *is) && !replaces(*was, *is))
            rebuild(id, "it is of another kind");
    }
    // An index stays attached as long as its table and its parent's do.
    for (const auto& [id, object] : after) {
        if (object.word != "INDEX" || goes_along(object) || !is_reset(id, "partition")) continue;
        const ObjectId* parent = nullptr;
        bool detached = false;
        for (const auto& on : object.depends_on) {
            if (on.kind == 'P' && on.on.catalog == "pg_class") parent = &on.on;
            detached = detached || (on.on.catalog == "pg_class" && is_reset(on.on, "partition") &&
                                    after.at(on.on).word != "INDEX");
        }
        if (parent && !detached && kept(*parent)) rebuild(*parent, "an index has been attached");
    }
    // DETACH PARTITION of what a partitioned table refers to takes the foreign keys of that one's
    // partitions along. They come with its own.
    for (const auto& [id, object] : before) {
        if (id.catalog != "pg_constraint" || !gone(id)) continue;
        const ObjectId *parent = nullptr, *table = nullptr;
        for (const auto& on : object.depends_on) {
            if (on.kind == 'P' && on.on.catalog == id.catalog) parent = &on.on;
            if (on.kind == 'S' && on.on.catalog == "pg_class") table = &on.on;
        }
        if (parent && table && kept(*parent) && !gone(*table) && !is_set(*table, "partition"))
            rebuild(*parent, "one of its parts is gone");
    }
    find_rebuilt_domains();
    // What is part of something that is dropped goes with it, and comes again.
    for (bool more = true; more;) {
        more = false;
        for (const auto& [id, object] : after) {
            if (!kept(id) || !goes_along(object)) continue;
            if (is_reset(id, "owned by") || is_reset(id, "partition")) continue;
            const auto size = rebuilt.size();
            rebuild(id, "what it is part of is dropped");
            more = more || rebuilt.size() > size;
        }
    }
}

// Of values within an array or a composite one PostgreSQL can't tell whether they keep to a check of
// a domain, and adds none while a column of such a type is there.
void Plan::find_rebuilt_domains() {
    const std::function<bool(const ObjectId&)> is_within = [&](const ObjectId& domain) {
        const auto& all = dependents_[domain];
        return std::any_of(all.begin(), all.end(), [&](const auto& dependent) {
            const auto& [id, on] = dependent;
            const auto& object = after.at(id);
            if (object.word == "DOMAIN") return is_within(id);
            if (id.catalog == "pg_type") return true;
            if (!is_table(object) || on.own_column == 0) return false;
            const auto* type = find_facet(after, id, column_facet(on.own_column) + " as type");
            return !type || !type->value.starts_with(std::to_string(domain.oid) + " ");
        });
    };
    for (const auto& [id, object] : before) {
        if (!gone(id) || !is_domain_check(object)) continue;
        for (const auto& on : object.depends_on)
            if (on.kind == 'a' && on.on.catalog == "pg_type" && kept(on.on) && is_within(on.on))
                rebuild(on.on, "a check of it is gone");
    }
}

// Their columns go by way of text, which another row of attributes can't read.
void Plan::refuse_changed_composites() {
    for (const auto& id : rebuilt) {
        if (id.catalog != "pg_type" || !is_set(id, "attributes")) continue;
        for (const auto& [table, on] : dependents_[id]) {
            const auto columns = retyped.find(table);
            if (columns == retyped.end() || !columns->second.contains(on.own_column)) continue;
            refused.push_back(
                {.code = 841,
                 .message = fmt::format("columns of `{}` hold values of type `{}`, which would have to get its attributes again and be made "
                                        "again in one: two steps do that",
                                        after.at(table).identity, after.at(id).identity)});
            break;
        }
    }
}

void Plan::find_late() {
    for (const auto& id : rebuilt)
        if (id.catalog == "pg_type") late.insert(id);
    for (const auto& id : fresh) {
        const auto& needing = dependents_[id];
        if (std::any_of(needing.begin(), needing.end(), [&](const auto& other) {
                return kept(other.first) && !is_part(other.second);
            }))
            late.insert(id);
        // Owners and places are set back where their objects are.
        if (id.catalog == "pg_namespace" || id.catalog == "pg_authid" ||
            id.catalog == "pg_tablespace")
            late.insert(id);
    }
    for (bool more = true; more;) {
        more = false;
        for (const auto& id : std::set<ObjectId>(late))
            for (const auto& on : needs(after.at(id), after))
                if (dropped(on)) more = late.insert(on).second || more;
    }
}

}  // namespace cairn::catalog
