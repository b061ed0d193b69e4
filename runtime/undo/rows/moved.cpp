// Rows that the step's UPDATEs have given other keys: kept under the old one and under the new one, and of both nothing or all is undone.
#include "runtime/undo/rows/restoration.hpp"

#include <fmt/format.h>

#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo::restoring {
namespace {

// Query of the numbers under which there are rows taken away and rows put in, of which `which` holds for some.
std::string moves(const KeptRows& r, const std::string& which) {
    return fmt::format("SELECT l.cairn_seq FROM {} l WHERE l.cairn_seq <> 0 GROUP BY 1 "
                       "HAVING bool_or(l.cairn_op IN ('d', 'D')) AND bool_or(l.cairn_op IN ('i', 'I')) AND bool_or({})", r.kept_table, which);
}

}  // namespace

// What others have written under the one key stays, so that under the other nothing comes back and nothing goes: the row would be there
// twice, or not at all.
Outcome Restoration::leave_moved(const KeptRows& r) {
    if (r.key.empty() || r.how != How::changes) return std::nullopt;
    const std::string these = fmt::format("k.cairn_op IN ('d', 'i') AND k.cairn_seq IN ({})", moves(r, "l.cairn_op IN ('D', 'I')"));
    const Answer a = exec(listed(fmt::format("{}, {}, k.cairn_op", shown_key(r, "k"), shown_kept(r, "k")), fmt::format("FROM {} k WHERE {}", r.kept_table, these)));
    if (!a.ok()) return refused(a, r);
    if (a.rows.empty()) return std::nullopt;
    for (const auto& row : a.rows) {
        add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""),
             .now = row[2] == "d" ? "no row; the step has given it another key, and under that one others have written it since"
                                  : "a row that the step has given this key, and under the one that it had before others have written since"}, 0);
    }
    result_.conflict_count += std::stoull(*a.rows[0][3]);
    const Answer marked = exec(fmt::format("UPDATE {} m SET cairn_op = pg_catalog.upper(m.cairn_op::text)::\"char\" FROM (SELECT k.ctid AS id FROM {} k WHERE {}) w WHERE m.ctid = w.id",
                                           r.kept_table, r.kept_table, these));
    if (!marked.ok()) return refused(marked, r);
    return std::nullopt;
}

// A row that is gone from the key that the step has given it may have yet another one: forced, it comes back beside that.
std::optional<Diagnostic> Restoration::say_moved_on(const KeptRows& r) {
    if (r.key.empty() || r.how != How::changes) return std::nullopt;
    const std::string first = column(r, r.key[0].number).name, writer = writer_of_kept(r, "x");
    const std::string since = fmt::format("EXISTS (SELECT FROM {0} t WHERE t.xmin OPERATOR(pg_catalog.<>) ALL ({1}) AND NOT EXISTS (SELECT FROM {2} x WHERE {3}) "
                                          "AND NOT EXISTS (SELECT FROM {2} x WHERE t.xmin OPERATOR(pg_catalog.=) {4}) "
                                          "AND pg_catalog.age(t.xmin) < (SELECT max(pg_catalog.age({4})) FROM {2} x))",
                                          from(r), own_, r.kept_table, same_key(r, "t", "x"), writer);
    const Answer a = exec(listed(shown_key(r, "k"), fmt::format("{} WHERE k.cairn_op IN ('i', 'I') AND t.{} IS NULL AND k.cairn_seq IN ({}) AND {}",
                                                                kept_beside_table(r), first, moves(r, "true"), since)));
    if (!a.ok()) return server_refused(a, 865, fmt::format("looking in `{}` for rows under other keys", r.table));
    for (const auto& row : a.rows) {
        add({.table = r.table, .key = row[0].value_or(""), .kept = "",
             .now = "gone from the key that the step gave it; if others have given it yet another one, it is left beside what is given back", .stays = true}, 0);
    }
    if (!a.rows.empty()) result_.conflict_count += std::stoull(*a.rows[0][1]);
    return std::nullopt;
}

}  // namespace cairn::undo::restoring
