#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "runtime/catalog/definitions.hpp"
#include "runtime/catalog/definitions/losses.hpp"
#include "runtime/catalog/definitions/members.hpp"
#include "runtime/catalog/definitions/order.hpp"
#include "runtime/catalog/definitions/plan.hpp"
#include "runtime/catalog/definitions/renames.hpp"

namespace cairn::catalog {
namespace {

using How = Facet::How;

constexpr char separator = '\x1e';

void add(std::vector<std::string>& to, const std::string& sql) {
    for (std::size_t begin = 0; begin < sql.size();) {
        const auto end = std::min(sql.find(separator, begin), sql.size());
        if (end > begin) to.push_back(sql.substr(begin, end - begin));
        begin = end + 1;
    }
}

bool is_late_phase(const Facet& facet) {
    return facet.how == How::last || facet.how == How::contents;
}

class Way {
public:
    Way(const Definitions& before, const Definitions& after) : plan_(before, after) {}

    WayBack take() {
        way_.losses = row_losses(plan_);
        way_.refused = refusals(plan_);
        reset_last();
        reset_all();
        auto names = renames(plan_);
        for (const auto& sql : names.names) add(way_.before_rows, sql);
        make_schemas();
        for (const auto& sql : names.schemas) add(way_.before_rows, sql);
        find_needed();
        for (const auto& id : plan_.before_order) make(id);
        finish(How::last);
        for (const auto& sql : names.drops) add(second(), sql);
        finish(How::contents);
        guard();
        way_.refused.insert(way_.refused.end(), plan_.refused.begin(), plan_.refused.end());
        return std::move(way_);
    }

private:
    // Without rows to be put back there is one list.
    std::vector<std::string>& second() {
        return way_.losses.empty() ? way_.before_rows : way_.after_rows;
    }

    // The mirror of finish().
    void reset_last() {
        auto order = plan_.after_order;
        std::stable_sort(order.begin(), order.end(),
                         [](const auto& a, const auto& b) { return rank(a) < rank(b); });
        for (auto at = order.rbegin(); at != order.rend(); ++at) {
            const auto& object = plan_.after.at(*at);
            for (auto facet = object.facets.rbegin(); facet != object.facets.rend(); ++facet) {
                if (facet->second.how != How::last) continue;
                // With what foreign keys to its parent have there.
                const bool detached = facet->first == "partition" && plan_.dropped(*at) && is_whole_table(object) && !plan_.goes_along(object);
                if (facet->first.empty() ? plan_.dropped(*at) && !plan_.needs_no_drop(object)
                                         : detached || (plan_.kept(*at) && plan_.is_reset(*at, facet->first)))
                    add(way_.before_rows, facet->second.reset);
            }
        }
    }

    void reset_all() {
        for (auto at = plan_.after_order.rbegin(); at != plan_.after_order.rend(); ++at) {
            const auto& object = plan_.after.at(*at);
            if (plan_.dropped(*at)) {
                const auto* whole = find_facet(plan_.after, *at, "");
                if (whole && whole->how != How::last && !plan_.late.contains(*at) &&
                    !plan_.needs_no_drop(object))
                    add(way_.before_rows, whole->reset);
            } else if (plan_.kept(*at)) {
                for (auto facet = object.facets.rbegin(); facet != object.facets.rend(); ++facet)
                    reset(object, facet->first, facet->second);
            }
        }
        // A child's column may hold NULLs as soon as its parent's may.
        for (const auto& id : plan_.after_order)
            if (plan_.kept(id))
                for (const auto& [name, facet] : plan_.after.at(id).facets)
                    if (is_not_null(name)) reset_one(plan_.after.at(id), name, facet);
    }

    static bool is_not_null(const std::string& facet) {
        return facet.starts_with("column ") && facet.ends_with(" not null");
    }

    void reset(const Object& object, const std::string& name, const Facet& facet) {
        if (!is_not_null(name)) reset_one(object, name, facet);
    }

    void reset_one(const Object& object, const std::string& name, const Facet& facet) {
        if (name.empty() || is_late_phase(facet) || facet.how == How::fresh ||
            facet.how == How::retype || !plan_.is_reset(object.id, name) ||
            plan_.comes_from_parent(plan_.after, object, name))
            return;
        // Goes with what it belongs to.
        const auto base = base_facet(object, name);
        if (!base.empty() && facet.how != How::last && plan_.is_reset(object.id, base) &&
            object.facets.at(base).how != How::rename)
            return;
        add(way_.before_rows, facet.reset);
    }

    // Before anything is moved back into them.
    void make_schemas() {
        for (const auto& id : plan_.before_order)
            if (id.catalog == "pg_namespace" && plan_.made(id)) {
                make(id);
                made_.insert(id);
            }
    }

    // What the rows need to be put back: their tables, and what those can't be made without.
    void find_needed() {
        const std::function<void(const ObjectId&)> need = [&](const ObjectId& id) {
            if (!plan_.before.contains(id) || !needed_.insert(id).second) return;
            for (const auto& on : needs(plan_.before.at(id), plan_.before)) need(on);
        };
        for (const auto& loss : way_.losses) need({"pg_class", loss.table});
        for (const auto& [id, object] : plan_.before) {
            if (!is_domain_check(object)) continue;
            const auto& on = object.depends_on;
            if (std::any_of(on.begin(), on.end(), [&](const Dependency& d) { return d.kind == 'a' && needed_.contains(d.on); })) need(id);
        }
    }

    void make(const ObjectId& id) {
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

    void make_whole(const Object& object, std::vector<std::string>& out) {
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
    void make_inherited(const Object& constraint, std::vector<std::string>& out) {
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

    bool gets_parent(const Object& table) const {
        return std::any_of(table.facets.begin(), table.facets.end(), [&](const auto& facet) {
            return (facet.first == "partition" || facet.first.starts_with("inherits ")) && plan_.is_set(table.id, facet.first);
        });
    }

    void change(const Object& object, std::vector<std::string>& out) {
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

    void change_one(const Object& object, const std::string& name, const Facet& facet, const std::set<int>& retyped,
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
    void retype(const Object& object, const std::string& name, const Facet& facet,
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
    void let_be_null(const Object& table, const std::string& column,
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

    void finish(How phase) {
        auto order = plan_.before_order;
        std::stable_sort(order.begin(), order.end(),
                         [](const auto& a, const auto& b) { return rank(a) < rank(b); });
        for (const auto& id : phase == How::last ? order : plan_.before_order) {
            const auto& object = plan_.before.at(id);
            const bool made = plan_.made(id), kept = plan_.kept(id);
            const auto whole = object.facets.find("");
            const bool by_another =
                made && (whole == object.facets.end() || whole->second.set.empty());
            if (phase == How::last && made && whole != object.facets.end() &&
                whole->second.how == How::last && !by_another)
                make_whole(object, second());
            for (const auto& [name, facet] : object.facets) {
                if (name.empty()) continue;
                // A table that is made is made as its parents' child.
                const bool comes_along = made && name.starts_with("inherits ");
                if (facet.how == phase && !comes_along && (made || (kept && plan_.is_set(id, name))))
                    add(second(), facet.set);
                if (phase == How::contents && by_another && (facet.how == How::always || facet.how == How::fresh) &&
                    !(name == "owner" && follows(object)))
                    add(second(), facet.set);
            }
        }
    }

    void guard() {
        for (const auto& [id, object] : plan_.after) {
            const bool same = plan_.kept(id) && digest(object) == digest(plan_.before.at(id));
            if (!same && (plan_.fresh.contains(id) || plan_.before.contains(id)))
                way_.guards.push_back({.id = id,
                                       .word = object.word,
                                       .identity = object.identity,
                                       .digest = digest(object)});
        }
    }

    Plan plan_;
    WayBack way_;
    std::set<ObjectId> needed_, made_;
};

}  // namespace

WayBack way_back(const Definitions& before, const Definitions& after) {
    const auto has_members = [](const Definitions& all) {
        return std::any_of(all.begin(), all.end(),
                           [](const auto& entry) { return entry.second.member; });
    };
    if (!has_members(before) && !has_members(after)) return Way(before, after).take();
    Definitions was = before, is = after;
    leave_to_extensions(was, is);
    return Way(was, is).take();
}

std::string digest(const Object& object) {
    std::string text;
    for (const auto& [name, facet] : object.facets)
        if (facet.how != How::fresh) text += name + '\x1f' + facet.value + '\x1e';
    // FNV-1a: to notice a change, not to withstand forgery.
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return fmt::format("{:016x}", hash);
}

}  // namespace cairn::catalog
