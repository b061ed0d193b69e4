// What is done for one object on the way back: made again, or changed to what it was.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/catalog/definitions/losses.hpp"
#include "runtime/catalog/definitions/members.hpp"
#include "runtime/catalog/definitions/order.hpp"
#include "runtime/catalog/definitions/way.hpp"

namespace cairn::catalog {

void Way::make(const ObjectId& id) {
    if (made_.contains(id)) return;
    const auto& object = plan_.before.at(id);
    auto& out = needed_.empty() || needed_.contains(id) ? way_.before_rows : way_.after_rows;
    if (plan_.made(id)) {
        const auto* whole = find_facet(plan_.before, id, "");
        // What something else makes is there when all that comes last is done.
        if (!whole || whole->how == How::last) return;
        if (whole->set.empty())
            make_inherited(object, out);
        else
            make_whole(object, out);
    } else if (plan_.kept(id)) {
        change(object, out);
    }
}

void Way::make_whole(const Object& object, std::vector<std::string>& out) {
    add(out, object.facets.at("").set);
    const auto owner = object.facets.find("owner");
    if (owner != object.facets.end()) add(out, owner->second.set);
    for (const auto& [name, facet] : object.facets)
        if (!name.empty() && name != "owner" &&
            (facet.how == How::always || (facet.how == How::fresh && !facet.set.empty())))
            add(out, facet.set);
}

// A check that comes with a parent's has to be there already where a table that has stayed gets
// that parent again.
void Way::make_inherited(const Object& constraint, std::vector<std::string>& out) {
    const auto* by_itself = find_facet(plan_.before, constraint.id, "by itself");
    const auto& on = constraint.depends_on;
    const bool asked_for = by_itself && std::any_of(on.begin(), on.end(), [&](const Dependency& part_of) {
        return part_of.kind == 'a' && plan_.kept(part_of.on) && gets_parent(plan_.before.at(part_of.on));
    });
    if (!asked_for) {
        const auto* valid = find_facet(plan_.before, constraint.id, "valid");
        if (valid && valid->how != How::lasting) add(out, valid->set);
        return;
    }
    add(second(), by_itself->reset);
    const auto* local = find_facet(plan_.before, constraint.id, "local");
    if (local && local->how != How::lasting) add(second(), local->set);
}

bool Way::gets_parent(const Object& table) const {
    return std::any_of(table.facets.begin(), table.facets.end(), [&](const auto& facet) {
        return (facet.first == "partition" || facet.first.starts_with("inherits ")) && plan_.is_set(table.id, facet.first);
    });
}

void Way::change(const Object& object, std::vector<std::string>& out) {
    const auto found = plan_.retyped.find(object.id);
    const auto retyped = found == plan_.retyped.end() ? std::set<int>{} : found->second;
    const auto owner = object.facets.find("owner");
    if (owner != object.facets.end() && !follows(object) && plan_.is_set(object.id, "owner"))
        add(out, owner->second.set);
    // What a generated column is computed from comes first.
    for (const bool generated : {false, true})
        for (const auto& [name, facet] : object.facets)
            if (name != "owner" && is_generated(object, name) == generated) change_one(object, name, facet, retyped, out);
}

void Way::change_one(const Object& object, const std::string& name, const Facet& facet, const std::set<int>& retyped,
                std::vector<std::string>& out) {
    if (facet.how == How::fresh || facet.how == How::rename || facet.how == How::lasting ||
        is_late_phase(facet) || plan_.comes_from_parent(plan_.before, object, name))
        return;
    if (facet.how == How::retype) {
        const int column = column_number(name);
        if (retyped.contains(column))
            add(out, facet.reset);
        else if (plan_.is_retyped(object.id, name))
            retype(object, name, facet, out);
        return;
    }
    if (!plan_.is_set(object.id, name)) return;
    const auto base = base_facet(object, name);
    if (facet.how == How::given && !base.empty() && plan_.is_set(object.id, base)) return;
    add(is_not_null(name) ? second() : out, facet.set);
}

// Values that are put back afterwards need not be converted; meanwhile there are none.
void Way::retype(const Object& object, const std::string& name, const Facet& facet,
            std::vector<std::string>& out) {
    if (facet.set.empty()) return;
    const auto column = name.substr(0, 11);
    const auto own_name = object.facets.find(column + " name");
    const auto* whole = find_facet(plan_.before, object.id, column);
    // Computed again, and takes no USING.
    const bool generated = whole && whole->value.starts_with("generated");
    const bool identity = find_facet(plan_.after, object.id, column + " sequence") &&
                          !plan_.is_set(object.id, column + " sequence");
    if (!plan_.rewritten(object.id) || identity || generated) {
        // xml is made text as it stands, and text is made xml only when told to.
        const bool is_xml = facet.value.starts_with("142 ") && !generated;
        add(out, is_xml ? facet.reset : facet.set);
        return;
    }
    if (own_name != object.facets.end()) let_be_null(object, own_name->second.value, out);
    add(out, facet.set + " USING NULL");
}

// A column, and that of the tables that have inherited it: each may be NOT NULL by itself.
void Way::let_be_null(const Object& table, const std::string& column,
                 std::vector<std::string>& out) {
    const std::string end = " ALTER COLUMN " + column + " SET NOT NULL";
    for (const auto& [name, facet] : table.facets) {
        if (!is_not_null(name) || !facet.set.ends_with(end) || plan_.is_set(table.id, name))
            continue;
        add(out, facet.reset);
        add(second(), facet.set);
    }
    for (const auto& [id, heir] : plan_.before)
        if (plan_.kept(id) && is_whole_table(heir) && hangs_on(heir, table.id))
            let_be_null(heir, column, out);
}

}  // namespace cairn::catalog
