#include "runtime/undo/rows/restoration.hpp"

#include <fmt/format.h>

#include "compiler/sql/facts.hpp"
#include "runtime/undo/rows/give_back.hpp"
#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo::restoring {

// Materialized: the planner would else take the limit for all that is wanted, and join each kept row with the whole table in turn.
std::string listed(const std::string& columns, const std::string& from, const char* order) {
    return fmt::format("WITH found AS MATERIALIZED (SELECT {} {} ORDER BY {}) SELECT found.*, count(*) OVER () FROM found LIMIT {}", columns, from,
                       order, listed_conflicts);
}

void Restoration::add(Conflict conflict, std::uint64_t of) {
    result_.conflict_count += of;
    if (result_.conflicts.size() < listed_conflicts) result_.conflicts.push_back(std::move(conflict));
}

std::optional<Diagnostic> Restoration::conflicts_by_key(const KeptRows& r) {
    const std::string beside = kept_beside_table(r) + " WHERE " + written_since(r, own_);
    const Answer a = exec(listed(fmt::format("{}, {}, CASE WHEN t.{} IS NULL THEN 'no row' ELSE pg_catalog.left({}, 200) END", shown_key(r, "k"), shown_kept(r, "k"),
                                                  column(r, r.key[0].number).name, row_text(r, "t")), beside));
    if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept rows", r.table));
    if (a.rows.empty()) return std::nullopt;
    for (const auto& row : a.rows) add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = row[2].value_or("")}, 0);
    result_.conflict_count += std::stoull(*a.rows[0][3]);
    return look_whether_anew(r);
}

std::optional<Diagnostic> Restoration::look_whether_anew(const KeptRows& r) {
    auto found = written_anew(session_, r, own_);
    if (auto* d = std::get_if<Diagnostic>(&found)) return std::move(*d);
    if (std::get<bool>(found)) result_.written_anew.insert(r.table);
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::conflicts_of_bag(const KeptRows& r) {
    const Answer a = exec(fmt::format("SELECT pg_catalog.left(r, 200), missing, sum(missing) OVER (), nowhere <= 0 FROM ({}) m ORDER BY m.r LIMIT {}", missing_from_bag(r, own_), listed_conflicts));
    if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept rows", r.table));
    if (a.rows.empty()) return std::nullopt;
    for (const auto& row : a.rows) {
        const bool one = row[1] == "1", there = row[3] == "t";
        std::string now = one ? std::string("one that the step has left is changed or gone") : fmt::format("{} that the step has left are changed or gone", *row[1]);
        if (there) now = one ? "one like that, which others have written" : fmt::format("{} like that, which others have written", *row[1]);
        add({.table = r.table, .key = row[0].value_or(""), .kept = "no such row", .now = std::move(now), .beside = !there}, 0);
    }
    result_.conflict_count += std::stoull(*a.rows[0][2]);
    return look_whether_anew(r);
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
    for (const auto& row : a.rows) add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = "written by others since"}, 0);
    if (!a.rows.empty()) result_.conflict_count += std::stoull(*a.rows[0][2]);
    return r.retyped ? std::nullopt : under_another_key(r, same_key(r, "t", "k"));
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
            const Answer a = exec(fmt::format("SELECT EXISTS ({}), (SELECT count(*) FILTER (WHERE cairn_op = '-') FROM {})", missing_from_bag(r, own_), r.kept_table));
            if (!a.ok()) return server_refused(a, 865, "comparing with kept rows");
            if (a.rows[0][0] != "t") continue;
            if (a.rows[0][1] == "0") {  // rows that were only put in: what is there of them goes
                partial_bags_.insert(r.kept_table);
                continue;
            }
            skipped_bags_.insert(r.kept_table);
            add({.table = r.table, .key = "as a whole", .kept = fmt::format("{} rows", *a.rows[0][1]),
                 .now = "rows of others among them, and without a key nothing tells which of them was which", .stays = true});
            continue;
        }
        const Answer a = exec(fmt::format("UPDATE {} m SET cairn_op = pg_catalog.upper(m.cairn_op::text)::\"char\" FROM (SELECT k.ctid AS id {} WHERE k.cairn_op IN ('u', 'd', 'i') AND {}) w "
                                          "WHERE m.ctid = w.id", r.kept_table, kept_beside_table(r), written_since(r, own_)));
        if (!a.ok()) return server_refused(a, 865, "marking rows that others have written");
        if (auto stopped = leave_moved(r)) return stopped->problem;
    }
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::unmark() {
    for (const auto& r : rows_) {
        if (auto d = say_moved_on(r)) return d;
        const Answer a = exec(fmt::format("UPDATE {} SET cairn_op = pg_catalog.lower(cairn_op::text)::\"char\" WHERE cairn_op IN ('U', 'D', 'I')", r.kept_table));
        if (!a.ok()) return server_refused(a, 865, "unmarking rows that others have written");
    }
    return std::nullopt;
}

Outcome Restoration::conflict_stop() { return Stopped{}; }

// Rows of others that refer to what is about to go, or to a value that is about to be replaced.
Outcome Restoration::referrers(const KeptRows& r, char op) {
    if (r.key.empty() || r.how != How::changes) return std::nullopt;
    for (const auto& ref : references_) {
        const auto parent = root_of_.find(ref.parent);
        if (parent == root_of_.end() || parent->second != r.oid) continue;
        const KeptRows* child = of_table(ref.child);
        if (op == 'u' && (!refers_beyond_key(ref, r) || child == &r)) continue;
        const bool acts = mode_ == OnConflict::force && (op == 'u' ? ref.acts_on_update : ref.acts_on_delete);
        const std::string query = still_referring(ref, r, op, child, own_);
        const Answer a = exec(listed("q.*", fmt::format("FROM ({}) q(id, child, key)", query), "q.key"));
        if (!a.ok()) return refused(a, r);
        if (a.rows.empty()) continue;
        for (const auto& row : a.rows) {
            add({.table = r.table, .key = row[2].value_or(""), .kept = op == 'u' ? "another value" : "no row",
                 .now = fmt::format("{} refers to it{}: {}", ref.child_table, acts ? ", and its foreign key acts on that row" : "", row[1].value_or("")), .stays = !acts}, 0);
        }
        result_.conflict_count += std::stoull(*a.rows[0][3]);
        if (acts) continue;
        if (mode_ == OnConflict::stop) return conflict_stop();
        const Answer marked = exec(fmt::format("UPDATE {} m SET cairn_op = '{}' FROM ({}) q(id, child, key) WHERE m.ctid = q.id", r.kept_table, op == 'u' ? 'U' : 'I', query));
        if (!marked.ok()) return refused(marked, r);
        if (mode_ == OnConflict::skip) {
            if (auto stopped = leave_moved(r)) return stopped;
        }
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
            add({.table = child->table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = fmt::format("its row in {} is not there ({})", ref.parent_table, ref.name), .stays = true}, 0);
        result_.conflict_count += std::stoull(*a.rows[0][2]);
        if (mode_ == OnConflict::stop) continue;
        if (child->key.empty()) {
            skipped_bags_.insert(child->kept_table);
            continue;
        }
        const Answer marked = exec(fmt::format("UPDATE {} k SET cairn_op = pg_catalog.upper(k.cairn_op::text)::\"char\" WHERE k.ctid IN ({})", child->kept_table, query));
        if (!marked.ok()) return refused(marked, *child);
        if (mode_ == OnConflict::skip) {
            if (auto stopped = leave_moved(*child)) return stopped;
        }
    }
    // Rows of others that refer to what the step has put into a table without a key.
    for (const auto& ref : references_) {
        const auto root = root_of_.find(ref.parent);
        const KeptRows* parent = root == root_of_.end() ? nullptr : of_table(root->second);
        if (result_.conflict_count != before || parent == nullptr || !parent->key.empty() || skipped(*parent)) continue;
        add({.table = parent->table, .key = "as a whole", .kept = "without what the step has put in", .now = fmt::format("{} refers to it: {}", ref.child_table, why.error.detail), .stays = true});
        if (mode_ != OnConflict::stop) skipped_bags_.insert(parent->kept_table);
    }
    if (result_.conflict_count == before)
        return Stopped{.problem = server_refused(why, 865, "giving back rows")};
    return Stopped{.problem = std::nullopt, .again = mode_ != OnConflict::stop};
}

}  // namespace cairn::undo::restoring
