#include "runtime/undo/give_back.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "runtime/journal/arrays.hpp"
#include "runtime/journal/silence.hpp"
#include "runtime/run/context.hpp"
#include "runtime/undo/filled.hpp"
#include "runtime/undo/fingerprint.hpp"
#include "runtime/undo/guard.hpp"
#include "runtime/undo/made_anew.hpp"
#include "runtime/undo/other_runs.hpp"
#include "runtime/undo/out_of_sight.hpp"
#include "runtime/undo/rows/restore.hpp"
#include "runtime/undo/rows/sql.hpp"
#include "runtime/undo/rows/switches.hpp"
#include "runtime/undo/rows/table.hpp"
#include "runtime/undo/rows_of_code.hpp"
#include "runtime/undo/trail.hpp"

namespace cairn::undo {

using catalog::Definitions;
using catalog::ObjectId;
using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;

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

namespace {

std::string in_brackets(const std::string& text) { return text.empty() ? text : fmt::format(" ({})", text); }

void add(RestoreResult& to, const RestoreResult& more) {
    to.gave_back = to.gave_back && more.gave_back;
    to.restored += more.restored;
    to.conflicts.insert(to.conflicts.end(), more.conflicts.begin(), more.conflicts.end());
    to.conflict_count += more.conflict_count;
    to.xids.insert(to.xids.end(), more.xids.begin(), more.xids.end());
    to.remade.insert(to.remade.end(), more.remade.begin(), more.remade.end());
}

class GivingBack {
public:
    GivingBack(Session& session, journal::DatabaseJournal& journal, const Entry& entry, OnConflict how, const std::vector<KeptRows>& elsewhere)
        : session_(session), journal_(journal), entry_(entry), kept_(entry.kept), elsewhere_(elsewhere), how_(how),
          other_runs_(session, journal, entry.kept) {}

    GivenBack run() {
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

private:
    bool refused(const Answer& answer, std::string sql) {
        out_.refused = answer;
        out_.sql = std::move(sql);
        return false;
    }
    // Told to go on, nobody is asked about definitions either: the statements are tried, and fail where they can't be. Told to leave what
    // others have changed, the stretch stays as a whole: its statements build on each other. Rows that it has kept would be lost with it.
    bool conflict(Diagnostic found) {
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
    bool conflict(std::string message, std::string help) { return conflict(run::problem(821, std::move(message), std::move(help))); }

    // Definitions are written with every name qualified, as pg_dump's are; bodies of functions were checked when they were made.
    bool settle() {
        const Answer path = session_.query("SELECT pg_catalog.current_setting('search_path')");
        if (!path.ok()) return refused(path, "reading the search_path");
        path_ = path.rows[0][0].value_or("");
        for (const char* sql : {"SET LOCAL search_path = pg_catalog", "SET LOCAL check_function_bodies = off",
                                "SET LOCAL row_security = off", "SET LOCAL client_min_messages = warning"}) {
            if (const Answer a = session_.query(sql); !a.ok()) return refused(a, sql);
        }
        return true;
    }

    ObjectId now(const ObjectId& id) {
        const std::string name = now_known_as(remade_, remade_name(id));
        return {id.catalog, static_cast<std::uint32_t>(std::stoul(name.substr(name.find(' ') + 1)))};
    }

    // The guarded objects are those that the stretch has left, unchanged since.
    bool as_it_was_left() {
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

    // Those tables that are there.
    bool find_elsewhere() {
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

    // What the undo would make again stands there anew. What the stretch itself has put in its place is guarded, or has only been moved.
    bool nothing_made_anew(std::set<ObjectId> expected) {
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
    bool nothing_new(const Definitions& current) {
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
    bool nothing_of_others() {
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
    bool rows_still_there() {
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
    bool still_fits(const ConvertedColumn& converted) {
        journal::UndoRow row;
        row.object = {.kind = "column", .name = converted.relation, .sub = converted.column};
        if (const Answer a = session_.query("SAVEPOINT cairn_fits"); !a.ok()) return refused(a, "SAVEPOINT");
        const GuardResult seen = look_at_rows(session_, journal_, row, {.type = converted.type});
        if (seen.failure && !session_.alive()) return refused(*seen.failure, "looking for values of others");
        if (const Answer a = session_.script(seen.failure ? "ROLLBACK TO SAVEPOINT cairn_fits; RELEASE SAVEPOINT cairn_fits" : "RELEASE SAVEPOINT cairn_fits"); !a.ok())
            return refused(a, "RELEASE SAVEPOINT");
        return !seen.conflict || conflict(*seen.conflict);
    }
    bool look(sql::ObjectName object, const std::string& computed = {}) {
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

    // Values of columns that get another type back are compared while they still have the one the step gave them.
    bool look_at_columns() {
        const auto& rows = entry_.kept.rows;
        if (std::none_of(rows.begin(), rows.end(), [](const KeptRows& k) { return k.how == KeptRows::How::columns; })) return true;
        auto looked = look_for_conflicts(session_, kept_, journal_.own_xids_query());
        if (auto* error = std::get_if<Diagnostic>(&looked)) return out_.error = *error, false;
        return accept(std::get<RestoreResult>(looked), "before");
    }

    bool schema() {
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
    bool note_remade_constraints(const std::vector<LeftAway::Constraint>& all) {
        for (const auto& one : all) {
            const Answer a = session_.query("SELECT oid FROM pg_catalog.pg_constraint WHERE contypid = pg_catalog.to_regtype($1) AND conname = $2", {one.table, one.name});
            if (!a.ok() || a.rows.empty()) return refused(a, "looking for a constraint that was made again");
            if (const Answer noted = session_.query(journal_.remade("pg_constraint " + one.oid, "pg_constraint " + *a.rows[0][0])); !noted.ok())
                return refused(noted, "writing down what was made again");
        }
        return true;
    }
    bool schema_again() { return watch_code(entry_.after_rows) && send(entry_.after_rows) && take_back_rows_of_code(); }

    // Event triggers, and functions of what is defined, write to the tables that they wrote to when the step ran. What the statements
    // themselves change can't have triggers of ours meanwhile.
    bool watch_code(const std::vector<std::string>& statements) {
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

    bool rows() {
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
    bool calling_last(const std::set<std::uint32_t>& calling, const std::string& own) {
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
    bool note_given(const RestoreResult& restored) {
        if (auto error = other_runs_.tell(restored, how_)) return out_.error = std::move(error), false;
        out_.xids.insert(out_.xids.end(), restored.xids.begin(), restored.xids.end());
        std::vector<postgres::Command> commands;
        for (const auto& [was, is] : restored.remade) commands.push_back(journal_.remade("pg_constraint " + was, "pg_constraint " + is));
        for (const auto& a : session_.pipeline(commands)) {
            if (!a.ok()) return refused(a, "writing down what was made again");
        }
        return look_in("pg_catalog") && accept(restored, "");
    }
    bool take_back_rows_of_code() {
        auto ended = of_code_.end(session_, journal_);
        if (auto* error = std::get_if<Diagnostic>(&ended)) return out_.error = *error, false;
        const auto& xids = std::get<0>(ended);
        out_.xids.insert(out_.xids.end(), xids.begin(), xids.end());
        return true;
    }

    // What writes all rows of a table anew, or a column of them, hides who has written them before.
    bool mark_earlier() {
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
    std::string or_leave(const std::string& again) const {
        return entry_.kept.empty() ? fmt::format("leave it as it is: {} --on-conflict skip; or ", again) : "it can't be left as it is, since the step has kept rows; ";
    }

    bool accept(const RestoreResult& result, const char* when) {
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

    bool send(const std::vector<std::string>& statements) {
        if (statements.empty()) return true;
        if (!look_in_users_path()) return false;
        for (const auto& sql : statements) {
            Answer a = how_ != OnConflict::stop && may_be_unproved(sql) ? add_constraint(sql) : journal::query_in_silence(session_, sql);
            if (!a.ok()) {
                const std::string shown = sql.substr(0, sql.find(" USING cairn.\"kept_"));  // the function is nobody's business
                return a.error.sqlstate.starts_with("23") ? broken_by_others(a, shown) : refused(a, shown);
            }
            say_filled(sql);
        }
        return look_in("pg_catalog");
    }
    void say_filled(const std::string& sql) {
        constexpr std::string_view refresh = "REFRESH MATERIALIZED VIEW ";
        if (sql.starts_with(refresh) && !sql.ends_with(" WITH NO DATA"))
            out_.said.push_back(fmt::format("materialized view {} was filled anew from its query: what it held before the step was not kept", sql.substr(refresh.size())));
    }

    static bool adds_constraint(const std::string& sql) {
        return (sql.starts_with("ALTER TABLE ") || sql.starts_with("ALTER DOMAIN ")) && sql.find(" ADD CONSTRAINT ") != std::string::npos;
    }
    static bool sets_not_null(const std::string& sql) { return sql.starts_with("ALTER ") && sql.ends_with(" SET NOT NULL"); }
    static bool may_be_unproved(const std::string& sql) { return adds_constraint(sql) || sets_not_null(sql); }

    // Rows that others have written while the constraint was not there may break it: it comes back for what is written from now on.
    // NOT NULL knows no such thing, and stays away.
    Answer add_constraint(const std::string& sql) {
        if (Answer a = session_.query("SAVEPOINT cairn_constraint"); !a.ok()) return a;
        Answer a = journal::query_in_silence(session_, sql);
        const bool broken = sets_not_null(sql) ? a.error.sqlstate == "23502" : a.error.sqlstate == "23503" || a.error.sqlstate == "23514";
        if (!a.ok() && !broken) return a;
        if (a.ok()) return session_.query("RELEASE SAVEPOINT cairn_constraint");
        if (const Answer back = session_.script("ROLLBACK TO SAVEPOINT cairn_constraint; RELEASE SAVEPOINT cairn_constraint"); !back.ok()) return back;
        if (sets_not_null(sql)) {
            out_.in_part = true;
            out_.said.push_back(fmt::format("left away, since rows that others have written have no value there: {} ({})", sql, in_short(a)));
            return session_.query("SELECT");
        }
        const Answer unproved = journal::query_in_silence(session_, sql + " NOT VALID");
        if (!unproved.ok()) return a;
        out_.in_part = true;
        out_.said.push_back(fmt::format("made again as NOT VALID, since rows that others have written break it: {} ({})", sql, in_short(a)));
        return unproved;
    }

    static std::string in_short(const Answer& a) { return a.error.message + (a.error.detail.empty() ? "" : ": " + a.error.detail); }

    bool broken_by_others(const Answer& a, const std::string& sql) {
        out_.conflict = run::problem(820, fmt::format("rows that others have written since stand against what has to come back; nothing was overwritten:\n  {}\n  {}", in_short(a), sql),
                                     fmt::format("mend or delete these rows, then: cairn rollback {}{}", journal_.run(), or_unproved(a, sql)));
        return false;
    }
    std::string or_unproved(const Answer& a, const std::string& sql) const {
        const std::string skip = fmt::format("; or cairn rollback {} --on-conflict skip, which ", journal_.run());
        if (how_ != OnConflict::stop) return "";
        if (adds_constraint(sql) && (a.error.sqlstate == "23503" || a.error.sqlstate == "23514")) return skip + "makes the constraint NOT VALID";
        return sets_not_null(sql) && a.error.sqlstate == "23502" ? skip + "leaves NOT NULL away" : "";
    }
    // Functions run while rows are checked, and columns and indexes computed again, and their bodies name things as the
    // database's users do.
    bool look_in_users_path() { return look_in(path_.empty() ? "pg_catalog" : "pg_catalog, " + path_); }
    bool look_in(const std::string& path) {
        const Answer a = session_.query("SELECT pg_catalog.set_config('search_path', $1, true)", {path});
        return a.ok() || refused(a, "setting the search_path");
    }

    // Earlier entries of the trail know these objects by their former OIDs.
    bool note_remade() {
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
    void say_of_columns(const Remade& remade, const catalog::Object& made) {
        for (const auto& column : made.columns) {
            const bool had = std::any_of(remade.columns.begin(), remade.columns.end(), [&](const auto& former) { return former.first == column.first; });
            if (!had && !remade.columns.empty())
                out_.said.push_back(fmt::format("{} was made again with column `{}`, which it did not have: an event trigger of the database has added it",
                                                remade.identity, column.first));
        }
    }

    void note_columns(const Remade& remade, const catalog::Object& made, std::vector<postgres::Command>& commands) {
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

    Session& session_;
    journal::DatabaseJournal& journal_;
    const Entry& entry_;
    Kept kept_;
    std::vector<KeptRows> elsewhere_;
    OnConflict how_;
    std::string path_;
    std::map<std::string, std::string> remade_;
    OtherRuns other_runs_;
    RowsOfCode of_code_;
    GivenBack out_;
};

}  // namespace

GivenBack give_back(Session& session, journal::DatabaseJournal& journal, const Entry& entry, OnConflict how, const std::vector<KeptRows>& elsewhere) {
    return GivingBack(session, journal, entry, how, elsewhere).run();
}

}  // namespace cairn::undo
