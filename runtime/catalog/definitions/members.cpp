#include "runtime/catalog/definitions/members.hpp"

#include <algorithm>

namespace cairn::catalog {
namespace {

const Object* find(const Definitions& all, const ObjectId& id) {
    const auto found = all.find(id);
    return found == all.end() ? nullptr : &found->second;
}

bool is_users(const std::string& facet) {
    return facet == "comment" || facet.starts_with("label ") || facet.starts_with("privilege");
}

void leave(Object& object) {
    std::erase_if(object.facets, [](const auto& facet) { return !is_users(facet.first); });
}

std::string version(const Object& extension) {
    const auto found = extension.facets.find("version");
    return found == extension.facets.end() ? "" : found->second.value;
}

// An extension that the step has made, dropped or updated has made or dropped its members itself.
bool extension_stays(const Object& member, const Definitions& before, const Definitions& after) {
    return std::all_of(member.depends_on.begin(), member.depends_on.end(),
                       [&](const Dependency& on) {
                           if (on.kind != 'e') return true;
                           const auto *was = find(before, on.on), *is = find(after, on.on);
                           return was && is ? version(*was) == version(*is) : !was && !is;
                       });
}

// In one state only, put into an extension or taken out of it by hand.
void by_hand(Object& object) {
    const auto whole = object.facets.find(""), membership = object.facets.find("extension");
    if (whole == object.facets.end() || membership == object.facets.end()) return;
    whole->second.reset = membership->second.reset + "\x1e" + whole->second.reset;
}

}  // namespace

void leave_to_extensions(Definitions& before, Definitions& after) {
    for (auto& [id, was] : before) {
        const auto is = after.find(id);
        if (is != after.end()) {
            if (!was.member || !is->second.member) continue;
            leave(was);
            leave(is->second);
        } else if (was.member && !extension_stays(was, before, after)) {
            leave(was);
        }
    }
    for (auto& [id, is] : after) {
        if (!is.member || before.contains(id)) continue;
        if (extension_stays(is, before, after))
            by_hand(is);
        else
            leave(is);
    }
}

}  // namespace cairn::catalog
