#include "runtime/catalog/definitions/order.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

namespace cairn::catalog {
namespace {

constexpr const char* kinds[] = {"pg_authid",         "pg_tablespace",   "pg_database",
                                 "pg_namespace",      "pg_am",           "pg_extension",
                                 "pg_language",       "pg_type",         "pg_collation",
                                 "pg_proc",           "pg_cast",         "pg_operator",
                                 "pg_opfamily",       "pg_opclass",      "pg_conversion",
                                 "pg_transform",      "pg_ts_parser",    "pg_ts_template",
                                 "pg_ts_dict",        "pg_ts_config",    "pg_foreign_data_wrapper",
                                 "pg_foreign_server", "pg_user_mapping", "pg_class",
                                 "pg_attrdef",        "pg_constraint",   "pg_statistic_ext",
                                 "pg_rewrite",        "pg_trigger",      "pg_policy",
                                 "pg_publication",    "pg_subscription", "pg_default_acl",
                                 "pg_event_trigger"};

}  // namespace

int rank(const ObjectId& id) {
    const auto found = std::find(std::begin(kinds), std::end(kinds), id.catalog);
    return static_cast<int>(std::distance(std::begin(kinds), found));
}

namespace {

// A base type's own functions take or give it, and it can't be made without them. They make a shell
// of it for themselves, and go with it.
bool is_own_type(const Object& function, const ObjectId& type, const Definitions& all) {
    if (function.id.catalog != "pg_proc" || type.catalog != "pg_type") return false;
    const auto& needed = all.at(type).depends_on;
    return std::any_of(needed.begin(), needed.end(), [&](const Dependency& on) {
        return on.on == function.id && on.kind == 'n';
    });
}

}  // namespace

bool is_domain_check(const Object& object) {
    const auto whole = object.facets.find("");
    return object.id.catalog == "pg_constraint" && whole != object.facets.end() &&
           whole->second.set.starts_with("ALTER DOMAIN ") && !whole->second.set.ends_with(" NOT VALID");
}

std::vector<ObjectId> needs(const Object& object, const Definitions& all) {
    std::vector<ObjectId> needed;
    for (const auto& dependency : object.depends_on) {
        if (dependency.kind == 'P' || !all.contains(dependency.on)) continue;
        if (object.word == "SEQUENCE" && dependency.kind == 'a' &&
            dependency.on.catalog == "pg_class")
            continue;
        if (is_own_type(object, dependency.on, all)) continue;
        needed.push_back(dependency.on);
    }
    return needed;
}

std::vector<ObjectId> in_order(const Definitions& all) {
    using Place = std::tuple<int, std::uint32_t, std::string>;
    std::map<ObjectId, std::set<ObjectId>> waiting, followers;
    std::map<Place, ObjectId> ready, held;
    const int before_tables = rank({"pg_proc", 0});
    const auto place = [&](const ObjectId& id) {
        return Place{is_domain_check(all.at(id)) ? before_tables : rank(id), id.oid, id.catalog};
    };
    for (const auto& [id, object] : all) {
        auto& needed = waiting[id];
        for (const auto& on : needs(object, all)) {
            if (on == id) continue;
            needed.insert(on);
            followers[on].insert(id);
        }
        (needed.empty() ? ready : held)[place(id)] = id;
    }
    std::vector<ObjectId> order;
    while (!ready.empty() || !held.empty()) {
        // Two that need each other: the one that comes first by kind. The server has the last word.
        auto& from = ready.empty() ? held : ready;
        const auto id = from.begin()->second;
        from.erase(from.begin());
        order.push_back(id);
        for (const auto& follower : followers[id]) {
            auto& needed = waiting[follower];
            if (needed.erase(id) == 0 || !needed.empty() || held.erase(place(follower)) == 0)
                continue;
            ready[place(follower)] = follower;
        }
    }
    return order;
}

}  // namespace cairn::catalog
