#include "runtime/catalog/definitions/renames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "runtime/catalog/definitions/order.hpp"

namespace cairn::catalog {
namespace {

struct Rename {
    ObjectId id;
    std::string facet, scope, sql, from, to;
};

std::string identity(const Object& object, const std::string& schema, const std::string& name) {
    return (schema.empty() ? "" : quoted(schema) + ".") +
           (object.word == "OPERATOR" ? name : quoted(name)) + object.suffix;
}

// What the schema of that name after the step will be called when names are back.
std::string schema_name(const Plan& plan, const std::string& name_after) {
    for (const auto& [id, object] : plan.after)
        if (id.catalog == "pg_namespace" && object.name == name_after && plan.before.contains(id))
            return plan.before.at(id).name;
    return name_after;
}

const ObjectId* schema_of(const Object& object) {
    for (const auto& on : object.depends_on)
        if (on.on.catalog == "pg_namespace" && on.own_column == 0) return &on.on;
    return nullptr;
}

std::string third_name(const ObjectId& id) {
    return fmt::format("cairn_away_{}", id.oid);
}

// `sql` ends in "FROM TO ", or is ALTER WORD IDENTITY RENAME TO.
std::string prefix_with(const Object& object, const Rename& rename, const std::string& from) {
    const std::string end = rename.from + " TO ";
    if (rename.sql.ends_with(end))
        return rename.sql.substr(0, rename.sql.size() - end.size()) + from + " TO ";
    return fmt::format("ALTER {} {} RENAME TO ", object.word,
                       identity(object, object.schema, third_name(object.id)));
}

// The label of an enum is a string.
std::string third_for(const Rename& rename) {
    const auto name = third_name(rename.id);
    return rename.from.starts_with("'") ? "'" + name + "'" : quoted(name);
}

std::vector<Rename> wanted(const Plan& plan) {
    std::vector<Rename> all;
    // Whatever is named in another's identity is renamed after it.
    for (auto at = plan.after_order.rbegin(); at != plan.after_order.rend(); ++at) {
        if (!plan.kept(*at)) continue;
        const auto& object = plan.after.at(*at);
        for (const bool own : {false, true})
            for (const auto& [name, facet] : object.facets) {
                if (facet.how != Facet::How::rename || (name == "name") != own) continue;
                const auto* was = find_facet(plan.before, *at, name);
                if (!was || was->value == facet.value || plan.comes_from_parent(plan.after, object, name)) continue;
                // A column that goes comes again under its name.
                if (name.starts_with("column ") && plan.is_reset(*at, name.substr(0, 11))) continue;
                all.push_back(
                    {.id = *at,
                     .facet = name,
                     .scope = own ? at->catalog + " " + object.schema + " " + object.suffix
                                  : at->catalog + " " + std::to_string(at->oid),
                     .sql = facet.set,
                     .from = facet.value,
                     .to = was->value});
            }
    }
    return all;
}

void rename_all(const Plan& plan, Renames& out) {
    auto all = wanted(plan);
    std::set<std::pair<std::string, std::string>> taken;
    for (const auto& rename : all) taken.insert({rename.scope, rename.from});
    // Each scope to its end: what comes after may rename what its statements name.
    std::map<std::string, std::vector<std::string>> second;
    std::map<std::string, std::size_t> left;
    for (const auto& rename : all) ++left[rename.scope];
    // Typed tables of a composite type have their columns' names from it.
    const auto along = [](const Rename& rename) { return rename.facet.starts_with("attribute ") ? " CASCADE" : ""; };
    for (const auto& rename : all) {
        taken.erase({rename.scope, rename.from});
        auto& later = second[rename.scope];
        if (!taken.contains({rename.scope, rename.to})) {
            out.names.push_back(rename.sql + rename.to + along(rename));
        } else {
            // Somebody who is renamed too is still called so.
            const auto third = third_for(rename);
            out.names.push_back(rename.sql + third + along(rename));
            later.push_back(prefix_with(plan.after.at(rename.id), rename, third) + rename.to + along(rename));
        }
        if (--left[rename.scope] == 0) out.names.insert(out.names.end(), later.begin(), later.end());
    }
}

// An enum that is made again takes its values over by their labels: they get those first that they had.
// A new value that has taken such a label makes way.
std::vector<std::string> labels_of_rebuilt(const Plan& plan) {
    std::vector<std::string> first, second;
    for (const auto& id : plan.rebuilt) {
        if (id.catalog != "pg_type") continue;
        const auto &is = plan.after.at(id).facets, &was = plan.before.at(id).facets;
        const auto had = [&](const std::string& label) {
            return std::any_of(was.begin(), was.end(), [&](const auto& facet) {
                return facet.first.starts_with("label ") && facet.second.value == label;
            });
        };
        for (const auto& [name, facet] : is) {
            if (!name.starts_with("label ")) continue;
            const auto former = was.find(name);
            if (former == was.end() ? !had(facet.value) : former->second.value == facet.value)
                continue;
            const std::string third = "'cairn_away_" + name.substr(6) + "'";
            first.push_back(facet.set + third);
            if (former == was.end()) continue;
            const std::string end = facet.value + " TO ";
            second.push_back(facet.set.substr(0, facet.set.size() - end.size()) + third + " TO " +
                             former->second.value);
        }
    }
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

void move_all(const Plan& plan, Renames& out) {
    std::vector<ObjectId> moved;
    for (const auto& [id, is] : plan.after) {
        if (!plan.kept(id) || is.word.empty() || follows(is)) continue;
        if (!is.facets.contains("owner") && !is.word.starts_with("TEXT SEARCH")) continue;
        if (is.member && plan.before.at(id).member) continue;  // moved with its extension
        const auto *from = schema_of(is), *to = schema_of(plan.before.at(id));
        if (from && to && !(*from == *to)) moved.push_back(id);
    }
    // A function's identity names the types of its arguments.
    const auto place = [](const ObjectId& id) {
        return std::tuple(id.catalog == "pg_type" ? 0 : id.catalog == "pg_class" ? 1 : 2, id.oid);
    };
    std::sort(moved.begin(), moved.end(),
              [&](const auto& a, const auto& b) { return place(a) < place(b); });
    for (const auto& id : moved) {
        const auto &is = plan.after.at(id), &was = plan.before.at(id);
        out.schemas.push_back(fmt::format("ALTER {} {} SET SCHEMA {}", was.word,
                                          identity(was, schema_name(plan, is.schema), was.name),
                                          quoted(was.schema)));
    }
}

// What is dropped last and stands in the way of what comes back is renamed; so are its indexes and
// the like.
void set_aside(const Plan& plan, Renames& out) {
    std::set<std::tuple<std::string, std::string, std::string, std::string>> coming;
    for (const auto& [id, object] : plan.before)
        if (plan.made(id) || plan.before.at(id).name != object.name)
            coming.insert({id.catalog, object.schema, object.name, object.suffix});
    for (const auto& [id, object] : plan.before)
        if (plan.kept(id) && plan.after.at(id).identity != object.identity)
            coming.insert({id.catalog, object.schema, object.name, object.suffix});
    std::vector<std::string> aside;
    for (auto at = plan.after_order.rbegin(); at != plan.after_order.rend(); ++at) {
        if (!plan.dropped(*at)) continue;
        const auto& object = plan.after.at(*at);
        const bool along = plan.goes_along(object);
        if (!plan.late.contains(*at) && !along) continue;
        const auto schema = schema_name(plan, object.schema);
        const auto* name = find_facet(plan.after, *at, "name");
        std::string called = object.name;
        const bool rebuilt_type = plan.rebuilt.contains(*at) && plan.late.contains(*at);
        if (name && (rebuilt_type || (!along && coming.contains({at->catalog, schema, object.name,
                                                                 object.suffix})))) {
            called = third_name(*at);
            aside.push_back(name->set + quoted(called));
        }
        if (along || !plan.late.contains(*at)) continue;
        const auto* whole = find_facet(plan.after, *at, "");
        if (!whole || whole->reset.empty()) continue;
        auto sql = whole->reset;
        const auto place = sql.find(object.identity);
        if (place != std::string::npos)
            sql.replace(place, object.identity.size(), identity(object, schema, called));
        out.drops.push_back(sql);
    }
    out.names.insert(out.names.begin(), aside.begin(), aside.end());
}

}  // namespace

std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + "\"";
}

Renames renames(const Plan& plan) {
    Renames out;
    rename_all(plan, out);
    move_all(plan, out);
    set_aside(plan, out);
    const auto labels = labels_of_rebuilt(plan);
    out.names.insert(out.names.begin(), labels.begin(), labels.end());
    return out;
}

}  // namespace cairn::catalog
