#include "runtime/undo/rows/restoration.hpp"

#include <fmt/format.h>

#include "compiler/sql/facts.hpp"
#include "runtime/journal/silence.hpp"
#include "runtime/undo/rows/give_back.hpp"
#include "runtime/undo/rows/look.hpp"
#include "runtime/undo/rows/parking.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo::restoring {

// The ids of subtransactions are to be had while they run.
bool Restoration::release(const std::string& savepoint) {
    const Answer ids = exec(own_transaction_ids);
    if (!ids.ok()) return false;
    for (const auto& row : ids.rows) xids_.insert(*row[0]);
    return exec("RELEASE SAVEPOINT " + savepoint).ok();
}

// After row by row, each in a subtransaction of its own: the rows say who wrote them.
void Restoration::note_writers(const KeptRows& r) {
    const Answer ids = exec(fmt::format("SELECT DISTINCT t.xmin::text FROM {} k JOIN {} t ON {} WHERE k.cairn_op IN ('u', 'd')", r.kept_table, from(r), same_key(r, "t", "k")));
    for (const auto& row : ids.rows) xids_.insert(*row[0]);
}

Outcome Restoration::refused(const Answer& a, const KeptRows& r) {
    if (auto again = without_unproved(a)) return again;
    return Stopped{.problem = server_refused(a, 865, fmt::format("giving back the rows of `{}`", r.table))};
}

// Which row the server has refused, and code of users did not say: the rows are tried one by one, for nothing but its name.
Outcome Restoration::refused_row(const Answer& a, const KeptRows& r, char op, const std::string& one) {
    auto stopped = refused(a, r);
    const auto& state = a.error.sqlstate;
    const bool by_value = state.starts_with("P0") || state.starts_with("22") || state == "23514" || state == "23502";
    if (trusts() || one.empty() || !by_value || !stopped->problem || !session_.alive()) return stopped;
    (void)exec("ROLLBACK TO SAVEPOINT cairn_order");
    if (!exec(first_refused(r, op, one)).ok()) return stopped;
    const Answer found = exec(fmt::format("SELECT {} FROM {} k WHERE k.ctid = nullif(pg_catalog.current_setting('cairn.stuck', true), '')::pg_catalog.tid", shown_key(r, "k"), r.kept_table));
    if (found.ok() && !found.rows.empty()) stopped->problem->message += fmt::format(": the row {}", found.rows[0][0].value_or(""));
    return stopped;
}

Outcome Restoration::row_by_row(const KeptRows& r, char op, const std::string& statement) {
    if (statement.empty()) return std::nullopt;
    const Answer a = exec(one_by_one(r, op, statement));
    if (!a.ok()) return refused(a, r);
    const Answer stuck = exec("SELECT pg_catalog.current_setting('cairn.stuck', true)");
    if (!stuck.ok()) return refused(stuck, r);
    note_writers(r);
    const std::string ids = stuck.rows[0][0].value_or("{}");
    if (ids == "{}") return std::nullopt;
    const Answer found = exec(listed(fmt::format("{}, {}", shown_key(r, "k"), shown_kept(r, "k")),
                                      fmt::format("FROM {} k WHERE k.ctid = ANY ({}::pg_catalog.tid[])", r.kept_table, sql::quote_literal(ids))));
    if (!found.ok()) return refused(found, r);
    for (const auto& row : found.rows)
        add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = "another row has its unique values", .stays = true}, 0);
    result_.conflict_count += std::stoull(*found.rows[0][2]);
    return mode_ == OnConflict::stop ? conflict_stop() : std::nullopt;
}

// `unique` on a violation that the other order, or one row after the other, may avoid.
Outcome Restoration::change_and_take_away(const KeptRows& r, bool take_first, bool& unique) {
    const auto expected = expected_.find(r.kept_table);
    const auto step = [&](const std::string& statement, std::string Expected::*rows) -> Outcome {
        if (statement.empty()) return std::nullopt;
        const Answer a = exec(statement);
        if (a.ok()) {
            result_.restored += a.affected;
            if (expected != expected_.end() && std::to_string(a.affected) != expected->second.*rows) return conflict_stop();
            return std::nullopt;
        }
        unique = a.error.sqlstate == "23505" || a.error.sqlstate == "23P01";
        if (a.error.sqlstate == "23503") return find_orphans(a);
        return unique || rows == &Expected::put_in ? refused(a, r) : refused_row(a, r, 'u', give_back_changed(r, own_or_any(), "k.ctid = $1"));
    };
    const auto take = [&]() -> Outcome {
        if (auto stopped = referrers(r, 'i')) return stopped;
        return step(take_away_new(r, own_or_any()), &Expected::put_in);
    };
    if (take_first) {
        if (auto stopped = take()) return stopped;
    }
    if (auto stopped = referrers(r, 'u')) return stopped;
    if (auto stopped = step(give_back_changed(r, own_or_any()), &Expected::changed)) return stopped;
    return take_first ? std::nullopt : take();
}

// Where unique values have changed places; false, and nothing done, where the rows can't have others for the time being.
std::variant<bool, Stopped> Restoration::change_by_way_of_others(const KeptRows& r) {
    std::vector<std::uint32_t> members;
    for (const auto& [member, root] : root_of_) {
        if (root == r.oid) members.push_back(member);
    }
    auto park = park_changed(session_, r, own_or_any(), members);
    if (auto* d = std::get_if<Diagnostic>(&park)) return Stopped{.problem = std::move(*d)};
    if (std::get<std::string>(park).empty()) return false;
    if (auto stopped = referrers(r, 'u')) return std::move(*stopped);
    if (!exec("SAVEPOINT cairn_order").ok()) return Stopped{.problem = rows_problem(865, "a savepoint can't be set")};
    Answer a = exec(std::get<std::string>(park));
    if (a.ok()) a = exec(give_back_changed(r, ""));  // all of them are this transaction's by now
    if (a.ok()) {
        result_.restored += a.affected;
        if (!release("cairn_order")) return Stopped{.problem = rows_problem(865, "a savepoint can't be released")};
        return true;
    }
    if (!session_.alive()) return Stopped{.problem = server_refused(a, 865, fmt::format("giving back the rows of `{}`", r.table))};
    (void)exec("ROLLBACK TO SAVEPOINT cairn_order");
    (void)exec("RELEASE SAVEPOINT cairn_order");
    return false;
}

Outcome Restoration::give_back_keyed(const KeptRows& r) {
    const RestoreResult before = result_;
    for (const bool take_first : {false, true}) {
        if (!exec("SAVEPOINT cairn_order").ok()) return Stopped{.problem = rows_problem(865, "a savepoint can't be set")};
        bool unique = false;
        auto stopped = change_and_take_away(r, take_first, unique);
        if (!unique || trusts()) {
            if (!stopped && !release("cairn_order")) return Stopped{.problem = rows_problem(865, "a savepoint can't be released")};
            return stopped;
        }
        (void)exec("ROLLBACK TO SAVEPOINT cairn_order");
        (void)exec("RELEASE SAVEPOINT cairn_order");
        result_ = before;
    }
    if (auto stopped = referrers(r, 'i')) return stopped;
    if (const Answer a = exec(take_away_new(r, own_or_any())); !a.ok()) return refused(a, r);
    auto changed = change_by_way_of_others(r);
    if (auto* stopped = std::get_if<Stopped>(&changed)) return std::move(*stopped);
    if (std::get<bool>(changed)) return std::nullopt;
    return row_by_row(r, 'u', give_back_changed(r, own_or_any(), "k.ctid = $1"));
}

// Mostly all that the transaction has put in stands as it was left, and is what the stretch put in: then rows need no pairing.
Outcome Restoration::give_back_whole_bag(const KeptRows& r) {
    const Answer a = exec(take_all_of_bag(r));
    if (!a.ok()) return a.error.sqlstate == "23503" ? find_orphans(a) : refused(a, r);
    const auto& row = a.rows[0];
    if (row[0] != row[2] || row[1] != row[3] || row[4] == "t") return conflict_stop();
    result_.restored += std::stoull(*row[0]);
    return std::nullopt;
}

Outcome Restoration::give_back_bag(const KeptRows& r) {
    if (trusts()) return give_back_whole_bag(r);
    const Answer expected = exec(bag_expected(r));
    if (!expected.ok()) return refused(expected, r);
    const Answer taken = exec(take_from_bag(r, own_or_any()));
    if (!taken.ok()) return taken.error.sqlstate == "23503" ? find_orphans(taken) : refused(taken, r);
    result_.restored += taken.affected;
    const Answer marked = exec(fmt::format("SELECT EXISTS (SELECT FROM {} WHERE cairn_op = 'F')", r.kept_table));
    if (!marked.ok()) return refused(marked, r);
    if (mode_ != OnConflict::force && !partial_bags_.contains(r.kept_table) && (std::to_string(taken.affected) != *expected.rows[0][0] || marked.rows[0][0] == "t")) return conflict_stop();
    return std::nullopt;
}

Outcome Restoration::give_back_of_columns(const KeptRows& r) {
    const std::string statement = give_back_columns(r);
    if (statement.empty()) return std::nullopt;
    const Answer a = exec(statement);
    if (!a.ok()) return a.error.sqlstate == "23503" ? find_orphans(a) : refused(a, r);
    result_.restored += a.affected;
    const std::string nulls = columns_left_null(r);
    if (nulls.empty()) return std::nullopt;
    const Answer left = exec(listed("q.*", fmt::format("FROM ({}) q(r)", nulls), "q.r"));
    if (!left.ok()) return refused(left, r);
    if (left.rows.empty()) return std::nullopt;
    if (left_null_.insert(r.kept_table).second) {
        for (const auto& row : left.rows)
            add({.table = r.table, .key = row[0].value_or(""), .kept = "", .now = "put in since, without a value for a column that comes back NOT NULL", .stays = true}, 0);
        result_.conflict_count += std::stoull(*left.rows[0][1]);
    }
    // Told to go on, what sets NOT NULL is left away.
    return mode_ == OnConflict::stop ? conflict_stop() : std::nullopt;
}

Outcome Restoration::give_back(const KeptRows& r) {
    if (skipped(r)) return std::nullopt;
    if (r.how == How::columns) return give_back_of_columns(r);
    return r.key.empty() ? give_back_bag(r) : give_back_keyed(r);
}

// Rows whose unique values others have taken since stay away.
Outcome Restoration::put_in_of_bag(const KeptRows& r) {
    (void)exec("SAVEPOINT cairn_order");
    const std::string statement = trusts() ? put_in_all_of_bag(r) : put_in_bag(r);
    Answer a = exec(statement);
    const bool taken = a.error.sqlstate == "23505" || a.error.sqlstate == "23P01";
    if (!a.ok() && taken) {
        (void)exec("ROLLBACK TO SAVEPOINT cairn_order");
        a = exec(statement + " ON CONFLICT DO NOTHING");
    }
    if (!a.ok()) return a.error.sqlstate == "23503" ? find_orphans(a) : refused(a, r);
    result_.restored += a.affected;
    if (taken) {
        const Answer away = exec(listed("q.*", fmt::format("FROM ({}) q(r)", still_missing_from_bag(r)), "q.r"));
        if (!away.ok()) return refused(away, r);
        for (const auto& row : away.rows)
            add({.table = r.table, .key = row[0].value_or(""), .kept = "this row", .now = "another row has its unique values", .stays = true}, 0);
        if (!away.rows.empty()) result_.conflict_count += std::stoull(*away.rows[0][1]);
        if (mode_ == OnConflict::stop) return conflict_stop();
    }
    if (!release("cairn_order")) return Stopped{.problem = rows_problem(865, "a savepoint can't be released")};
    return std::nullopt;
}

Outcome Restoration::put_in(const KeptRows& r) {
    if (skipped(r) || r.how == How::columns) return std::nullopt;
    if (r.key.empty()) {
        return put_in_of_bag(r);
    }
    struct Way {
        char op;
        std::string (*statement)(const KeptRows&, const std::string& only);
    };
    std::vector<Way> ways{{'d', put_in_gone}};
    if (mode_ == OnConflict::force) ways = {{'d', overwrite_reinserted}, {'d', put_in_missing}, {'u', put_in_missing}};
    for (const auto& way : ways) {
        const std::string statement = way.statement(r, fmt::format("k.cairn_op = '{}'", way.op));
        if (statement.empty()) continue;
        (void)exec("SAVEPOINT cairn_order");
        const Answer a = exec(statement);
        if (a.ok()) {
            result_.restored += a.affected;
            if (!release("cairn_order")) return Stopped{.problem = rows_problem(865, "a savepoint can't be released")};
            continue;
        }
        if (a.error.sqlstate == "23503") return find_orphans(a);
        if (a.error.sqlstate != "23505" && a.error.sqlstate != "23P01") return refused_row(a, r, way.op, way.statement(r, "k.ctid = $1"));
        (void)exec("ROLLBACK TO SAVEPOINT cairn_order");
        (void)exec("RELEASE SAVEPOINT cairn_order");
        if (trusts()) return conflict_stop();
        if (auto stopped = row_by_row(r, way.op, way.statement(r, "k.ctid = $1"))) return stopped;
    }
    return std::nullopt;
}

// What NOT VALID lets stand is given back as it was: the row may be the one that the step was to mend.
Outcome Restoration::without_unproved(const Answer& why) {
    if (lenient_ || unproved_.constraints.empty() || (why.error.sqlstate != "23503" && why.error.sqlstate != "23514")) return std::nullopt;
    lenient_ = true;
    (void)exec("ROLLBACK TO SAVEPOINT cairn_rows");
    result_ = before_attempt_;
    return Stopped{.problem = std::nullopt, .again = true};
}

std::optional<Diagnostic> Restoration::note_remade() {
    std::vector<LeftAway::Constraint> all = acting_.constraints;
    if (lenient_) all.insert(all.end(), unproved_.constraints.begin(), unproved_.constraints.end());
    for (const auto& k : all) {
        const Answer a = session_.query("SELECT oid FROM pg_catalog.pg_constraint WHERE (conrelid = pg_catalog.to_regclass($1) OR contypid = pg_catalog.to_regtype($1)) AND conname = $2", {k.table, k.name});
        if (!a.ok()) return server_refused(a, 865, "looking for a constraint that was made again");
        if (!a.rows.empty()) result_.remade.emplace_back(k.oid, *a.rows[0][0]);
    }
    return std::nullopt;
}

Outcome Restoration::attempt() {
    before_attempt_ = result_;
    // Checks that are pending would keep ALTER TABLE from the tables.
    const std::string away = acting_.switches.off + (lenient_ ? unproved_.switches.off : "");
    if (const Answer a = session_.script("SET CONSTRAINTS ALL IMMEDIATE; " + (away.empty() ? "" : journal::in_silence(away))); !a.ok())
        return Stopped{.problem = server_refused(a, 865, "leaving constraints away for the time being")};
    auto switches = read_switches(session_, members_);
    if (auto* d = std::get_if<Diagnostic>(&switches)) return Stopped{.problem = *d};
    auto& [off, on] = std::get<Switches>(switches);
    for (const auto& r : rows_) let_identities_be_set(r, std::get<Switches>(switches));
    if (const Answer a = session_.script((off.empty() ? "" : journal::in_silence(off) + "; ") + "SET CONSTRAINTS ALL DEFERRED"); !a.ok())
        return Stopped{.problem = server_refused(a, 865, "switching off triggers")};
    for (const auto& r : rows_) {
        if (auto stopped = give_back(r)) return stopped;
    }
    for (auto r = rows_.rbegin(); r != rows_.rend(); ++r) {
        if (auto stopped = put_in(*r)) return stopped;
    }
    if (const Answer a = exec("SET CONSTRAINTS ALL IMMEDIATE"); !a.ok()) {
        if (a.error.sqlstate == "23503") return find_orphans(a);
        return Stopped{.problem = server_refused(a, 865, "checking constraints")};
    }
    const std::string again = on + (lenient_ ? unproved_.switches.on : "") + acting_.switches.on;
    if (again.empty()) return std::nullopt;
    if (const Answer a = session_.script(journal::in_silence(again)); !a.ok()) {
        if (a.error.sqlstate == "23503") return find_orphans(a);
        return Stopped{.problem = server_refused(a, 865, "switching triggers on again")};
    }
    if (auto d = note_remade()) return Stopped{.problem = *d};
    return std::nullopt;
}

}  // namespace cairn::undo::restoring
