// What has stayed and has to be made again all the same, since it can't be changed back while it stands.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "runtime/catalog/definitions/order.hpp"
#include "runtime/catalog/definitions/plan.hpp"

namespace cairn::catalog {

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
