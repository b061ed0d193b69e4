// Runs the statements that lead back, and says what they could not bring back as it was.
#include <fmt/format.h>

#include "runtime/journal/silence.hpp"
#include "runtime/undo/giving_back.hpp"

namespace cairn::undo {

using postgres::Answer;

namespace {

bool adds_constraint(const std::string& sql) {
    return (sql.starts_with("ALTER TABLE ") || sql.starts_with("ALTER DOMAIN ")) && sql.find(" ADD CONSTRAINT ") != std::string::npos;
}

bool sets_not_null(const std::string& sql) { return sql.starts_with("ALTER ") && sql.ends_with(" SET NOT NULL"); }
bool may_be_unproved(const std::string& sql) { return adds_constraint(sql) || sets_not_null(sql); }

std::string in_short(const Answer& a) { return a.error.message + (a.error.detail.empty() ? "" : ": " + a.error.detail); }

}  // namespace

bool GivingBack::send(const std::vector<std::string>& statements) {
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

void GivingBack::say_filled(const std::string& sql) {
    constexpr std::string_view refresh = "REFRESH MATERIALIZED VIEW ";
    if (sql.starts_with(refresh) && !sql.ends_with(" WITH NO DATA"))
        out_.said.push_back(fmt::format("materialized view {} was filled anew from its query: what it held before the step was not kept", sql.substr(refresh.size())));
}

// Rows that others have written while the constraint was not there may break it: it comes back for what is written from now on.
// NOT NULL knows no such thing, and stays away.
Answer GivingBack::add_constraint(const std::string& sql) {
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

bool GivingBack::broken_by_others(const Answer& a, const std::string& sql) {
    out_.conflict = run::problem(820, fmt::format("rows that others have written since stand against what has to come back; nothing was overwritten:\n  {}\n  {}", in_short(a), sql),
                                 fmt::format("mend or delete these rows, then: cairn rollback {}{}", journal_.run(), or_unproved(a, sql)));
    return false;
}

std::string GivingBack::or_unproved(const Answer& a, const std::string& sql) const {
    const std::string skip = fmt::format("; or cairn rollback {} --on-conflict skip, which ", journal_.run());
    if (how_ != OnConflict::stop) return "";
    if (adds_constraint(sql) && (a.error.sqlstate == "23503" || a.error.sqlstate == "23514")) return skip + "makes the constraint NOT VALID";
    return sets_not_null(sql) && a.error.sqlstate == "23502" ? skip + "leaves NOT NULL away" : "";
}

bool GivingBack::look_in(const std::string& path) {
    const Answer a = session_.query("SELECT pg_catalog.set_config('search_path', $1, true)", {path});
    return a.ok() || refused(a, "setting the search_path");
}

}  // namespace cairn::undo
