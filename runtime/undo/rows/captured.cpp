// The end of a capture: what it has kept.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/undo/rows/capture_state.hpp"
#include "runtime/undo/rows/draw_together.hpp"
#include "runtime/undo/rows/image.hpp"
#include "runtime/undo/rows/sequences.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using postgres::Session;

std::optional<Diagnostic> RowCapture::State::finish_unit(Session& session, const Unit& unit, const std::string& counted, Kept& kept) {
    KeptRows rows = unit.rows;
    const std::string count = request.within_definitions ? "some" : counted;
    const std::string drop = fmt::format("DROP TABLE {};\n", rows.kept_table);
    if (count == "0") return run(session, drop, "dropping an empty kept table");
    const auto asked = session.query(fmt::format("SELECT coalesce(pg_catalog.current_setting('{}', true), '')", first_setting(unit)));
    if (!asked.ok()) return server_refused(asked, 862, "looking at the kept rows");
    const std::string first = *asked.rows[0][0];
    if (!first.empty() && count == "1") {
        if (auto d = run(session, finish_first(unit, first) + drop, "finishing the kept rows")) return d;
        rows.kept_table = first_table(unit);
        rows.packed = rows.has_xmin = is_packed(first);
    } else if (!first.empty()) {
        if (auto d = run(session, merge_first(unit, first), "finishing the kept rows")) return d;
        rows.has_xmin = rows.key.empty();
    }
    // One statement of one kind has one row a key; a trigger of a row, up to three for a key that has changed.
    if ((count != "1" || unit.by_row) && !rows.key.empty()) {
        const auto needed = session.query(needs_drawing_together(rows));
        if (!needed.ok()) return server_refused(needed, 862, "looking at the kept rows");
        // Rows that were moved here don't carry the id of the subtransaction that they belong to any more.
        if (needed.rows[0][0] == "t" || !first.empty()) {
            const std::string into = rows.kept_table.substr(0, rows.kept_table.size() - 1) + "_d\"";
            const auto now = read_tables(session, {rows.oid});
            if (const auto* d = std::get_if<Diagnostic>(&now)) return *d;
            note_security(std::get<Tables>(now));
            if (auto d = run(session, reading(rows.oid, draw_together(rows, into)) + drop, "drawing kept rows together")) return d;
            rows.kept_table = into;
            rows.has_xmin = true;
        }
    }
    if (count == "1") {
        kept.rows.push_back(std::move(rows));
        return std::nullopt;
    }
    const auto any = session.query(fmt::format("SELECT EXISTS (SELECT FROM {})", rows.kept_table));
    if (!any.ok()) return server_refused(any, 862, "looking at the kept rows");
    if (any.rows[0][0] != "t") return run(session, fmt::format("DROP TABLE {};\n", rows.kept_table), "dropping an empty kept table");
    kept.rows.push_back(std::move(rows));
    return std::nullopt;
}

// Where several rows have the same value in what was the key, they are found again by the columns that stayed.
std::optional<Diagnostic> RowCapture::State::told_apart(Session& session, KeptRows& rows) const {
    const std::string key = joined(rows.key, ", ", [](const KeyColumn& k) { return fmt::format("a_{}", k.number); });
    const auto same = session.query(fmt::format("SELECT EXISTS (SELECT FROM {} GROUP BY {} HAVING count(*) > 1)", rows.kept_table, key));
    if (!same.ok()) return server_refused(same, 862, "looking at the kept rows");
    if (same.rows[0][0] != "t") return std::nullopt;
    rows.rekeyed = false;
    rows.key.clear();
    return run(session, fmt::format("UPDATE {} SET cairn_op = '-';\n", rows.kept_table), "keeping the rows of a table without their key");
}

std::variant<bool, Diagnostic> RowCapture::State::changed_every_row(Session& session, const KeptRows& image) const {
    const auto now = after.relations.find(image.oid);
    if (!every_row.contains(image.oid) || !after.counts || request.counts_hidden || now == after.relations.end()) return false;
    Touched then;
    if (const auto was = before.relations.find(image.oid); was != before.relations.end()) then = was->second;
    if (now->second.inserted != then.inserted || now->second.updated == then.updated || now->second.deleted != then.deleted) return false;
    const auto a = session.query("SELECT pg_catalog.pg_stat_get_xact_tuples_inserted(pg_catalog.to_regclass($1)) = $2::bigint",
                                 {image.kept_table, std::to_string(now->second.updated - then.updated)});
    if (!a.ok()) return server_refused(a, 862, "counting the kept rows");
    return a.rows[0][0] == "t";
}

std::optional<Diagnostic> RowCapture::State::finish_images(Session& session, Kept& kept, Alarm& alarm) {
    if (images.empty()) return std::nullopt;
    std::vector<std::uint32_t> oids;
    for (const auto& i : images) oids.push_back(i.oid);
    auto read = read_tables(session, oids);
    if (auto* d = std::get_if<Diagnostic>(&read)) return *d;
    const Tables& now = std::get<Tables>(read);
    note_security(now);
    for (const auto& image : images) {
        const auto found = now.find(image.oid);
        const auto every = changed_every_row(session, image);
        if (const auto* d = std::get_if<Diagnostic>(&every)) return *d;
        ImageFate fate = std::get<bool>(every) && found != now.end() ? end_of_every_row(image, found->second)
                                                                      : end_of_image(image, found == now.end() ? nullptr : &found->second);
        if (found != now.end()) {
            auto same = has_as_many_rows(session, image, found->second);
            if (auto* d = std::get_if<Diagnostic>(&same)) return *d;
            if (!std::get<bool>(same)) fate.kind = ImageFate::Kind::missing;
        }
        if (fate.kind == ImageFate::Kind::missing) {
            const Table& t = tables.at(image.oid);
            if (image.how == KeptRows::How::table) {
                alarm.refused.push_back(no_way_back(fmt::format("the step changes both the rows of `{}` and the columns that they are found by, in code that can't "
                                                                      "be looked into", t.name)));
            } else {
                alarm.tables.push_back({.oid = image.oid, .name = t.name, .ops = {}, .whole = true});
            }
            continue;
        }
        if (fate.kind == ImageFate::Kind::compared) {
            const std::string after_all = fate.rows.put_in_table.empty() ? fmt::format("DROP TABLE {};\n", image.kept_table) : joins(fate.rows);
            if (auto d = run(session, reading(image.oid, fate.statements) + after_all, "comparing a table with its image")) return d;
        }
        if (!fate.rows.put_in_table.empty()) {
            kept.rows.push_back(std::move(fate.rows));
            continue;
        }
        const auto any = session.query(fmt::format("SELECT EXISTS (SELECT FROM {0}), EXISTS (SELECT FROM {0} WHERE cairn_op = '?')", fate.rows.kept_table));
        if (!any.ok()) return server_refused(any, 862, "looking at the kept rows");
        if (any.rows[0][1] == "t") {
            alarm.refused.push_back(no_way_back(fmt::format("the key of `{}` is retyped while its rows are changed or put into another order: which row is which "
                                                                  "can't be told afterwards", tables.at(image.oid).name)));
            continue;
        }
        if (fate.rows.rekeyed) {
            if (auto d = told_apart(session, fate.rows)) return d;
        }
        // Rows that others put in meanwhile would be converted without a value. Those of heirs are kept by themselves.
        const bool watches_others = fate.rows.retyped && found != now.end() && !found->second.has_heirs && !found->second.is_heir;
        if (any.rows[0][0] == "t" || watches_others) kept.rows.push_back(std::move(fate.rows));
        else if (auto d = run(session, fmt::format("DROP TABLE {};\n", fate.rows.kept_table), "dropping an empty kept table")) return d;
    }
    return std::nullopt;
}

std::optional<Diagnostic> RowCapture::State::take_off(Session& session) {
    std::string off = fmt::format("DROP FUNCTION {}(text);\n", runner);
    if (request.within_definitions) off += fmt::format("DROP SEQUENCE {};\n", numbers());
    for (const auto& u : units) off += undo::take_off(u);
    is_on = false;
    return run(session, off, "taking off the triggers that keep rows");
}

// The triggers stay for the time being, and do nothing.
std::optional<Diagnostic> RowCapture::State::stop_keeping(Session& session) const {
    const auto over = session.query(fmt::format("SELECT pg_catalog.set_config('cairn.over', coalesce(pg_catalog.current_setting('cairn.over', true), '') || ',{},', true)",
                                                request.prefix));
    if (!over.ok()) return server_refused(over, 862, "ending the capture of rows");
    return std::nullopt;
}

std::variant<Captured, Diagnostic> RowCapture::end(Session& session) {
    State& s = *state_;
    auto heard = s.listen(session);
    if (auto* d = std::get_if<Diagnostic>(&heard)) return *d;
    Captured captured{.kept = {}, .alarm = std::get<Alarm>(std::move(heard))};
    if (!captured.alarm.quiet()) return captured;

    auto counted = s.counts(session);
    if (auto* d = std::get_if<Diagnostic>(&counted)) return *d;
    if (auto d = s.find_uncounted(session, std::get<0>(counted), captured.alarm)) return *d;
    if (!captured.alarm.quiet()) return captured;
    // Event triggers, of the statements below, may write to the same tables, whose kept tables come and go.
    if ((s.before.has_event_triggers || s.before.has_drop_triggers) && !s.units.empty()) {
        if (auto d = s.stop_keeping(session)) return *d;
    }
    for (std::size_t i = 0; i < s.units.size(); ++i) {
        if (auto d = s.finish_unit(session, s.units[i], std::get<0>(counted)[i], captured.kept)) return *d;
    }
    if (auto d = s.finish_images(session, captured.kept, captured.alarm)) return *d;
    if (!captured.alarm.quiet()) {
        captured.kept = {};
        return captured;
    }
    // A publication of all tables publishes these too, which are marked at times, and have no key.
    if (s.after.publishes_all) {
        std::string identities;
        for (const auto& r : captured.kept.rows) {
            identities += fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL;\n", r.kept_table);
            if (!r.put_in_table.empty()) identities += fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL;\n", r.put_in_table);
        }
        if (auto d = s.run(session, identities, "giving kept rows an identity")) return *d;
    }
    captured.kept.sequences = s.sequences;
    captured.kept.marked = s.marked;
    if (auto d = read_moved(session, captured.kept.sequences)) return *d;

    if (!s.is_on) return captured;
    const auto deferrable = session.query(postgres::Command{"SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = ANY ($1::oid[]) AND tgdeferrable)",
                                           {oid_array(s.members())}, true});
    if (!deferrable.ok()) return server_refused(deferrable, 862, "looking for deferrable constraints");
    if (deferrable.rows[0][0] != "t") {
        if (auto d = s.take_off(session)) return *d;
        return captured;
    }
    if (auto d = s.stop_keeping(session)) return *d;
    return captured;
}

std::optional<Diagnostic> RowCapture::close(Session& session) {
    return state_->is_on ? state_->take_off(session) : std::nullopt;
}

}  // namespace cairn::undo
