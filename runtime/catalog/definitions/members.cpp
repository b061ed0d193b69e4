#include "runtime/catalog/definitions/members.hpp"

#include <algorithm>
#include <set>

namespace cairn::catalog {
namespace {

const Object* find(const Definitions& all, const ObjectId& id) {
    const auto found = all.find(id);
    return found == all.end() ? nullptr : &found->second;
}

bool is_users(const std::string& facet) {
    return facet == "comment" || facet.starts_with("label ") || facet.starts_with("privilege") ||
           facet == "all privileges";
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

std::string literal(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
    return quoted + "'";
}

// Makes it and puts it into its extension, unless the extension has just made it itself.
std::string if_missing(const std::string& statements) {
    std::string body = "\nBEGIN\n";
    for (std::size_t begin = 0; begin <= statements.size();) {
        const auto end = std::min(statements.find('\x1e', begin), statements.size());
        body += "    EXECUTE " + literal(statements.substr(begin, end - begin)) + ";\n";
        begin = end + 1;
    }
    body +=
        "EXCEPTION WHEN duplicate_object OR duplicate_table OR duplicate_function OR "
        "object_not_in_prerequisite_state THEN\n"
        "    NULL;\nEND";
    return "SET LOCAL standard_conforming_strings = on\x1e"
           "DO " +
           literal(body);
}

// What CREATE EXTENSION will make once more, or what has been put into the extension by hand:
// nobody can tell for sure.
void made_with_extension(Object& object) {
    const auto membership = object.facets.find("extension");
    auto whole = object.facets.find("");
    if (membership != object.facets.end() && whole != object.facets.end() &&
        membership->second.value.ends_with(" by hand")) {
        whole->second.set = if_missing(whole->second.set + "\x1e" + membership->second.set);
        object.facets.erase(membership);
        return;
    }
    // The rows that the extension brings make way for those that were there.
    const bool table =
        object.word == "TABLE" && whole != object.facets.end() && whole->second.value == "r";
    leave(object);
    if (table)
        object.facets[""] = {.value = "r",
                             .set = "DELETE FROM ONLY " + object.identity,
                             .reset = {},
                             .in_place = {}};
}

// In one state only, put into an extension that was there already.
void by_hand(Object& object) {
    const auto whole = object.facets.find(""), membership = object.facets.find("extension");
    if (whole == object.facets.end() || membership == object.facets.end()) return;
    whole->second.reset = membership->second.reset + "\x1e" + whole->second.reset;
}

// Indexes, constraints and the like of members come and go with them.
std::set<ObjectId> with_parts(const Definitions& all, const Definitions& others,
                              std::set<ObjectId> left) {
    for (bool more = true; more;) {
        more = false;
        for (const auto& [id, object] : all) {
            if (left.contains(id) || others.contains(id)) continue;
            const bool part = std::any_of(
                object.depends_on.begin(), object.depends_on.end(), [&](const Dependency& on) {
                    return (on.kind == 'a' || on.kind == 'i') && left.contains(on.on);
                });
            if (part) more = left.insert(id).second;
        }
    }
    return left;
}

}  // namespace

void leave_to_extensions(Definitions& before, Definitions& after) {
    std::set<ObjectId> went, came;
    for (auto& [id, was] : before) {
        const auto is = after.find(id);
        if (is != after.end()) {
            if (!was.member || !is->second.member || extension_stays(was, before, after)) continue;
            leave(was);
            leave(is->second);
        } else if (was.member && !extension_stays(was, before, after)) {
            made_with_extension(was);
            if (was.facets.find("") == was.facets.end() || was.facets.at("").reset.empty())
                went.insert(id);
        }
    }
    for (auto& [id, is] : after) {
        if (!is.member || before.contains(id)) continue;
        if (extension_stays(is, before, after)) {
            by_hand(is);
        } else {
            leave(is);
            came.insert(id);
        }
    }
    for (const auto& id : with_parts(before, after, went))
        if (!went.contains(id)) leave(before.at(id));
    for (const auto& id : with_parts(after, before, came))
        if (!came.contains(id)) leave(after.at(id));
}

}  // namespace cairn::catalog
