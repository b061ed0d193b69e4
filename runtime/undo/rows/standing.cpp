#include "runtime/undo/rows/standing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/marking.hpp"
#include "runtime/undo/rows/packed.hpp"
#include "runtime/undo/rows/sql.hpp"
#include "runtime/undo/rows/switches.hpp"
#include "runtime/undo/rows/table.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using postgres::Session;
using How = KeptRows::How;

namespace {

bool same_columns(const KeptRows& a, const KeptRows& b) {
    return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                      [](const KeptColumn& x, const KeptColumn& y) { return x.number == y.number && x.type == y.type; });
}

bool same_key_columns(const KeptRows& a, const KeptRows& b) {
    return !a.key.empty() && std::equal(a.key.begin(), a.key.end(), b.key.begin(), b.key.end(), [&](const KeyColumn& x, const KeyColumn& y) {
        return x.number == y.number && column(a, x.number).type == column(b, y.number).type;
    });
}

// Condition on `l`, kept in `by`: it has the key of `k`, kept in `of`.
std::string same_kept_key(const KeptRows& of, const KeptRows& by) {
    const auto a = key_values(of, "k"), b = key_values(by, "l");
    std::string same;
    for (std::size_t n = 0; n < a.size(); ++n) same += fmt::format("{}{} {} {}", n ? " AND " : "", b[n], of.key[n].equals, a[n]);
    return same;
}

// The bag `by` of a table that has lost its key has all columns: those of the key of `of` among them.
bool holds_key_columns(const KeptRows& of, const KeptRows& by) {
    return by.key.empty() && !of.key.empty() && std::all_of(of.key.begin(), of.key.end(), [&](const KeyColumn& k) {
        return std::any_of(by.columns.begin(), by.columns.end(), [&](const KeptColumn& c) { return c.number == k.number && c.type == column(of, k.number).type; });
    });
}

std::string same_key_in_bag(const KeptRows& of, const KeptRows& by) {
    const auto values = key_values(of, "k");
    std::string same;
    for (std::size_t n = 0; n < values.size(); ++n)
        same += fmt::format("{}{} {} {}", n ? " AND " : "", kept_value(column(by, of.key[n].number), "l"), of.key[n].equals, values[n]);
    return same;
}

// A key that a later stretch has kept again is that one's business.
std::string kept_again(const std::vector<StandingRows>& all, std::size_t i, const std::set<std::size_t>& out_of_reach) {
    std::string conditions;
    for (std::size_t j = i + 1; j < all.size(); ++j) {
        const KeptRows& later = all[j].rows;
        if (out_of_reach.contains(j) || later.oid != all[i].rows.oid || later.how != How::changes) continue;
        const bool keyed = same_key_columns(all[i].rows, later);
        if (!keyed && !holds_key_columns(all[i].rows, later)) continue;
        conditions += fmt::format(" AND NOT EXISTS (SELECT FROM {} l WHERE {})", later.kept_table,
                                  keyed ? same_kept_key(all[i].rows, later) : same_key_in_bag(all[i].rows, later));
    }
    return conditions;
}

// The kept rows' table and columns as they are called now; false when it lacks what its rows are found by.
bool still_fits(KeptRows& rows, const Table& now) {
    rows.table = now.name;
    for (auto& kept : rows.columns) {
        const auto c = std::find_if(now.columns.begin(), now.columns.end(), [&](const KeptColumn& n) { return n.number == kept.number; });
        const bool found = c != now.columns.end() && c->type == kept.type;
        if (found) kept.name = c->name;
        const bool needed = rows.key.empty() || std::any_of(rows.key.begin(), rows.key.end(), [&](const KeyColumn& k) { return k.number == kept.number; });
        if (!found && needed) return false;
    }
    return true;
}

// Another role's kept rows may be out of reach.
std::variant<bool, Diagnostic> in_reach(Session& session, const KeptRows& rows) {
    const auto a = session.query("SELECT coalesce(bool_and(pg_catalog.has_table_privilege(pg_catalog.to_regclass($1)::oid, p)), false) "
                                 "FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p", {rows.kept_table});
    if (!a.ok()) return server_refused(a, 862, "looking at what other runs have kept");
    return a.rows[0][0] == "t";
}

std::string note_in_bag(const KeptRows& rows, const std::string& condition) {
    return fmt::format("INSERT INTO {0} (cairn_seq, cairn_op) SELECT 0, 'F' WHERE NOT EXISTS (SELECT FROM {0} WHERE cairn_op = 'F') AND EXISTS ({1})",
                       rows.kept_table, condition);
}

std::string marked(const KeptRows& rows) { return fmt::format("UPDATE {} m SET cairn_op = pg_catalog.upper(m.cairn_op::text)::\"char\" ", rows.kept_table); }

class Marking {
public:
    Marking(Session& session, const std::vector<StandingRows>& all, const Tables& tables) : session_(session), all_(all), tables_(tables) {}

    std::variant<bool, Diagnostic> run() {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (auto d = spread(i)) return *d;
        }
        std::set<std::size_t> changed, done;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (done.contains(i)) continue;
            auto group = like(i);
            if (auto* d = std::get_if<Diagnostic>(&group)) return *d;
            const auto& asked = std::get<std::vector<Asked>>(group);
            auto at_once = asked.size() < 2 ? std::optional<Diagnostic>() : mark_at_once(asked, changed, done);
            if (at_once) return *at_once;
            if (done.contains(i)) continue;
            auto affected = mark(i);
            if (auto* d = std::get_if<Diagnostic>(&affected)) return *d;
            if (std::get<bool>(affected)) changed.insert(i);
        }
        // Giving back what was kept later must not hide it from what was kept earlier.
        for (const std::size_t j : changed) {
            for (std::size_t i = 0; i < j; ++i) {
                if (all_[i].rows.oid != all_[j].rows.oid || all_[i].rows.how != How::changes || out_of_reach_.contains(i)) continue;
                auto passed = mark_kept_by(session_, all_[i].rows, all_[j].rows, Which::written_since);
                if (auto* d = std::get_if<Diagnostic>(&passed)) return *d;
                if (!all_[i].of_this_run) complete_ = complete_ && std::get<bool>(passed);
            }
        }
        return complete_;
    }

private:
    // Out of the arrays that they may be packed in.
    std::optional<Diagnostic> spread(std::size_t i) {
        if (!tables_.contains(all_[i].rows.oid)) return std::nullopt;
        if (!all_[i].of_this_run) {
            auto may = in_reach(session_, all_[i].rows);
            if (auto* d = std::get_if<Diagnostic>(&may)) return *d;
            if (!std::get<bool>(may)) {
                missed(i);
                unreadable_.insert(i);
            }
        }
        return all_[i].rows.packed && !out_of_reach_.contains(i) ? unpack(session_, all_[i].rows) : std::nullopt;
    }

    // Beside the i-th itself those after it that can be looked at together with it. None where a bag and a key stand for the same table: these
    // are told apart one by one.
    std::variant<std::vector<Asked>, Diagnostic> like(std::size_t i) {
        std::vector<Asked> found;
        const auto table = tables_.find(all_[i].rows.oid);
        if (table == tables_.end() || all_[i].rows.how != How::changes) return found;
        const bool keyed = !all_[i].rows.key.empty();
        for (std::size_t j = 0; j < all_.size(); ++j) {
            if (all_[j].rows.oid != all_[i].rows.oid || all_[j].rows.how == How::columns) continue;
            Asked one{.index = j, .rows = all_[j].rows, .own = {}};
            const bool alike = one.rows.how == How::changes && !out_of_reach_.contains(j) && still_fits(one.rows, table->second) &&
                               (keyed ? same_key_columns(all_[i].rows, all_[j].rows) : all_[j].rows.key.empty() && same_columns(all_[i].rows, all_[j].rows));
            if (!alike) return std::vector<Asked>{};
            auto own = own_of(j);
            if (auto* d = std::get_if<Diagnostic>(&own)) return *d;
            one.own = std::get<std::string>(std::move(own));
            found.push_back(std::move(one));
        }
        return found;
    }

    std::optional<Diagnostic> mark_at_once(const std::vector<Asked>& asked, std::set<std::size_t>& changed, std::set<std::size_t>& done) {
        const bool keyed = !asked.front().rows.key.empty();
        const bool of_one = std::all_of(asked.begin(), asked.end(), [&](const Asked& one) { return one.own == asked.front().own; });
        if (!keyed && !of_one) return std::nullopt;
        const auto a = session_.query(keyed ? latest_written_since(asked) : may_be_replaced(asked));
        if (!a.ok()) return server_refused(a, 862, "looking for rows that others have written");
        if (!keyed && a.rows[0][0] == "t") return std::nullopt;
        for (const auto& one : asked) done.insert(one.index);
        if (!keyed) return std::nullopt;
        std::map<std::size_t, std::string> rows;
        for (const auto& row : a.rows) {
            auto& ids = rows[std::stoul(*row[0])];
            ids += fmt::format("{}\"{}\"", ids.empty() ? "" : ",", *row[1]);
        }
        for (const auto& [i, ids] : rows) {
            const auto m = session_.query(fmt::format("{}WHERE m.ctid = ANY ('{{{}}}'::pg_catalog.tid[])", marked(all_[i].rows), ids));
            if (!m.ok()) return server_refused(m, 862, "looking for rows that others have written");
            changed.insert(i);
        }
        return std::nullopt;
    }

    // Whether rows were marked.
    std::variant<bool, Diagnostic> mark(std::size_t i) {
        KeptRows rows = all_[i].rows;
        const auto table = tables_.find(rows.oid);
        if (table == tables_.end() || rows.how == How::columns) return false;
        if (out_of_reach_.contains(i)) return false;
        if (!still_fits(rows, table->second)) return missed(i);
        auto own = own_of(i);
        if (auto* d = std::get_if<Diagnostic>(&own)) return *d;
        std::string statement;
        if (rows.key.empty()) {
            std::vector<const KeptRows*> later;
            for (std::size_t j = i + 1; j < all_.size(); ++j) {
                if (all_[j].rows.oid != rows.oid || all_[j].rows.how != How::changes || unreadable_.contains(j)) continue;
                if (!same_columns(all_[j].rows, rows)) return missed(i);
                later.push_back(&all_[j].rows);
            }
            statement = note_in_bag(rows, missing_from_bag(rows, std::get<std::string>(own), later, true));
        } else {
            // What is gone will be gone when this is undone, unless it went with a partition that comes back. What others have
            // written would pass for the run's own once a later undo gives it back.
            statement = marked(rows) + fmt::format("FROM (SELECT k.ctid AS id {} WHERE k.cairn_op IN ('u', 'd', 'i') AND t.{} IS NOT NULL AND NOT {}{}) w WHERE m.ctid = w.id",
                                                   kept_beside_table(rows), column(rows, rows.key[0].number).name,
                                                   is_own(rows, std::get<std::string>(own), "t", "k"), kept_again(all_, i, unreadable_));
        }
        const auto a = session_.query(statement);
        if (!a.ok()) return server_refused(a, 862, "looking for rows that others have written");
        return a.affected > 0;
    }

    bool missed(std::size_t i) {
        out_of_reach_.insert(i);
        if (!all_[i].of_this_run) complete_ = false;
        return false;
    }

    std::variant<std::string, Diagnostic> own_of(std::size_t i) {
        const auto known = own_.find(all_[i].xids);
        if (known != own_.end()) return known->second;
        auto read = all_[i].of_this_run ? read_own_xids(session_, all_[i].xids) : read_xids(session_, all_[i].xids);
        if (auto* own = std::get_if<std::string>(&read)) own_[all_[i].xids] = *own;
        return read;
    }

    Session& session_;
    const std::vector<StandingRows>& all_;
    const Tables& tables_;
    std::map<std::string, std::string> own_;
    std::set<std::size_t> out_of_reach_, unreadable_;
    bool complete_ = true;
};

}  // namespace

std::variant<bool, Diagnostic> mark_later_writes(Session& session, const std::vector<StandingRows>& all, const Tables& tables) {
    std::set<std::uint32_t> oids;
    for (const auto& one : all) oids.insert(one.rows.oid);
    bool complete = true;
    auto problem = without_forced_security(session, {oids.begin(), oids.end()}, [&]() -> std::optional<Diagnostic> {
        auto done = Marking(session, all, tables).run();
        if (auto* d = std::get_if<Diagnostic>(&done)) return *d;
        complete = std::get<bool>(done);
        return std::nullopt;
    });
    if (problem) return *problem;
    return complete;
}

std::variant<bool, Diagnostic> mark_kept_by(Session& session, const KeptRows& of, const KeptRows& by, Which which) {
    for (const auto* rows : {&of, &by}) {
        auto may = in_reach(session, *rows);
        if (auto* d = std::get_if<Diagnostic>(&may)) return *d;
        if (!std::get<bool>(may)) return false;
        if (!rows->packed) continue;
        if (auto d = unpack(session, *rows)) return *d;
    }
    std::string statement;
    if (of.key.empty() && same_columns(of, by)) {
        const std::string same = fmt::format("SELECT FROM {} l JOIN {} k ON {} = {} WHERE l.cairn_op = '-' AND k.cairn_op = '+'", by.kept_table, of.kept_table,
                                             kept_row_text(by, "l"), kept_row_text(of, "k"));
        statement = note_in_bag(of, which == Which::all ? same : fmt::format("SELECT FROM {} l WHERE l.cairn_op = 'F'", by.kept_table));
    } else if (same_key_columns(of, by)) {
        statement = marked(of) + fmt::format("FROM (SELECT k.ctid AS id FROM {} k WHERE k.cairn_op IN ('u', 'd', 'i') AND EXISTS (SELECT FROM {} l WHERE {}{})) w WHERE m.ctid = w.id",
                                             of.kept_table, by.kept_table, same_kept_key(of, by), which == Which::all ? "" : " AND l.cairn_op IN ('U', 'D', 'I')");
    } else {
        return false;
    }
    if (const auto a = session.query(statement); !a.ok()) return server_refused(a, 862, "looking for rows that other runs have kept");
    return true;
}

}  // namespace cairn::undo
