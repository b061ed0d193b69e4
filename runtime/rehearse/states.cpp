#include "runtime/rehearse/states.hpp"

#include <algorithm>
#include <set>

namespace cairn::rehearse {
namespace {

using Texts = std::map<std::string, std::string>;
using Changed = std::map<std::string, std::optional<std::string>>;

const std::string* found(const std::map<std::string, std::string>& texts, const std::string& key) {
    const auto at = texts.find(key);
    return at == texts.end() ? nullptr : &at->second;
}

bool same(const std::string* one, const std::string* other) {
    return one == nullptr || other == nullptr ? one == other : *one == *other;
}

void set(std::map<std::string, std::string>& texts, const std::string& key,
         const std::string* text) {
    if (text == nullptr)
        texts.erase(key);
    else
        texts[key] = *text;
}

const catalog::State& of(const States& states, const std::string& role) {
    static const catalog::State nothing;
    const auto at = states.find(role);
    return at == states.end() ? nothing : at->second;
}

Changed changes(const Texts& from, const Texts& to) {
    Changed changed;
    for (const auto& [key, text] : to)
        if (!same(found(from, key), &text)) changed[key] = text;
    for (const auto& [key, text] : from)
        if (!to.contains(key)) changed[key] = std::nullopt;
    return changed;
}

void apply(const Changed& changed, Texts& texts) {
    for (const auto& [key, text] : changed) set(texts, key, text ? &*text : nullptr);
}

catalog::State without_left(catalog::State before, const catalog::State& after,
                            const catalog::State& then, const catalog::State& now) {
    const auto forgive = [&](auto member, auto is_theirs) {
        std::set<std::string> keys;
        for (const auto& [key, text] : before.*member)
            if (!same(&text, found(now.*member, key))) keys.insert(key);
        for (const auto& [key, text] : now.*member)
            if (!(before.*member).contains(key)) keys.insert(key);
        for (const auto& key : keys) {
            const auto *from = found(before.*member, key), *to = found(after.*member, key);
            const auto *undone_from = found(then.*member, key),
                       *undone_to = found(now.*member, key);
            if ((same(from, to) && same(undone_from, undone_to)) ||
                is_theirs(key, from, to, undone_from, undone_to))
                set(before.*member, key, undone_to);
        }
    };
    forgive(&catalog::State::contents,
            [&](const auto& key, auto from, auto to, auto undone_from, auto undone_to) {
                if (!from || !to || !undone_from || !undone_to || key.starts_with("sequence "))
                    return false;
                if (catalog::same_change(*from, *undone_to, *to, *undone_from)) return true;
                // With other columns the rows have other digests: what is left is their number.
                return !same(found(before.objects, "column order " + key),
                             found(after.objects, "column order " + key)) &&
                       !same(to, undone_from) &&
                       catalog::same_change_of_count(*from, *undone_to, *to, *undone_from);
            });
    forgive(&catalog::State::objects, [](auto&&...) { return false; });
    return before;
}

}  // namespace

catalog::Difference compare(const States& before, const States& after) {
    catalog::Difference all;
    for (const auto& [role, state] : before) {
        const auto other = after.find(role);
        auto difference =
            catalog::compare(state, other == after.end() ? catalog::State{} : other->second);
        all.likeness = std::max(all.likeness, difference.likeness);
        const std::string prefix = before.size() > 1 ? "[" + role + "] " : "";
        for (auto& line : difference.lines) all.lines.push_back(prefix + line);
        for (auto& note : difference.notes) all.notes.push_back(prefix + note);
    }
    return all;
}

Changes changes(const States& from, const States& to) {
    Changes all;
    for (const auto& [role, state] : to)
        all.roles[role] = {.objects = changes(of(from, role).objects, state.objects),
                           .contents = changes(of(from, role).contents, state.contents)};
    return all;
}

void apply(const Changes& changes, States& states) {
    for (const auto& [role, changed] : changes.roles) {
        auto& state = states[role];
        apply(changed.objects, state.objects);
        apply(changed.contents, state.contents);
    }
}

States without_left(const States& before, const States& after, const States& then,
                    const States& now) {
    States adjusted;
    for (const auto& [role, state] : before)
        adjusted.emplace(role, without_left(state, of(after, role), of(then, role), of(now, role)));
    return adjusted;
}

}  // namespace cairn::rehearse
