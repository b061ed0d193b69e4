// What a stretch has changed that was not captured: told by counters, files and triggers that were switched off.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/sql/facts.hpp"
#include "runtime/undo/rows/capture_state.hpp"
#include "runtime/undo/rows/sql.hpp"
#include "runtime/undo/rows/switches.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using postgres::Session;

bool RowCapture::State::has_columns(std::uint32_t table) const {
    return std::any_of(images.begin(), images.end(), [&](const KeptRows& i) { return i.oid == table && !i.restored.empty(); });
}

void RowCapture::State::note_security(const Tables& now) {
    for (const auto& [oid, table] : now) {
        if (const auto t = tables.find(oid); t != tables.end()) t->second.hides_rows = table.hides_rows;
    }
}

// None of them was inserted, updated or deleted: then only TRUNCATE can have taken rows away, and that takes all.
std::variant<bool, Diagnostic> RowCapture::State::has_as_many_rows(Session& session, const KeptRows& image, const Table& now) const {
    if (!watches_files || image.restored.empty()) return true;
    bool same = false;
    const auto problem = without_forced_security(session, {image.oid}, [&]() -> std::optional<Diagnostic> {
        const auto a = session.query(fmt::format("SELECT (SELECT pg_catalog.count(*) FROM {}) = (SELECT pg_catalog.count(*) FROM {}{})", image.kept_table,
                                                 now.has_heirs ? "ONLY " : "", now.name));
        if (!a.ok()) return server_refused(a, 862, "counting the rows of a table beside those kept");
        same = a.rows[0][0] == "t";
        return std::nullopt;
    });
    if (problem) return *problem;
    return same;
}

void RowCapture::State::compare(const Touched& r, const View& now, Alarm& alarm) const {
    Touched then;
    const auto was = before.relations.find(r.oid);
    if (was != before.relations.end()) then = was->second;
    if (r.kind == 'f') {
        if (was == before.relations.end())
            alarm.refused.push_back(no_way_back(fmt::format("the step changes `{}`, a foreign table: rows that change on another server can't be kept", r.name)));
        return;
    }
    const auto table = tables.find(r.oid);
    if (table != tables.end() && has_image(request.images, table->second)) return;
    // A captured TRUNCATE has set the counters back: less than before is a change as well.
    RowOps changed{.inserts = r.inserted != then.inserted, .updates = r.updated != then.updated, .deletes = r.deleted != then.deleted,
                   .truncates = false};
    if (!now.counts) changed.inserts = changed.updates = changed.deletes = was == before.relations.end();
    if (request.counts_hidden) changed.inserts = changed.updates = changed.deletes = true;
    const auto file = files.find(r.oid);
    // Of a table some of whose columns are kept it is seen by the number of rows: see has_as_many_rows().
    const bool other_file = !has_columns(r.oid) && watches_files && file != files.end() && file->second != r.file;

    const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) {
        return std::any_of(u.members.begin(), u.members.end(), [&](const Table* t) { return t->oid == r.oid; });
    });
    if (unit == units.end()) {
        changed.truncates = other_file;
        if (changed != RowOps{.inserts = false, .updates = false, .deletes = false, .truncates = false})
            alarm.tables.push_back({.oid = r.oid, .name = r.name, .ops = changed, .whole = false});
        return;
    }
    const RowOps& kept = unit->ops;
    const bool missed = (changed.inserts && !kept.inserts) || (changed.updates && !kept.updates) || (changed.deletes && !kept.deletes) ||
                        (other_file && !kept.truncates);
    if (missed) {
        changed.truncates = other_file;
        alarm.tables.push_back({.oid = r.oid, .name = r.name, .ops = both(changed, kept), .whole = false});
    }
}

std::variant<Alarm, Diagnostic> RowCapture::State::listen(Session& session) {
    auto seen = look(session);
    if (auto* d = std::get_if<Diagnostic>(&seen)) return *d;
    after = std::get<View>(std::move(seen));
    const View& now = after;
    Alarm alarm;
    if (request.nothing_else) return alarm;
    if (now.large_objects && !before.large_objects)
        alarm.refused.push_back(no_way_back("the step changes large objects, which can't be kept"));
    for (const auto& [oid, r] : now.relations) {
        // Made in a subtransaction that is over: not among the files either.
        if (r.is_new || (watches_files && r.kind == 'r' && !files.contains(oid))) continue;
        if (r.kind == 'S') {
            const bool kept = std::any_of(sequences.begin(), sequences.end(), [&](const KeptSequence& s) { return s.oid == r.oid; });
            if (!kept) alarm.sequences.push_back(oid);
        } else {
            compare(r, now, alarm);
        }
    }
    if (!watches_files || units.empty()) return alarm;
    // Code may have switched our triggers off, or given the table other columns: then only the whole table tells.
    auto marks_now = read_trigger_marks(session, members());
    if (auto* d = std::get_if<Diagnostic>(&marks_now)) return *d;
    auto tables_now = read_tables(session, members());
    if (auto* d = std::get_if<Diagnostic>(&tables_now)) return *d;
    for (const auto& u : units) {
        for (const Table* t : u.members) {
            const auto& there = std::get<Tables>(tables_now);
            const auto found = there.find(t->oid);
            const bool same = found != there.end() && std::get<0>(marks_now)[t->oid] == marks[t->oid] &&
                              std::equal(t->columns.begin(), t->columns.end(), found->second.columns.begin(), found->second.columns.end(),
                                         [](const KeptColumn& a, const KeptColumn& b) { return a.number == b.number && a.type == b.type && a.name == b.name; });
            if (!same) alarm.tables.push_back({.oid = u.rows.oid, .name = u.rows.table, .ops = u.ops, .whole = true});
            if (!same) break;
        }
    }
    return alarm;
}

std::variant<std::vector<std::string>, Diagnostic> RowCapture::State::counts(Session& session) const {
    if (units.empty()) return std::vector<std::string>{};
    const auto a = session.query("SELECT " + joined(units, ", ", [](const Unit& u) {
        return fmt::format("pg_catalog.current_setting('{}', true)", count_setting(u));
    }));
    if (!a.ok()) return server_refused(a, 862, "counting the kept rows");
    std::vector<std::string> all;
    for (const auto& v : a.rows[0]) all.push_back(v.value_or(""));
    return all;
}

// Code that builds an index or fills a materialized view has its settings taken back.
std::optional<Diagnostic> RowCapture::State::find_uncounted(Session& session, const std::vector<std::string>& counts, Alarm& alarm) const {
    if (!request.opaque || request.within_definitions) return std::nullopt;
    std::string query;
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (counts[i] != "0") continue;
        query += fmt::format("{}SELECT {} WHERE EXISTS (SELECT FROM {}) OR pg_catalog.to_regclass({}) IS NOT NULL", query.empty() ? "" : " UNION ALL ", i,
                             units[i].rows.kept_table, sql::quote_literal(first_table(units[i])));
    }
    if (query.empty()) return std::nullopt;
    const auto a = session.query(query);
    if (!a.ok()) return server_refused(a, 862, "counting the kept rows");
    for (const auto& row : a.rows) {
        const Unit& u = units[std::stoul(*row[0])];
        alarm.tables.push_back({.oid = u.rows.oid, .name = u.rows.table, .ops = u.ops, .whole = true});
    }
    return std::nullopt;
}

}  // namespace cairn::undo
