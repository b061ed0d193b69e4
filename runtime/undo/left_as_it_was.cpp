// Whether others have changed what an undo would overwrite or drop.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/undo/filled.hpp"
#include "runtime/undo/fingerprint.hpp"
#include "runtime/undo/giving_back.hpp"
#include "runtime/undo/guard.hpp"
#include "runtime/undo/made_anew.hpp"

namespace cairn::undo {

using catalog::Definitions;
using catalog::ObjectId;
using compiler::Diagnostic;
using postgres::Answer;

namespace {

std::string in_brackets(const std::string& text) { return text.empty() ? text : fmt::format(" ({})", text); }

}  // namespace

// The guarded objects are those that the stretch has left, unchanged since.
bool GivingBack::as_it_was_left() {
    auto remade = journal_.all_remade();
    if (auto* error = std::get_if<Diagnostic>(&remade)) return out_.error = *error, false;
    remade_ = std::get<std::map<std::string, std::string>>(std::move(remade));
    // Kept rows are those of a table that another rollback may have made again.
    find_columns(kept_.rows, remade_);
    for (auto& rows : kept_.rows) rows.oid = now({"pg_class", rows.oid}).oid;
    if (!find_elsewhere()) return false;
    std::set<ObjectId> ids;
    for (const auto& guard : entry_.guards) ids.insert(now(guard.id));
    if (!nothing_made_anew(ids)) return false;
    if (ids.empty()) return true;
    auto read = catalog::read_definitions(session_, ids);
    if (auto* error = std::get_if<Diagnostic>(&read)) return out_.error = *error, false;
    const auto& current = std::get<Definitions>(read);
    const std::string again = "cairn rollback " + journal_.run();
    for (const auto& guard : entry_.guards) {
        const auto found = current.find(now(guard.id));
        if (found == current.end()) {
            if (!conflict(fmt::format("{} is no longer what the step has made: somebody else has dropped it since, or put another in its place", guard.what),
                          or_leave(again) + "put back what was there before the step: " + again + " --on-conflict force"))
                return false;
        } else if (fingerprint(found->second) != guard.digest) {
            if (!conflict(fmt::format("{} has been changed by somebody else since{}", guard.what, in_brackets(what_differs(guard.parts, found->second))), or_leave(again) + "change it back, then: " + again)) return false;
        }
    }
    return nothing_new(current);
}

// What the undo would make again stands there anew. What the stretch itself has put in its place is guarded, or has only been moved.
bool GivingBack::nothing_made_anew(std::set<ObjectId> expected) {
    for (const auto& id : entry_.known) expected.insert(now(id));
    auto found = made_anew(session_, entry_.gone);
    if (auto* error = std::get_if<Diagnostic>(&found)) return out_.error = *error, false;
    for (const auto& [gone, object] : std::get<MadeAnew>(found)) {
        if (expected.contains(object.id)) continue;
        const std::string what = in_words(object);
        std::string found_there = what + " was made anew by somebody else since the step has dropped it";
        if (what != gone->what) found_there = fmt::format("{} was made by somebody else since the step has dropped {}", what, gone->what);
        if (object.id.catalog == "pg_attrdef") found_there = what + " has been set by somebody else since";
        if (!conflict(std::move(found_there), "drop it, or leave it: cairn rollback " + journal_.run() + " --on-conflict skip")) return false;
    }
    return true;
}

// What would be dropped along with something that the stretch has made.
bool GivingBack::nothing_new(const Definitions& current) {
    std::set<ObjectId> made, known;
    for (const auto& guard : entry_.guards) {
        if (guard.made) made.insert(now(guard.id));
    }
    for (const auto& id : entry_.known) known.insert(now(id));
    std::set<std::pair<ObjectId, int>> columns;
    for (const auto& added : entry_.added) {
        const std::string name = now_known_as(remade_, fmt::format("{}.{}", remade_name(added.table), added.number));
        columns.insert({now(added.table), std::stoi(name.substr(name.rfind('.') + 1))});
    }
    for (const auto& [id, object] : current) {
        if (known.contains(id) || made.contains(id)) continue;
        const bool hangs_on = std::any_of(object.depends_on.begin(), object.depends_on.end(), [&](const catalog::Dependency& one) {
            return made.contains(one.on) || columns.contains({one.on, one.column});
        });
        if (!hangs_on) continue;
        if (!conflict(fmt::format("{} {} was made by somebody else since, and would be dropped with what it depends on", object.word,
                                    object.identity),
                      "drop it, or make it anew elsewhere, then: cairn rollback " + journal_.run()))
            return false;
    }
    return true;
}

// Rows and values that others have put where the undo drops.
bool GivingBack::nothing_of_others() {
    for (const auto& guard : entry_.guards) {
        if (!guard.made || guard.id.catalog != "pg_class" || !guard.what.starts_with("TABLE ")) continue;
        if (!look({.kind = "relation", .name = guard.what.substr(6), .sub = {}})) return false;
    }
    if (!rows_still_there()) return false;
    for (const auto& converted : entry_.converted) {
        if (!still_fits(converted)) return false;
    }
    for (const auto& added : entry_.added) {
        if (!look({.kind = "column", .name = added.relation, .sub = added.column}, added.computed)) return false;
    }
    return true;
}

// Rows that others have deleted of a table that the step made, perhaps in the place of one that comes back with them.
bool GivingBack::rows_still_there() {
    std::set<std::uint32_t> tables;
    for (const auto& filled : entry_.filled) tables.insert(now(filled.table).oid);
    const auto counted = count_rows(session_, tables, fmt::format("t.xmin::text IN ({})", journal_.own_xids_query()));
    if (const auto* error = std::get_if<Diagnostic>(&counted)) return out_.error = *error, false;
    for (const auto& filled : entry_.filled) {
        const auto found = std::get<0>(counted).find(now(filled.table).oid);
        if (found == std::get<0>(counted).end() || found->second.rows >= filled.rows) continue;
        const std::string again = "cairn rollback " + journal_.run();
        if (!conflict(run::problem(820, fmt::format("of the {} rows that the step put into {}, others have deleted or changed {} since; nothing was dropped",
                                                    filled.rows, found->second.name, filled.rows - found->second.rows),
                                   or_leave(again) + "drop it all the same, and what it has taken the place of comes back as it was: " + again + " --on-conflict force")))
            return false;
    }
    return true;
}

// A value that can't be converted at all is refused when that is tried, and named then.
bool GivingBack::still_fits(const ConvertedColumn& converted) {
    journal::UndoRow row;
    row.object = {.kind = "column", .name = converted.relation, .sub = converted.column};
    if (const Answer a = session_.query("SAVEPOINT cairn_fits"); !a.ok()) return refused(a, "SAVEPOINT");
    const GuardResult seen = look_at_rows(session_, journal_, row, {.type = converted.type});
    if (seen.failure && !session_.alive()) return refused(*seen.failure, "looking for values of others");
    if (const Answer a = session_.script(seen.failure ? "ROLLBACK TO SAVEPOINT cairn_fits; RELEASE SAVEPOINT cairn_fits" : "RELEASE SAVEPOINT cairn_fits"); !a.ok())
        return refused(a, "RELEASE SAVEPOINT");
    return !seen.conflict || conflict(*seen.conflict);
}

bool GivingBack::look(sql::ObjectName object, const std::string& computed) {
    journal::UndoRow row;
    row.object = std::move(object);
    std::vector<std::string> known;
    for (const auto& id : entry_.known) known.push_back(remade_name(now(id)));
    for (const auto& seen : {look_at_parts(session_, journal_, row, known), look_at_rows(session_, journal_, row, {.computed = computed})}) {
        if (seen.failure) return refused(*seen.failure, "looking for what others have made and written");
        if (seen.conflict && !conflict(*seen.conflict)) return false;
    }
    return true;
}

}  // namespace cairn::undo
