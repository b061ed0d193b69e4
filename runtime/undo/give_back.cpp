#include "runtime/undo/give_back.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "runtime/journal/arrays.hpp"
#include "runtime/journal/silence.hpp"
#include "runtime/undo/giving_back.hpp"
#include "runtime/undo/guard.hpp"
#include "runtime/undo/out_of_sight.hpp"
#include "runtime/undo/rows/sql.hpp"
#include "runtime/undo/rows/table.hpp"

namespace cairn::undo {

using catalog::ObjectId;
using compiler::Diagnostic;
using postgres::Answer;

namespace {

void add(RestoreResult& to, const RestoreResult& more) {
    to.gave_back = to.gave_back && more.gave_back;
    to.restored += more.restored;
    to.conflicts.insert(to.conflicts.end(), more.conflicts.begin(), more.conflicts.end());
    to.conflict_count += more.conflict_count;
    to.xids.insert(to.xids.end(), more.xids.begin(), more.xids.end());
    to.remade.insert(to.remade.end(), more.remade.begin(), more.remade.end());
}

}  // namespace

GivenBack GivingBack::run() {
    if (!settle()) return std::move(out_);
    const bool stands = as_it_was_left() && nothing_of_others();
    if (!stands && !out_.left) return std::move(out_);
    if (stands) {
        if (!(mark_earlier() && look_at_columns() && schema() && rows() && schema_again() && note_remade())) return std::move(out_);
        for (const auto& view : entry_.refreshed)
            out_.said.push_back(fmt::format("materialized view {} stays as it was last refreshed: what it held before the step was not kept", view));
        // Event triggers that can't be silenced name things as the database's users do.
        if (!look_in_users_path()) return std::move(out_);
        if (auto error = forget(session_, entry_.kept)) return out_.error = std::move(error), std::move(out_);
    }
    (void)look_in(path_);  // of the stretch before
    return std::move(out_);
}

bool GivingBack::refused(const Answer& answer, std::string sql) {
    out_.refused = answer;
    out_.sql = std::move(sql);
    return false;
}

// Told to go on, nobody is asked about definitions either: the statements are tried, and fail where they can't be. Told to leave what
// others have changed, the stretch stays as a whole: its statements build on each other. Rows that it has kept would be lost with it.
bool GivingBack::conflict(Diagnostic found) {
    if (how_ == OnConflict::force) {
        out_.said.push_back(gone_on(found, false));
        return true;
    }
    if (how_ == OnConflict::skip && entry_.kept.empty()) {
        out_.said.push_back(fmt::format("{}; with it: {}", gone_on(found, true), summary(entry_)));
        out_.left = out_.in_part = true;
        return false;
    }
    out_.conflict = std::move(found);
    return false;
}

// Definitions are written with every name qualified, as pg_dump's are; bodies of functions were checked when they were made.
bool GivingBack::settle() {
    const Answer path = session_.query("SELECT pg_catalog.current_setting('search_path')");
    if (!path.ok()) return refused(path, "reading the search_path");
    path_ = path.rows[0][0].value_or("");
    for (const char* sql : {"SET LOCAL search_path = pg_catalog", "SET LOCAL check_function_bodies = off",
                            "SET LOCAL row_security = off", "SET LOCAL client_min_messages = warning"}) {
        if (const Answer a = session_.query(sql); !a.ok()) return refused(a, sql);
    }
    return true;
}

// Those tables that are there.
bool GivingBack::find_elsewhere() {
    if (elsewhere_.empty()) return true;
    std::vector<std::uint32_t> oids;
    for (auto& rows : elsewhere_) oids.push_back(rows.oid = now({"pg_class", rows.oid}).oid);
    const Answer a = session_.query({"SELECT oid, pg_catalog.format('%s.%I', relnamespace::pg_catalog.regnamespace, relname) FROM pg_catalog.pg_class WHERE oid = ANY ($1::oid[])",
                                     {oid_array(oids)}, true});
    if (!a.ok()) return refused(a, "looking for tables");
    std::map<std::string, std::string> there;
    for (const auto& row : a.rows) there[*row[0]] = *row[1];
    std::erase_if(elsewhere_, [&](const KeptRows& rows) { return rows.how != KeptRows::How::changes || !there.contains(std::to_string(rows.oid)); });
    for (auto& rows : elsewhere_) rows.table = there[std::to_string(rows.oid)];
    return true;
}

// Values of columns that get another type back are compared while they still have the one the step gave them.
bool GivingBack::look_at_columns() {
    const auto& rows = entry_.kept.rows;
    if (std::none_of(rows.begin(), rows.end(), [](const KeptRows& k) { return k.how == KeptRows::How::columns; })) return true;
    auto looked = look_for_conflicts(session_, kept_, journal_.own_xids_query());
    if (auto* error = std::get_if<Diagnostic>(&looked)) return out_.error = *error, false;
    return accept(std::get<RestoreResult>(looked), "before");
}

bool GivingBack::schema() {
    auto statements = entry_.before_rows;
    if (auto error = use_kept_values(session_, kept_, how_, statements)) return out_.error = std::move(error), false;
    auto read = read_unproved_of_types(session_, statements);
    if (auto* error = std::get_if<Diagnostic>(&read)) return out_.error = std::move(*error), false;
    const auto& unproved = std::get<LeftAway>(read);
    if (unproved.constraints.empty()) return watch_code(statements) && send(statements) && take_back_rows_of_code();
    if (const Answer a = session_.script(journal::in_silence(unproved.switches.off)); !a.ok()) return refused(a, unproved.switches.off);
    if (!(watch_code(statements) && send(statements) && take_back_rows_of_code())) return false;
    if (const Answer a = session_.script(journal::in_silence(unproved.switches.on)); !a.ok()) return refused(a, unproved.switches.on);
    return note_remade_constraints(unproved.constraints);
}

bool GivingBack::note_remade_constraints(const std::vector<LeftAway::Constraint>& all) {
    for (const auto& one : all) {
        const Answer a = session_.query("SELECT oid FROM pg_catalog.pg_constraint WHERE contypid = pg_catalog.to_regtype($1) AND conname = $2", {one.table, one.name});
        if (!a.ok() || a.rows.empty()) return refused(a, "looking for a constraint that was made again");
        if (const Answer noted = session_.query(journal_.remade("pg_constraint " + one.oid, "pg_constraint " + *a.rows[0][0])); !noted.ok())
            return refused(noted, "writing down what was made again");
    }
    return true;
}

// Event triggers, and functions of what is defined, write to the tables that they wrote to when the step ran. What the statements
// themselves change can't have triggers of ours meanwhile.
bool GivingBack::watch_code(const std::vector<std::string>& statements) {
    if (statements.empty() || of_code_.is_on()) return true;
    std::set<std::uint32_t> tables;
    std::vector<KeptRows> all = kept_.rows;
    all.insert(all.end(), elsewhere_.begin(), elsewhere_.end());
    for (const auto& rows : all) {
        const bool named = std::any_of(statements.begin(), statements.end(), [&](const auto& sql) { return sql.find(rows.table) != std::string::npos; });
        const bool guarded = std::any_of(entry_.guards.begin(), entry_.guards.end(), [&](const Guard& guard) { return now(guard.id) == ObjectId{"pg_class", rows.oid}; });
        if (rows.how == KeptRows::How::changes && !named && !guarded) tables.insert(rows.oid);
    }
    if (auto error = of_code_.begin(session_, journal_, tables)) return out_.error = std::move(error), false;
    return true;
}

bool GivingBack::rows() {
    if (entry_.kept.empty()) return true;
    if (!look_in_users_path()) return false;
    auto own = journal::DatabaseJournal::standing_xids_query(journal_.run());
    auto compared = other_runs_.mark_later();
    if (auto* error = std::get_if<Diagnostic>(&compared)) return out_.error = *error, false;
    if (!std::get<bool>(compared)) own = journal_.own_xids_query();
    // What functions have written while definitions came back has been taken back, and by nobody else.
    journal::TextArray taken_back;
    for (const auto& xid : out_.xids) taken_back.add(xid);
    own += fmt::format(" UNION ALL SELECT x FROM pg_catalog.unnest({}::text[]) x", sql::quote_literal(taken_back.literal()));
    for (const auto& rows : kept_.rows) out_.tables.insert(rows.oid);
    auto calling = tables_with_writing_code(session_, {out_.tables.begin(), out_.tables.end()});
    if (auto* error = std::get_if<Diagnostic>(&calling)) return out_.error = *error, false;
    return calling_last(std::get<0>(calling), own);
}

// Code of a table may write to others whose rows come back as well: these come first, and what is written to them afterwards is kept.
bool GivingBack::calling_last(const std::set<std::uint32_t>& calling, const std::string& own) {
    const auto calls = [&](const KeptRows& rows) { return calling.contains(rows.oid); };
    Kept others = kept_, last{.rows = {}, .sequences = {}, .marked = kept_.marked};
    std::copy_if(kept_.rows.begin(), kept_.rows.end(), std::back_inserter(last.rows), calls);
    std::erase_if(others.rows, calls);
    std::set<std::uint32_t> tables;
    for (const auto& rows : others.rows) tables.insert(rows.oid);
    for (const auto& rows : elsewhere_) tables.insert(rows.oid);
    for (const auto& rows : last.rows) tables.erase(rows.oid);
    const bool at_once = last.rows.empty() || tables.empty();
    auto first = restore(session_, at_once ? kept_ : others, how_, own);
    if (auto* error = std::get_if<Diagnostic>(&first)) return out_.error = std::move(*error), false;
    auto& result = std::get<RestoreResult>(first);
    if (at_once || !result.gave_back) return note_given(result);
    if (auto error = of_code_.begin(session_, journal_, tables)) return out_.error = std::move(error), false;
    auto second = restore(session_, last, how_, own);
    if (auto* error = std::get_if<Diagnostic>(&second)) return out_.error = std::move(*error), false;
    add(result, std::get<RestoreResult>(second));
    return take_back_rows_of_code() && note_given(result);
}

bool GivingBack::note_given(const RestoreResult& restored) {
    if (auto error = other_runs_.tell(restored, how_)) return out_.error = std::move(error), false;
    out_.xids.insert(out_.xids.end(), restored.xids.begin(), restored.xids.end());
    std::vector<postgres::Command> commands;
    for (const auto& [was, is] : restored.remade) commands.push_back(journal_.remade("pg_constraint " + was, "pg_constraint " + is));
    for (const auto& a : session_.pipeline(commands)) {
        if (!a.ok()) return refused(a, "writing down what was made again");
    }
    return look_in("pg_catalog") && accept(restored, "");
}

bool GivingBack::take_back_rows_of_code() {
    auto ended = of_code_.end(session_, journal_);
    if (auto* error = std::get_if<Diagnostic>(&ended)) return out_.error = *error, false;
    const auto& xids = std::get<0>(ended);
    out_.xids.insert(out_.xids.end(), xids.begin(), xids.end());
    return true;
}

// What writes all rows of a table anew, or a column of them, hides who has written them before.
bool GivingBack::mark_earlier() {
    std::set<std::uint32_t> oids;
    for (const auto& guard : entry_.guards) {
        if (guard.id.catalog == "pg_class" && !guard.made) oids.insert(now(guard.id).oid);
    }
    for (const auto& rows : entry_.kept.rows) {
        if (rows.how == KeptRows::How::columns) oids.insert(rows.oid);
    }
    const auto alters = [](const std::string& sql) { return sql.find("ALTER TABLE") != std::string::npos; };
    if (oids.empty() || (std::none_of(entry_.before_rows.begin(), entry_.before_rows.end(), alters) &&
                         std::none_of(entry_.after_rows.begin(), entry_.after_rows.end(), alters)))
        return true;
    out_.error = other_runs_.mark_earlier(oids);
    return !out_.error;
}

// Not where rows are kept: with the stretch they would be given up.
std::string GivingBack::or_leave(const std::string& again) const {
    return entry_.kept.empty() ? fmt::format("leave it as it is: {} --on-conflict skip; or ", again) : "it can't be left as it is, since the step has kept rows; ";
}

bool GivingBack::accept(const RestoreResult& result, const char* when) {
    if (result.conflict_count == 0) return true;
    const bool beforehand = *when != 0;
    const bool in_the_way = !result.gave_back && !(beforehand && how_ == OnConflict::force);
    if (how_ == OnConflict::stop || in_the_way) return out_.conflict = conflicts_found(result), false;
    RestoreResult said = result;
    if (beforehand) {  // the others are said when it is done
        std::erase_if(said.conflicts, [](const Conflict& one) { return !one.stays; });
        said.conflict_count = said.conflicts.size();
    }
    out_.in_part = out_.in_part || leaves_something(said, how_);
    for (auto& line : in_words(said, how_)) out_.said.push_back(std::move(line));
    return true;
}

GivenBack give_back(postgres::Session& session, journal::DatabaseJournal& journal, const Entry& entry, OnConflict how, const std::vector<KeptRows>& elsewhere) {
    return GivingBack(session, journal, entry, how, elsewhere).run();
}

}  // namespace cairn::undo
