#include "runtime/undo/remade.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/undo/giving_back.hpp"

namespace cairn::undo {

using catalog::Definitions;
using catalog::ObjectId;
using compiler::Diagnostic;
using postgres::Answer;

std::string remade_name(const ObjectId& id) { return fmt::format("{} {}", id.catalog, id.oid); }

std::string now_known_as(const std::map<std::string, std::string>& remade, std::string name) {
    // Every remaking gives a new OID: a chain ends.
    for (std::size_t i = 0; i <= remade.size(); ++i) {
        const auto next = remade.find(name);
        if (next == remade.end()) break;
        name = next->second;
    }
    return name;
}

void find_columns(std::vector<KeptRows>& all, const std::map<std::string, std::string>& remade) {
    for (auto& rows : all) {
        const std::string table = remade_name({"pg_class", rows.oid});
        for (auto& column : rows.columns) {
            const std::string name = fmt::format("{}.{}", table, column.number);
            const std::string known = now_known_as(remade, name);
            // A table made again whose columns nobody has written down: they may have other numbers.
            if (known == name && now_known_as(remade, table) != table) continue;
            column.now = static_cast<std::int16_t>(std::stoi(known.substr(known.rfind('.') + 1)));
        }
    }
}

ObjectId GivingBack::now(const ObjectId& id) {
    const std::string name = now_known_as(remade_, remade_name(id));
    return {id.catalog, static_cast<std::uint32_t>(std::stoul(name.substr(name.find(' ') + 1)))};
}

// Earlier entries of the trail know these objects by their former OIDs.
bool GivingBack::note_remade() {
    if (entry_.remade.empty()) return true;
    std::set<ObjectId> likely;
    for (const auto& remade : entry_.remade) likely.insert(now(remade.was));
    auto found = catalog::touched(session_, likely);
    if (auto* error = std::get_if<Diagnostic>(&found)) return out_.error = *error, false;
    auto read = catalog::read_definitions(session_, std::get<catalog::Touched>(found).objects);
    if (auto* error = std::get_if<Diagnostic>(&read)) return out_.error = *error, false;
    std::map<std::pair<std::string, std::string>, ObjectId> by_name;
    for (const auto& [id, object] : std::get<Definitions>(read)) by_name[{id.catalog, object.identity}] = id;
    std::vector<postgres::Command> commands;
    for (const auto& remade : entry_.remade) {
        const auto at = by_name.find({remade.was.catalog, remade.identity});
        if (at == by_name.end()) continue;
        const std::string was = now_known_as(remade_, remade_name(remade.was)), is = remade_name(at->second);
        if (was != is) commands.push_back(journal_.remade(was, is));
        const auto& made = std::get<Definitions>(read).at(at->second);
        if (was != is) say_of_columns(remade, made);
        note_columns(remade, made, commands);
    }
    for (const auto& a : session_.pipeline(commands)) {
        if (!a.ok()) return refused(a, "writing down what was made again");
    }
    return true;
}

// An event trigger that can't be silenced adds its own to every table that is made.
void GivingBack::say_of_columns(const Remade& remade, const catalog::Object& made) {
    for (const auto& column : made.columns) {
        const bool had = std::any_of(remade.columns.begin(), remade.columns.end(), [&](const auto& former) { return former.first == column.first; });
        if (!had && !remade.columns.empty())
            out_.said.push_back(fmt::format("{} was made again with column `{}`, which it did not have: an event trigger of the database has added it",
                                            remade.identity, column.first));
    }
}

void GivingBack::note_columns(const Remade& remade, const catalog::Object& made, std::vector<postgres::Command>& commands) {
    // Trails of older builds know the columns of tables only.
    const ObjectId was{"pg_class", remade.relation == 0 ? remade.was.oid : remade.relation};
    for (const auto& [name, number] : remade.columns) {
        const auto now = std::find_if(made.columns.begin(), made.columns.end(), [&, &wanted = name](const auto& column) { return column.first == wanted; });
        if (now == made.columns.end()) continue;
        const std::string known = now_known_as(remade_, fmt::format("{}.{}", remade_name(was), number));
        const std::string after = fmt::format("{}.{}", remade_name({"pg_class", made.relation}), now->second);
        if (known != after) commands.push_back(journal_.remade(known, after));
    }
}

}  // namespace cairn::undo
