#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "runtime/catalog/definitions/losses.hpp"
#include "runtime/catalog/definitions/members.hpp"
#include "runtime/catalog/definitions/order.hpp"
#include "runtime/catalog/definitions/renames.hpp"
#include "runtime/catalog/definitions/way.hpp"

namespace cairn::catalog {

namespace {

constexpr char separator = '\x1e';

}  // namespace

void Way::add(std::vector<std::string>& to, const std::string& sql) {
    for (std::size_t begin = 0; begin < sql.size();) {
        const auto end = std::min(sql.find(separator, begin), sql.size());
        if (end > begin) to.push_back(sql.substr(begin, end - begin));
        begin = end + 1;
    }
}

bool Way::is_late_phase(const Facet& facet) {
    return facet.how == How::last || facet.how == How::contents;
}

WayBack Way::take() {
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

// The mirror of finish().
void Way::reset_last() {
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

void Way::reset_all() {
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

void Way::reset(const Object& object, const std::string& name, const Facet& facet) {
    if (!is_not_null(name)) reset_one(object, name, facet);
}

void Way::reset_one(const Object& object, const std::string& name, const Facet& facet) {
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
void Way::make_schemas() {
    for (const auto& id : plan_.before_order)
        if (id.catalog == "pg_namespace" && plan_.made(id)) {
            make(id);
            made_.insert(id);
        }
}

// What the rows need to be put back: their tables, and what those can't be made without.
void Way::find_needed() {
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

void Way::finish(How phase) {
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

void Way::guard() {
    for (const auto& [id, object] : plan_.after) {
        const bool same = plan_.kept(id) && digest(object) == digest(plan_.before.at(id));
        if (!same && (plan_.fresh.contains(id) || plan_.before.contains(id)))
            way_.guards.push_back({.id = id,
                                   .word = object.word,
                                   .identity = object.identity,
                                   .digest = digest(object)});
    }
}

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
