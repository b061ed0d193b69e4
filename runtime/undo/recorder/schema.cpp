// What a stretch has done to definitions, and their way back.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/ways_out.hpp"
#include "runtime/run/context.hpp"
#include "runtime/undo/fingerprint.hpp"
#include "runtime/undo/made_anew.hpp"
#include "runtime/undo/recorder.hpp"
#include "runtime/undo/relations.hpp"

namespace cairn::undo {

using catalog::Definitions;
using catalog::ObjectId;
using compiler::Diagnostic;
using compiler::StepItem;
using postgres::Session;

namespace {

// A foreign key's triggers are named by their OIDs: where the key was made again they are others.
bool is_internal_trigger(const catalog::Object& object) { return object.id.catalog == "pg_trigger" && object.word.empty(); }

// What a foreign key has for a partition that it refers to, or a check from its parent: PostgreSQL gives the next one the same name.
bool comes_along(const catalog::Object& object) {
    const auto whole = object.facets.find("");
    return object.id.catalog == "pg_constraint" && whole != object.facets.end() && whole->second.set.empty();
}

// As SQL says it, if the column has another one now.
std::string former_type(const catalog::Object& was, const catalog::Object& is, int number) {
    const std::string facet = fmt::format("column {:04} as type", number);
    const auto then = was.facets.find(facet), now = is.facets.find(facet);
    if (then == was.facets.end() || now == is.facets.end() || then->second.value == now->second.value) return {};
    const auto named = std::find_if(was.columns.begin(), was.columns.end(), [&](const auto& column) { return column.second == number; });
    if (named == was.columns.end()) return {};
    const std::string start = fmt::format("ALTER TABLE {} ALTER COLUMN {} TYPE ", was.identity, sql::quote_identifier(named->first));
    const std::string& set = then->second.set;
    if (!set.starts_with(start)) return {};
    return set.substr(start.size(), set.find(" COLLATE ", start.size()) - start.size());
}

std::string unquoted(const std::string& name) {
    if (!name.starts_with('"')) return name;
    std::string out;
    for (std::size_t i = 1; i + 1 < name.size(); ++i) {
        out += name[i];
        if (name[i] == '"') ++i;  // written twice
    }
    return out;
}

void add_attributes(const catalog::Object& was, const catalog::Object& is, std::vector<AddedColumn>& added) {
    constexpr std::string_view attribute = "attribute ";
    for (const auto& [name, facet] : is.facets) {
        if (!name.starts_with(attribute) || was.facets.contains(name)) continue;
        added.push_back({.table = is.id, .relation = is.identity, .column = unquoted(facet.value), .number = std::stoi(name.substr(attribute.size()))});
    }
}

}  // namespace

std::optional<Diagnostic> Recorder::see_schema(const StepItem& step, Entry& entry) {
    catalog::Pinned pinned;
    auto written = catalog::touched(session_, roots_, &pinned, counted_from_zero_);
    if (auto* error = std::get_if<Diagnostic>(&written)) return *error;
    const auto& touched = std::get<catalog::Touched>(written);
    if (!touched.unknown.empty())
        return run::problem(841, fmt::format("the step writes to `{}`, and what stands there can't be taken back", touched.unknown.front()), compiler::ways_out);
    // What was there before and has been changed or dropped: who is outside of this transaction still sees it as it was.
    auto asked = of_.outside();
    if (auto* error = std::get_if<Diagnostic>(&asked)) return *error;
    auto former = catalog::touched_by_aborted(*std::get<Session*>(asked), touched, roots_);
    if (auto* error = std::get_if<Diagnostic>(&former)) return *error;
    const auto& replaced = std::get<std::set<ObjectId>>(former);
    std::set<ObjectId> missed;
    for (const auto& id : replaced) {
        if (!seen_.contains(id)) missed.insert(id);
    }
    // A comment, a label of an enum, a dependency: of an object whose own row has stayed.
    std::set<ObjectId> unknown;
    for (const auto& id : touched.objects) {
        if (!seen_.contains(id) && !replaced.contains(id) && !made_.contains(id)) unknown.insert(id);
    }
    auto found = catalog::standing(*std::get<Session*>(asked), unknown);
    if (auto* error = std::get_if<Diagnostic>(&found)) return *error;
    const auto& there = std::get<std::set<ObjectId>>(found);
    missed.insert(there.begin(), there.end());
    if (!see_from_outside(*std::get<Session*>(asked), missed)) lesson().objects.insert(missed.begin(), missed.end());
    roots_.insert(missed.begin(), missed.end());
    roots_.insert(touched.objects.begin(), touched.objects.end());
    auto read = catalog::read_definitions(session_, roots_, pinned);
    if (auto* error = std::get_if<Diagnostic>(&read)) return *error;
    const auto after = std::get<Definitions>(std::move(read));
    add_ids(roots_, after);
    for (const auto& id : touched.objects) {
        if (unknown.contains(id) && !there.contains(id)) made_.insert(id);
    }
    auto way = catalog::way_back(before_, after);
    if (!way.refused.empty()) {
        way.refused.front().help = compiler::ways_out;
        return way.refused.front();
    }
    if (step.keep_rows && !way.losses.empty()) {
        // A table that nobody outside sees was made by this transaction, each time it is tried under another OID.
        std::set<ObjectId> tables;
        for (const auto& loss : way.losses) tables.insert(relation(loss.table));
        auto older = catalog::standing(*std::get<Session*>(asked), tables);
        if (auto* error = std::get_if<Diagnostic>(&older)) return *error;
        for (const auto& loss : way.losses) {
            if (std::get<std::set<ObjectId>>(older).contains(relation(loss.table))) learn(loss, entry.kept);
        }
    }
    entry.before_rows = std::move(way.before_rows);
    entry.after_rows = std::move(way.after_rows);
    guard(after, way.guards, entry);
    for (const auto& id : way.rebuilt) entry.remade.push_back({.was = id, .identity = before_.at(id).identity, .columns = {}, .relation = 0});
    add_columns(after, entry);
    add_refreshed(after, entry);
    return std::nullopt;
}

std::optional<Diagnostic> Recorder::note_refreshing(const Stretch& stretch, const StepItem& step) {
    std::vector<std::string> names;
    for (const std::size_t i : stretch.statements) {
        const auto& facts = step.statements[i].facts;
        if (facts.kind == "REFRESH MATERIALIZED VIEW") names.insert(names.end(), facts.writes.begin(), facts.writes.end());
    }
    auto views = resolve(session_, names, "m");
    if (auto* error = std::get_if<Diagnostic>(&views)) return *error;
    refreshing_ = std::get<0>(std::move(views));
    may_refresh_ = stretch.kind == Stretch::Kind::anything;
    return std::nullopt;
}

// One that held nothing before, or holds nothing now, or has been made, is emptied, filled or dropped.
void Recorder::add_refreshed(const Definitions& after, Entry& entry) const {
    const auto value_of = [](const catalog::Object& view, const char* facet) {
        const auto found = view.facets.find(facet);
        return found == view.facets.end() ? std::string() : found->second.value;
    };
    for (const auto& [id, view] : after) {
        const auto former = before_.find(id);
        if (former == before_.end() || made_.contains(id)) continue;
        if (value_of(former->second, "populated") != "true" || value_of(view, "populated") != "true") continue;
        if (refreshing_.contains(id.oid) || (may_refresh_ && value_of(former->second, "filled") != value_of(view, "filled"))) entry.refreshed.push_back(view.identity);
    }
}

// What the first stretch of a transaction has changed unforeseen still stands outside as it was before, and spares running the step
// again, which may have rewritten a large table. False: it can't be told from there. Reading a view's definition waits for a table
// that this transaction has locked, and so must not wait long.
bool Recorder::see_from_outside(Session& outside, const std::set<ObjectId>& missed) {
    if (missed.empty()) return true;
    if (!is_first_) return false;
    bool seen = outside.script("BEGIN READ ONLY; SET LOCAL lock_timeout = '100ms'").ok();
    if (seen) {
        auto read = catalog::read_definitions(outside, missed);
        auto* definitions = std::get_if<Definitions>(&read);
        seen = definitions != nullptr;
        if (seen) {
            for (auto& [id, object] : *definitions) {
                const bool root = object.root;
                auto& into = before_.try_emplace(id, std::move(object)).first->second;
                into.root = into.root || root;
            }
            add_ids(roots_, before_);
            add_ids(seen_, before_);
        }
    }
    if (outside.alive()) (void)outside.script("ROLLBACK");
    return seen;
}

// Columns that the undo will drop again, or compute again, and attributes.
void Recorder::add_columns(const Definitions& after, Entry& entry) {
    for (const auto& [id, table] : after) {
        const auto former = before_.find(id);
        if (former == before_.end() || made_.contains(id)) continue;
        if (id.catalog == "pg_type") {
            add_attributes(former->second, table, entry.added);
            continue;
        }
        if (!table.word.ends_with("TABLE")) continue;
        const auto& were = former->second.columns;
        for (const auto& [name, number] : table.columns) {
            if (const auto type = former_type(former->second, table, number); !type.empty())
                entry.converted.push_back({.relation = table.identity, .column = name, .type = type});
            const bool there = std::any_of(were.begin(), were.end(), [&](const auto& c) { return c.second == number; });
            const std::string facet = fmt::format("column {:04} expression", number);
            const auto computed = former->second.facets.find(facet);
            const bool is_set_free = there && computed != former->second.facets.end() && !table.facets.contains(facet);
            if (!there || is_set_free)
                entry.added.push_back({.table = id, .relation = table.identity, .column = name, .number = number,
                                       .computed = is_set_free ? computed->second.value : ""});
        }
    }
}

// Rows that go with what was dropped or converted are kept before; where they were not, the next try does.
void Recorder::learn(const catalog::RowLoss& loss, const Kept& kept) {
    const ObjectId table = relation(loss.table);
    if (made_.contains(table)) return;
    const std::set<std::int16_t> columns(loss.columns.begin(), loss.columns.end());
    const auto covers = [&](const KeptRows& rows) {
        if (rows.oid != loss.table) return false;
        if (rows.how == KeptRows::How::table) return true;
        return !loss.columns.empty() && std::all_of(columns.begin(), columns.end(), [&](std::int16_t column) {
            return std::find(rows.restored.begin(), rows.restored.end(), column) != rows.restored.end();
        });
    };
    if (std::any_of(kept.rows.begin(), kept.rows.end(), covers)) return;
    const auto [at, is_new] = lesson().images.try_emplace(loss.table);
    if (loss.columns.empty()) {
        at->second.clear();
    } else if (is_new || !at->second.empty()) {
        at->second.insert(columns.begin(), columns.end());
    }
}

// What the undo changes or drops must still be what the step has left; what it makes again is remembered by its name.
void Recorder::guard(const Definitions& after, const std::vector<catalog::Guard>& guards, Entry& entry) {
    for (const auto& one : guards) {
        const auto object = after.find(one.id);
        if (object == after.end() || is_internal_trigger(object->second) || comes_along(object->second)) continue;
        entry.guards.push_back({.id = one.id, .what = in_words(object->second), .digest = fingerprint(object->second),
                                .made = !before_.contains(one.id), .parts = fingerprints_of_parts(object->second)});
    }
    for (const auto& [id, object] : before_) {
        if (!after.contains(id) && !is_internal_trigger(object) && !comes_along(object))
            entry.gone.push_back({.was = id, .what = in_words(object), .name = object.name, .identity = object.identity});
    }
    for (const auto& [id, object] : after) entry.known.push_back(id);
    // Whatever was read may be made again: a constraint that was validated, what depends on a column of another type.
    for (const auto& [id, object] : before_) {
        entry.remade.push_back({.was = id, .identity = object.identity, .columns = object.columns, .relation = object.relation});
    }
}

}  // namespace cairn::undo
