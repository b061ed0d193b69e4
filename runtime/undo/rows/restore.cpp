#include "runtime/undo/rows/restore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/sql/facts.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/undo/rows/give_back.hpp"
#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/look.hpp"
#include "runtime/undo/rows/packed.hpp"
#include "runtime/undo/rows/parking.hpp"
#include "runtime/undo/rows/references.hpp"
#include "runtime/undo/rows/sequences.hpp"
#include "runtime/undo/rows/sql.hpp"
#include "runtime/undo/rows/switches.hpp"

namespace cairn::undo {
namespace {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;
using How = KeptRows::How;

// What ended an attempt: conflicts that were found, or a refusal of the server.
struct Stopped {
    std::optional<Diagnostic> problem;
    bool again = false;  // conflicting rows are marked now (skip): the next attempt leaves them out
};
using Outcome = std::optional<Stopped>;

// How many rows one table's statements find when nobody has written them since.
struct Expected {
    std::string changed, put_in;
};

class Restoration {
public:
    Restoration(Session& session, const Kept& kept, OnConflict mode, std::string own_query)
        : session_(session), rows_(kept.rows), sequences_(kept.sequences), mode_(mode), own_query_(std::move(own_query)) {}

    std::variant<RestoreResult, Diagnostic> look();
    std::variant<RestoreResult, Diagnostic> run();

private:
    std::optional<Diagnostic> prepare();
    std::optional<Diagnostic> lift_security();
    std::optional<Diagnostic> go_on();
    std::optional<Diagnostic> count_expected();
    std::variant<bool, Diagnostic> try_trusting();
    std::optional<Diagnostic> look_and_give_back();
    bool release(const std::string& savepoint);
    void note_writers(const KeptRows&);
    std::optional<Diagnostic> find(KeptRows&);
    std::optional<Diagnostic> fit(KeptRows&, const Table&) const;
    std::optional<Diagnostic> leave_out(const KeptRows&, const Diagnostic& why);
    std::optional<Diagnostic> find_members();
    std::optional<Diagnostic> order();
    std::optional<Diagnostic> find_conflicts(const KeptRows&);
    std::optional<Diagnostic> find_conflicts();
    std::optional<Diagnostic> conflicts_by_key(const KeptRows&);
    std::optional<Diagnostic> conflicts_of_bag(const KeptRows&);
    std::optional<Diagnostic> conflicts_of_columns(const KeptRows&);
    std::optional<Diagnostic> mark();
    std::optional<Diagnostic> unmark();

    Outcome attempt();
    Outcome give_back(const KeptRows&);
    Outcome give_back_keyed(const KeptRows&);
    Outcome change_and_take_away(const KeptRows&, bool take_first, bool& unique);
    std::variant<bool, Stopped> change_by_way_of_others(const KeptRows&);
    Outcome row_by_row(const KeptRows&, char op, const std::string& statement);
    Outcome give_back_bag(const KeptRows&);
    Outcome give_back_of_columns(const KeptRows&);
    Outcome put_in(const KeptRows&);
    Outcome referrers(const KeptRows&, char op);
    Outcome find_orphans(const Answer&);

    Outcome refused(const Answer&, const KeptRows&);
    Outcome without_unproved(const Answer&);
    std::optional<Diagnostic> note_remade();
    Outcome conflict_stop();
    void add(Conflict, std::uint64_t of = 1);
    const KeptRows* of_table(std::uint32_t) const;
    Answer exec(const std::string& sql) { return session_.query(sql); }
    std::string own_or_any() const { return mode_ == OnConflict::force ? "" : own_; }
    // Giving back without having looked for conflicts: what does not go by itself is left to the pass that does look.
    bool trusts() const { return !expected_.empty(); }
    bool skipped(const KeptRows& r) const { return skipped_bags_.contains(r.kept_table); }

    Session& session_;
    std::vector<KeptRows> rows_;
    std::vector<KeptSequence> sequences_;
    OnConflict mode_;
    std::string own_query_, own_;
    std::map<std::uint32_t, std::uint32_t> root_of_;  // every relation that is written, to the table that it belongs to
    std::vector<std::uint32_t> members_;
    std::vector<Reference> references_;
    std::set<std::string> skipped_bags_, xids_;
    std::map<std::string, Expected> expected_;  // by kept table
    Switches security_;
    Unproved unproved_;
    bool lenient_ = false;
    RestoreResult result_, before_attempt_;
    std::uint64_t attempts_ = 0;
    bool gave_back_ = false;
};

// The first of what is found, in the order in which it was kept, and how many there are in all. Materialized: the planner would
// else take the limit for all that is wanted, and join each kept row with the whole table in turn.
std::string listed(const std::string& columns, const std::string& from, const char* order = "k.cairn_seq, k.ctid") {
    return fmt::format("WITH found AS MATERIALIZED (SELECT {} {} ORDER BY {}) SELECT found.*, count(*) OVER () FROM found LIMIT {}", columns, from,
                       order, listed_conflicts);
}

void Restoration::add(Conflict conflict, std::uint64_t of) {
    result_.conflict_count += of;
    if (result_.conflicts.size() < listed_conflicts) result_.conflicts.push_back(std::move(conflict));
}

const KeptRows* Restoration::of_table(std::uint32_t oid) const {
    const auto root = root_of_.find(oid);
    for (const auto& r : rows_) {
        if (r.oid == (root == root_of_.end() ? oid : root->second)) return &r;
    }
    return nullptr;
}

// ------------------------------------------------------------------------------------------------- finding the tables

// Others have dropped or altered the table.
Diagnostic gone(std::string message, std::uint16_t code = 863) {
    return rows_problem(code, std::move(message), "cairn rollback --on-conflict skip");
}

// Told to give back what can be given back: none of the table's rows can.
std::optional<Diagnostic> Restoration::leave_out(const KeptRows& r, const Diagnostic& why) {
    if (why.code != 863 && why.code != 864) return why;
    const Answer a = exec(fmt::format("SELECT count(*) FROM {}", r.kept_table));
    if (!a.ok()) return server_refused(a, 865, fmt::format("counting the rows kept of `{}`", r.table));
    add({.table = r.table, .key = "as a whole", .kept = fmt::format("{} rows", *a.rows[0][0]), .now = why.message});
    return std::nullopt;
}

// By name; another table under that name counts only when this run has made it again.
std::optional<Diagnostic> Restoration::find(KeptRows& rows) {
    const Answer a = session_.query(
        fmt::format("SELECT pg_catalog.to_regclass($1)::oid, (SELECT c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_class c WHERE c.oid = $2::oid), "
                    "EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum = -1 AND a.xmin = ANY ({})), "
                    "pg_catalog.to_regclass($3) IS NOT NULL", own_),
        {rows.table, std::to_string(rows.oid), rows.kept_table});
    if (!a.ok()) return server_refused(a, 865, fmt::format("looking for `{}`", rows.table));
    const auto& row = a.rows[0];
    if (row[3] != "t") return rows_problem(867, fmt::format("the rows kept of `{}` are gone: there is no table `{}`", rows.table, rows.kept_table));
    if (!row[0] && row[1]) return gone(fmt::format("`{}` has been renamed to `{}` since: its rows were not given back", rows.table, *row[1]));
    if (!row[0]) return gone(fmt::format("`{}` is no longer there: its rows can't be given back", rows.table));
    const auto oid = static_cast<std::uint32_t>(std::stoul(*row[0]));
    if (oid != rows.oid && row[2] != "t")
        return gone(fmt::format("`{}` is another table than the one whose rows were kept", rows.table));
    rows.oid = oid;
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::fit(KeptRows& rows, const Table& now) const {
    if (now.kind != 'r' && now.kind != 'p') return gone(fmt::format("`{}` is no longer a table", rows.table));
    rows.only = now.has_heirs;
    for (auto& kept : rows.columns) {
        const auto c = std::find_if(now.columns.begin(), now.columns.end(), [&](const KeptColumn& n) { return n.name == kept.name; });
        if (c == now.columns.end()) return gone(fmt::format("`{}` has lost its column `{}` since: its rows were not given back", rows.table, kept.name), 864);
        if (c->type != kept.type) {
            return gone(fmt::format("column `{}` of `{}` is of type {} now, and was of type {} when its rows were kept", kept.name, rows.table,
                                    c->type, kept.type), 864);
        }
        if (c->is_generated && !kept.is_generated) return gone(fmt::format("column `{}` of `{}` is generated now", kept.name, rows.table), 864);
        kept.identity_always = c->identity_always;
    }
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::find_members() {
    std::vector<std::uint32_t> roots;
    for (const auto& r : rows_) roots.push_back(r.oid);
    const Answer a = session_.query("SELECT r, p.relid::oid FROM unnest($1::oid[]) r CROSS JOIN LATERAL pg_catalog.pg_partition_tree(r) p "
                                    "UNION SELECT r, r FROM unnest($1::oid[]) r", {oid_array(roots)});
    if (!a.ok()) return server_refused(a, 865, "looking for partitions");
    for (const auto& row : a.rows) {
        const auto member = static_cast<std::uint32_t>(std::stoul(*row[1]));
        if (root_of_.emplace(member, static_cast<std::uint32_t>(std::stoul(*row[0]))).second) members_.push_back(member);
    }
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::prepare() {
    if (rows_.empty()) return std::nullopt;
    auto own = read_own_xids(session_, own_query_);
    if (auto* d = std::get_if<Diagnostic>(&own)) return *d;
    own_ = std::get<std::string>(own);
    std::vector<KeptRows> there;
    for (auto& r : rows_) {
        auto d = find(r);
        if (d && mode_ == OnConflict::skip) d = leave_out(r, *d);
        else if (!d) there.push_back(std::move(r));
        if (d) return d;
    }
    rows_ = std::move(there);
    if (rows_.empty()) return std::nullopt;
    std::string pins = "SET LOCAL row_security = off";
    for (const auto& s : pinned_settings()) pins += "; SET LOCAL " + s;
    pins += "; LOCK TABLE " + joined(rows_, ", ", [](const KeptRows& r) { return r.table; }) + " IN SHARE ROW EXCLUSIVE MODE";
    if (const Answer a = session_.script(pins); !a.ok()) return server_refused(a, 865, "locking the tables whose rows are given back");
    std::vector<std::uint32_t> oids;
    for (const auto& r : rows_) oids.push_back(r.oid);
    auto tables = read_tables(session_, oids);
    if (auto* d = std::get_if<Diagnostic>(&tables)) return *d;
    there.clear();
    for (auto& r : rows_) {
        const auto t = std::get<Tables>(tables).find(r.oid);
        if (t == std::get<Tables>(tables).end()) return gone(fmt::format("`{}` is no longer there: its rows can't be given back", r.table));
        auto d = fit(r, t->second);
        if (d && mode_ == OnConflict::skip) d = leave_out(r, *d);
        else if (!d) there.push_back(std::move(r));
        if (d) return d;
    }
    rows_ = std::move(there);
    for (const auto& r : rows_) {
        if (!r.packed) continue;
        if (auto d = unpack(session_, r)) return d;
    }
    return std::nullopt;
}

// The ids of subtransactions are to be had while they run.
bool Restoration::release(const std::string& savepoint) {
    const Answer ids = exec(own_transaction_ids);
    if (!ids.ok()) return false;
    for (const auto& row : ids.rows) xids_.insert(*row[0]);
    return exec("RELEASE SAVEPOINT " + savepoint).ok();
}

// After row by row, each in a subtransaction of its own: the rows say who wrote them.
void Restoration::note_writers(const KeptRows& r) {
    const Answer ids = exec(fmt::format("SELECT DISTINCT t.xmin::text FROM {} k JOIN {} t ON {}", r.kept_table, from(r), same_key(r, "t", "k")));
    for (const auto& row : ids.rows) xids_.insert(*row[0]);
}

std::optional<Diagnostic> Restoration::lift_security() {
    auto read = read_forced_security(session_, members_);
    if (auto* d = std::get_if<Diagnostic>(&read)) return *d;
    security_ = std::get<Switches>(std::move(read));
    if (security_.off.empty()) return std::nullopt;
    if (const Answer a = session_.script("SET CONSTRAINTS ALL IMMEDIATE; " + security_.off); !a.ok())
        return server_refused(a, 865, "lifting row security");
    return std::nullopt;
}

// Children before parents: an action of a foreign key then finds nothing left to take along.
std::optional<Diagnostic> Restoration::order() {
    auto read = read_references(session_, members_);
    if (auto* d = std::get_if<Diagnostic>(&read)) return *d;
    references_ = std::get<std::vector<Reference>>(std::move(read));
    std::vector<KeptRows> ordered;
    std::set<std::string> done, under_way;
    const std::function<void(const KeptRows&)> visit = [&](const KeptRows& r) {
        if (!under_way.insert(r.kept_table).second) return;
        for (const auto& ref : references_) {
            const auto parent = root_of_.find(ref.parent);
            if (parent == root_of_.end() || parent->second != r.oid) continue;
            if (const auto* child = of_table(ref.child); child != nullptr && child != &r) visit(*child);
        }
        if (done.insert(r.kept_table).second) ordered.push_back(r);
    };
    for (const auto& r : rows_) visit(r);
    rows_ = std::move(ordered);
    return std::nullopt;
}

// ------------------------------------------------------------------------------------------------- conflicts

std::optional<Diagnostic> Restoration::conflicts_by_key(const KeptRows& r) {
    const std::string beside = kept_beside_table(r) + " WHERE " + written_since(r, own_);
    const Answer a = exec(listed(fmt::format("{}, {}, CASE WHEN t.{} IS NULL THEN 'no row' ELSE pg_catalog.left({}, 200) END", shown_key(r, "k"), shown_kept(r, "k"),
                                                  column(r, r.key[0].number).name, row_text(r, "t")), beside));
    if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept rows", r.table));
    if (a.rows.empty()) return std::nullopt;
    for (const auto& row : a.rows) add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = row[2].value_or("")}, 0);
    result_.conflict_count += std::stoull(*a.rows[0][3]);
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::conflicts_of_bag(const KeptRows& r) {
    const Answer a = exec(fmt::format("SELECT pg_catalog.left(r, 200), missing, sum(missing) OVER () FROM ({}) m ORDER BY m.r LIMIT {}", missing_from_bag(r, own_), listed_conflicts));
    if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept rows", r.table));
    if (a.rows.empty()) return std::nullopt;
    for (const auto& row : a.rows)
        add({.table = r.table, .key = row[0].value_or(""), .kept = "no row", .now = "another row, or none"}, 0);
    result_.conflict_count += std::stoull(*a.rows[0][2]);
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::conflicts_of_columns(const KeptRows& r) {
    if (r.key.empty()) {
        const Answer a = exec(columns_without_match(r));
        if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept columns", r.table));
        for (const auto& row : a.rows) {
            add({.table = r.table, .key = row[0].value_or(""), .kept = fmt::format("{} rows like this", *row[1]), .now = fmt::format("{} rows like this", *row[2])});
        }
        return std::nullopt;
    }
    const Answer a = exec(listed(fmt::format("{}, pg_catalog.left({}, 200)", shown_key(r, "k"), kept_row_text(r, "k")),
                                 fmt::format("FROM {} k WHERE k.cairn_op = 'U'", r.kept_table)));
    if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept columns", r.table));
    if (a.rows.empty()) return std::nullopt;
    for (const auto& row : a.rows) add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = "written since"}, 0);
    result_.conflict_count += std::stoull(*a.rows[0][2]);
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::find_conflicts(const KeptRows& r) {
    if (r.how == How::columns) return conflicts_of_columns(r);
    return r.key.empty() ? conflicts_of_bag(r) : conflicts_by_key(r);
}

// Of those whose statements don't tell by themselves.
std::optional<Diagnostic> Restoration::find_conflicts() {
    for (const auto& r : rows_) {
        if (expected_.contains(r.kept_table)) continue;
        if (auto d = find_conflicts(r)) return d;
    }
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::mark() {
    for (const auto& r : rows_) {
        if (r.how == How::columns) continue;
        if (r.key.empty()) {
            const Answer a = exec(fmt::format("SELECT EXISTS ({})", missing_from_bag(r, own_)));
            if (!a.ok()) return server_refused(a, 865, "comparing with kept rows");
            if (a.rows[0][0] == "t") skipped_bags_.insert(r.kept_table);
            continue;
        }
        const Answer a = exec(fmt::format("UPDATE {} m SET cairn_op = pg_catalog.upper(m.cairn_op::text)::\"char\" FROM (SELECT k.ctid AS id {} WHERE k.cairn_op IN ('u', 'd', 'i') AND {}) w "
                                          "WHERE m.ctid = w.id", r.kept_table, kept_beside_table(r), written_since(r, own_)));
        if (!a.ok()) return server_refused(a, 865, "marking rows that others have written");
    }
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::unmark() {
    for (const auto& r : rows_) {
        const Answer a = exec(fmt::format("UPDATE {} SET cairn_op = pg_catalog.lower(cairn_op::text)::\"char\" WHERE cairn_op IN ('U', 'D', 'I')", r.kept_table));
        if (!a.ok()) return server_refused(a, 865, "unmarking rows that others have written");
    }
    return std::nullopt;
}

Outcome Restoration::conflict_stop() { return Stopped{}; }

// ------------------------------------------------------------------------------------------------- giving back

Outcome Restoration::refused(const Answer& a, const KeptRows& r) {
    if (auto again = without_unproved(a)) return again;
    return Stopped{.problem = server_refused(a, 865, fmt::format("giving back the rows of `{}`", r.table))};
}

// Rows of others that refer to what is about to go, or to a value that is about to be replaced.
Outcome Restoration::referrers(const KeptRows& r, char op) {
    if (r.key.empty() || r.how != How::changes) return std::nullopt;
    for (const auto& ref : references_) {
        const auto parent = root_of_.find(ref.parent);
        if (parent == root_of_.end() || parent->second != r.oid) continue;
        const KeptRows* child = of_table(ref.child);
        if (op == 'u' && (!refers_beyond_key(ref, r) || child == &r)) continue;
        if (mode_ == OnConflict::force && (op == 'u' ? ref.acts_on_update : ref.acts_on_delete)) continue;
        const std::string query = still_referring(ref, r, op, child, own_);
        const Answer a = exec(listed("q.*", fmt::format("FROM ({}) q(id, child, key)", query), "q.key"));
        if (!a.ok()) return refused(a, r);
        if (a.rows.empty()) continue;
        for (const auto& row : a.rows) {
            add({.table = ref.child_table, .key = fmt::format("{} of {}", row[2].value_or(""), r.table), .kept = "no row refers to it", .now = row[1].value_or("")}, 0);
        }
        result_.conflict_count += std::stoull(*a.rows[0][3]);
        if (mode_ != OnConflict::skip) return conflict_stop();
        const Answer marked = exec(fmt::format("UPDATE {} m SET cairn_op = '{}' FROM ({}) q(id, child, key) WHERE m.ctid = q.id", r.kept_table, op == 'u' ? 'U' : 'I', query));
        if (!marked.ok()) return refused(marked, r);
    }
    return std::nullopt;
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
        add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = "another row has its unique values"}, 0);
    result_.conflict_count += std::stoull(*found.rows[0][2]);
    return mode_ == OnConflict::skip ? std::nullopt : conflict_stop();
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
        return refused(a, r);
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

Outcome Restoration::give_back_bag(const KeptRows& r) {
    const Answer expected = exec(bag_expected(r));
    if (!expected.ok()) return refused(expected, r);
    const Answer taken = exec(take_from_bag(r, own_or_any()));
    if (!taken.ok()) return taken.error.sqlstate == "23503" ? find_orphans(taken) : refused(taken, r);
    result_.restored += taken.affected;
    const Answer marked = exec(fmt::format("SELECT EXISTS (SELECT FROM {} WHERE cairn_op = 'F')", r.kept_table));
    if (!marked.ok()) return refused(marked, r);
    if (mode_ != OnConflict::force && (std::to_string(taken.affected) != *expected.rows[0][0] || marked.rows[0][0] == "t")) return conflict_stop();
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
    for (const auto& row : left.rows) add({.table = r.table, .key = row[0].value_or(""), .kept = "no value", .now = "a row put in since"}, 0);
    result_.conflict_count += std::stoull(*left.rows[0][1]);
    return conflict_stop();
}

Outcome Restoration::give_back(const KeptRows& r) {
    if (skipped(r)) return std::nullopt;
    if (r.how == How::columns) return give_back_of_columns(r);
    return r.key.empty() ? give_back_bag(r) : give_back_keyed(r);
}

Outcome Restoration::put_in(const KeptRows& r) {
    if (skipped(r) || r.how == How::columns) return std::nullopt;
    if (r.key.empty()) {
        const Answer a = exec(put_in_bag(r));
        if (!a.ok()) return a.error.sqlstate == "23503" ? find_orphans(a) : refused(a, r);
        result_.restored += a.affected;
        return std::nullopt;
    }
    std::vector<std::string> statements{put_in_gone(r)};
    if (mode_ == OnConflict::force) statements = {overwrite_reinserted(r), put_in_missing(r)};
    for (const auto& statement : statements) {
        if (statement.empty()) continue;
        (void)exec("SAVEPOINT cairn_order");
        const Answer a = exec(statement);
        if (a.ok()) {
            result_.restored += a.affected;
            if (!release("cairn_order")) return Stopped{.problem = rows_problem(865, "a savepoint can't be released")};
            continue;
        }
        if (a.error.sqlstate == "23503") return find_orphans(a);
        if (a.error.sqlstate != "23505" && a.error.sqlstate != "23P01") return refused(a, r);
        (void)exec("ROLLBACK TO SAVEPOINT cairn_order");
        (void)exec("RELEASE SAVEPOINT cairn_order");
        if (mode_ == OnConflict::force) return refused(a, r);
        if (trusts()) return conflict_stop();
        if (auto stopped = row_by_row(r, 'd', put_in_gone(r, "k.ctid = $1"))) return stopped;
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
    for (const auto& k : unproved_.constraints) {
        const Answer a = session_.query("SELECT oid FROM pg_catalog.pg_constraint WHERE conrelid = pg_catalog.to_regclass($1) AND conname = $2", {k.table, k.name});
        if (!a.ok()) return server_refused(a, 865, "looking for a constraint that was made again");
        if (!a.rows.empty()) result_.remade.emplace_back(k.oid, *a.rows[0][0]);
    }
    return std::nullopt;
}

// A foreign key refused it: back to before the attempt, to see which rows would have no parent.
Outcome Restoration::find_orphans(const Answer& why) {
    if (trusts()) return conflict_stop();
    if (auto again = without_unproved(why)) return again;
    (void)exec("ROLLBACK TO SAVEPOINT cairn_rows");
    result_.restored = 0;
    const auto before = result_.conflict_count;
    for (const auto& ref : references_) {
        const KeptRows* child = of_table(ref.child);
        if (child == nullptr || skipped(*child) || (lenient_ && !ref.is_proved)) continue;
        const std::string query = orphans(ref, *child, of_table(ref.parent));
        if (query.empty()) continue;
        const std::string shown = child->key.empty() ? kept_row_text(*child, "k") : shown_key(*child, "k");
        const Answer a = exec(listed(fmt::format("{}, {}", shown, shown_kept(*child, "k")), fmt::format("FROM {} k WHERE k.ctid IN ({})", child->kept_table, query)));
        if (!a.ok()) return refused(a, *child);
        if (a.rows.empty()) continue;
        for (const auto& row : a.rows)
            add({.table = child->table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = fmt::format("its row in {} is gone ({})", ref.parent_table, ref.name)}, 0);
        result_.conflict_count += std::stoull(*a.rows[0][2]);
        if (mode_ != OnConflict::skip) continue;
        if (child->key.empty()) {
            skipped_bags_.insert(child->kept_table);
            continue;
        }
        const Answer marked = exec(fmt::format("UPDATE {} k SET cairn_op = pg_catalog.upper(k.cairn_op::text)::\"char\" WHERE k.ctid IN ({})", child->kept_table, query));
        if (!marked.ok()) return refused(marked, *child);
    }
    if (result_.conflict_count == before)
        return Stopped{.problem = server_refused(why, 865, "giving back rows")};
    return Stopped{.problem = std::nullopt, .again = mode_ == OnConflict::skip};
}

Outcome Restoration::attempt() {
    before_attempt_ = result_;
    // Checks that are pending would keep ALTER TABLE from the tables.
    if (const Answer a = session_.script("SET CONSTRAINTS ALL IMMEDIATE; " + (lenient_ ? unproved_.switches.off : "")); !a.ok())
        return Stopped{.problem = server_refused(a, 865, "leaving constraints away that are not valid")};
    auto switches = read_switches(session_, members_);
    if (auto* d = std::get_if<Diagnostic>(&switches)) return Stopped{.problem = *d};
    const auto& [off, on] = std::get<Switches>(switches);
    if (const Answer a = session_.script(off + "SET CONSTRAINTS ALL DEFERRED"); !a.ok())
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
    const std::string again = on + (lenient_ ? unproved_.switches.on : "");
    if (again.empty()) return std::nullopt;
    if (const Answer a = session_.script(again); !a.ok()) return Stopped{.problem = server_refused(a, 865, "switching triggers on again")};
    if (lenient_) {
        if (auto d = note_remade()) return Stopped{.problem = *d};
    }
    return std::nullopt;
}

std::variant<RestoreResult, Diagnostic> Restoration::look() {
    if (rows_.empty()) return result_;
    std::string pins;
    for (const auto& setting : pinned_settings()) pins += "SET LOCAL " + setting + "; ";
    if (const Answer a = session_.script(pins); !a.ok()) return server_refused(a, 865, "setting how values are written");
    auto own = read_own_xids(session_, own_query_);
    if (auto* d = std::get_if<Diagnostic>(&own)) return *d;
    own_ = std::get<std::string>(own);
    for (auto& r : rows_) {
        if (r.how != How::columns || r.key.empty() || !r.retyped) continue;
        if (auto d = find(r)) return *d;
        if (const Answer a = exec(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", r.table)); !a.ok())
            return server_refused(a, 865, fmt::format("locking `{}`", r.table));
        std::string same = r.rekeyed ? "" : same_key(r, "t", "k");
        if (r.rekeyed) {
            auto read = read_tables(session_, {r.oid});
            if (auto* d = std::get_if<Diagnostic>(&read)) return *d;
            for (const auto& k : r.key) {
                std::string name = column(r, k.number).name;
                for (const auto& c : std::get<Tables>(read)[r.oid].columns) {
                    if (c.number == k.number) name = c.name;
                }
                same += fmt::format("{}pg_catalog.concat(t.{}) = k.a_{}", same.empty() ? "" : " AND ", name, k.number);
            }
        }
        // Only rows that are still there: one that others have deleted has nothing to be overwritten.
        const std::string beside = fmt::format("FROM {} k JOIN {} t ON {} WHERE k.cairn_op = 'U' OR NOT {}", r.kept_table, from(r), same, is_own(r, own_, "t", "k"));
        const Answer a = exec(listed(fmt::format("{}, pg_catalog.left({}, 200), pg_catalog.left((t.*)::text, 200)", shown_key(r, "k"), kept_row_text(r, "k")), beside));
        if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept columns", r.table));
        if (a.rows.empty()) continue;
        for (const auto& row : a.rows) add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = row[2].value_or("")}, 0);
        result_.conflict_count += std::stoull(*a.rows[0][3]);
        const Answer marked = exec(fmt::format("UPDATE {} m SET cairn_op = 'U' FROM (SELECT k.ctid AS id {}) w WHERE m.ctid = w.id", r.kept_table, beside));
        if (!marked.ok()) return server_refused(marked, 865, "marking rows that others have written");
    }
    return result_;
}

// A bag counts what it takes away. With a key, an UPDATE and a DELETE do, of rows that are the run's own still; who has put a key
// in again, or was found before, has to be looked for.
std::optional<Diagnostic> Restoration::count_expected() {
    if (mode_ == OnConflict::force) return std::nullopt;
    for (const auto& r : rows_) {
        if (r.how != How::changes) continue;
        if (r.key.empty()) {
            expected_[r.kept_table] = {};
            continue;
        }
        const Answer a = exec(fmt::format("SELECT count(*) FILTER (WHERE k.cairn_op = 'u'), count(*) FILTER (WHERE k.cairn_op = 'i'), "
                                          "count(*) FILTER (WHERE k.cairn_op NOT IN ('u', 'i')) FROM {} k", r.kept_table));
        if (!a.ok()) return server_refused(a, 865, fmt::format("counting the rows kept of `{}`", r.table));
        const auto& row = a.rows[0];
        const bool sets_something = row[0] == "0" || !give_back_changed(r, own_).empty();
        if (row[2] == "0" && sets_something) expected_[r.kept_table] = {.changed = *row[0], .put_in = *row[1]};
    }
    return std::nullopt;
}

// False: not all rows are as the run left them, or something stood in the way.
std::variant<bool, Diagnostic> Restoration::try_trusting() {
    if (const Answer a = exec("SAVEPOINT cairn_rows"); !a.ok()) return server_refused(a, 865, "setting a savepoint");
    const auto stopped = attempt();
    if (!stopped) {
        if (!release("cairn_rows")) return rows_problem(865, "a savepoint can't be released");
        return true;
    }
    if (stopped->problem && (!session_.alive() || process::interrupt_requested())) return *stopped->problem;
    if (const Answer a = session_.script("ROLLBACK TO SAVEPOINT cairn_rows; RELEASE SAVEPOINT cairn_rows"); !a.ok())
        return server_refused(a, 865, "going back to a savepoint");
    lenient_ = false;
    return false;
}

// Nobody has been there, as a rule: then comparing all rows beforehand costs half as much again as giving them back.
std::optional<Diagnostic> Restoration::go_on() {
    auto unproved = read_unproved(session_, members_);
    if (auto* d = std::get_if<Diagnostic>(&unproved)) return *d;
    unproved_ = std::get<Unproved>(std::move(unproved));
    const RestoreResult before = result_;
    if (auto d = count_expected()) return d;
    if (trusts()) {
        if (auto d = find_conflicts()) return d;
        bool done = false;
        if (result_.conflict_count == 0) {
            auto tried = try_trusting();
            if (auto* d = std::get_if<Diagnostic>(&tried)) return *d;
            done = std::get<bool>(tried);
        }
        if (done) {
            result_.xids.assign(xids_.begin(), xids_.end());
            gave_back_ = true;
            return std::nullopt;
        }
        expected_.clear();
        xids_.clear();
        result_ = before;
    }
    return look_and_give_back();
}

// With the list of conflicts made, as far as they show beforehand: it is what a forced or skipping undo has to say too.
std::optional<Diagnostic> Restoration::look_and_give_back() {
    if (auto d = find_conflicts()) return d;
    if (result_.conflict_count > 0) {
        if (mode_ == OnConflict::stop) return std::nullopt;
        if (auto d = mode_ == OnConflict::skip ? mark() : unmark()) return d;
    }
    while (true) {
        if (const Answer a = exec("SAVEPOINT cairn_rows"); !a.ok()) return server_refused(a, 865, "setting a savepoint");
        const auto stopped = attempt();
        if (!stopped) {
            if (!release("cairn_rows")) return rows_problem(865, "a savepoint can't be released");
            result_.xids.assign(xids_.begin(), xids_.end());
            gave_back_ = true;
            return std::nullopt;
        }
        if (const Answer a = exec(stopped->again ? "RELEASE SAVEPOINT cairn_rows" : "ROLLBACK TO SAVEPOINT cairn_rows"); !a.ok())
            return stopped->problem ? *stopped->problem : server_refused(a, 865, "going back to a savepoint");
        if (stopped->problem) return stopped->problem;
        if (!stopped->again || ++attempts_ > 20) {
            result_.restored = 0;
            return std::nullopt;
        }
    }
}

std::variant<RestoreResult, Diagnostic> Restoration::run() {
    if (auto d = prepare()) return *d;
    if (!rows_.empty()) {
        if (auto d = find_members()) return *d;
        if (auto d = order()) return *d;
        if (auto d = lift_security()) return *d;
        if (auto d = go_on()) return *d;
        if (!security_.on.empty()) {
            if (const Answer a = session_.script(security_.on); !a.ok()) return server_refused(a, 865, "putting row security back");
        }
        if (!gave_back_) return result_;
    }
    for (const auto& s : sequences_) {
        if (auto d = put_back(session_, s)) return *d;
    }
    return result_;
}

}  // namespace

std::variant<RestoreResult, Diagnostic> look_for_conflicts(Session& session, const Kept& kept, const std::string& own_xids) {
    return Restoration(session, kept, OnConflict::stop, own_xids).look();
}

std::variant<RestoreResult, Diagnostic> restore(Session& session, const Kept& kept, OnConflict mode, const std::string& own_xids) {
    return Restoration(session, kept, mode, own_xids).run();
}

Diagnostic conflicts_found(const RestoreResult& result) {
    std::string list;
    for (const auto& c : result.conflicts) list += fmt::format("\n  {} {}: kept {}, now {}", c.table, c.key, c.kept, c.now);
    if (result.conflict_count > result.conflicts.size())
        list += fmt::format("\n  and {} more", result.conflict_count - result.conflicts.size());
    return rows_problem(820, fmt::format("{} {} that others have written since; nothing was overwritten:{}", result.conflict_count,
                                         result.conflict_count == 1 ? "row" : "rows", list));
}

}  // namespace cairn::undo
