// What others have done, since the step, to the rows whose columns it has dropped or retyped.
#include "runtime/undo/rows/restoration.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo::restoring {
namespace {

// Conversions by which a value keeps its text, and has it again when it is converted back.
bool keeps_text(const std::string& then, const std::string& now) {
    static const std::vector<std::string> integers{"smallint", "integer", "bigint", "numeric", "text"};
    const auto rank = [](const std::string& type) { return std::find(integers.begin(), integers.end(), type); };
    if (rank(then) < std::prev(integers.end(), 2)) return rank(now) != integers.end() && rank(then) < rank(now);
    return then.starts_with("character varying") && now == "text";
}

}  // namespace

// The step has written all rows of the table anew. Without a key nothing tells which of them one that others have written since was, and
// which the others: none can be left as it is.
std::optional<Diagnostic> Restoration::rows_of_others(const KeptRows& r) {
    const Answer a = exec(listed("pg_catalog.left((t.*)::text, 200)", fmt::format("FROM {} t WHERE t.xmin OPERATOR(pg_catalog.<>) ALL ({})", from(r), own_), "t.ctid"));
    if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept columns", r.table));
    if (a.rows.empty()) return std::nullopt;
    for (const auto& row : a.rows) {
        add({.table = r.table, .key = row[0].value_or(""), .kept = "",
             .now = "others have written this row since, and without a key nothing tells which of the kept rows it was"}, 0);
    }
    result_.conflict_count += std::stoull(*a.rows[0][1]);
    result_.gave_back = false;
    return std::nullopt;
}

// A row that is gone while another one has come may be the same row under another key, and its value would be lost in silence.
std::optional<Diagnostic> Restoration::under_another_key(const KeptRows& r, const std::string& same) {
    std::string has_value;
    for (const auto n : r.restored) {
        if (std::none_of(r.key.begin(), r.key.end(), [&](const KeyColumn& k) { return k.number == n; }))
            has_value += fmt::format("{}k.{} IS DISTINCT FROM NULL", has_value.empty() ? "" : " OR ", kept_name(column(r, n)));
    }
    if (has_value.empty()) return std::nullopt;
    // Counted: for EXISTS the planner would seek each row in turn, as if the first were to be the one.
    const Answer a = exec(listed(fmt::format("{}, {}", shown_key(r, "k"), shown_kept(r, "k")),
                                 fmt::format("FROM {0} k WHERE ({1}) AND NOT EXISTS (SELECT FROM {2} t WHERE {3}) AND (SELECT count(*) FROM {2} t WHERE NOT EXISTS (SELECT FROM {0} k WHERE {3})) > 0",
                                             r.kept_table, has_value, from(r), same)));
    if (!a.ok()) return server_refused(a, 865, fmt::format("looking in `{}` for rows that are gone", r.table));
    if (a.rows.empty()) return std::nullopt;
    for (const auto& row : a.rows) {
        add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""),
             .now = "no row; rows with other keys have come since, and this one may be among them", .stays = true}, 0);
    }
    result_.conflict_count += std::stoull(*a.rows[0][2]);
    return std::nullopt;
}

// Whether the values are the same text under the type that they have now: then a row has its value still, under whatever key.
std::variant<bool, Diagnostic> Restoration::has_kept_text(const KeptRows& r, const Table& now, const std::string& same) {
    std::string differs;
    for (const auto n : r.restored) {
        const KeptColumn& then = column(r, n);
        const auto c = std::find_if(now.columns.begin(), now.columns.end(), [&](const KeptColumn& one) { return one.number == n; });
        if (c == now.columns.end() || !keeps_text(then.type, c->type)) return false;
        differs += fmt::format("{}pg_catalog.concat(t.{}) OPERATOR(pg_catalog.<>) pg_catalog.concat(k.{})", differs.empty() ? "" : " OR ", c->name, kept_name(then));
    }
    const Answer a = exec(fmt::format("SELECT NOT EXISTS (SELECT FROM {} k JOIN {} t ON {} WHERE {} AND ({}))", r.kept_table, from(r), same, is_own(r, own_, "t", "k"), differs));
    if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept columns", r.table));
    return a.rows[0][0] == "t";
}

std::optional<Diagnostic> Restoration::look_at_retyped(KeptRows& r) {
    if (r.key.empty()) return find(r) ? std::nullopt : rows_of_others(r);  // restore() says what was not found
    if (auto d = find(r)) return d;
    if (const Answer a = exec(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", r.table)); !a.ok())
        return server_refused(a, 865, fmt::format("locking `{}`", r.table));
    auto read = read_tables(session_, {r.oid});
    if (auto* d = std::get_if<Diagnostic>(&read)) return std::move(*d);
    const Table& now = std::get<Tables>(read)[r.oid];
    KeptRows today = r;  // the step's names are still there
    for (auto& k : today.columns) {
        for (const auto& c : now.columns) {
            if (c.number == k.number) k.name = c.name;
        }
    }
    std::string same = r.rekeyed ? "" : same_key(today, "t", "k");
    if (r.rekeyed) {
        for (const auto& k : r.key)
            same += fmt::format("{}pg_catalog.concat(t.{}) = k.a_{}", same.empty() ? "" : " AND ", column(today, k.number).name, k.number);
    }
    auto harmless = has_kept_text(r, now, same);
    if (auto* d = std::get_if<Diagnostic>(&harmless)) return std::move(*d);
    if (!std::get<bool>(harmless)) {
        if (auto d = under_another_key(r, same)) return d;
    }
    // Only rows that are still there: one that others have deleted has nothing to be overwritten.
    const std::string beside = fmt::format("FROM {} k JOIN {} t ON {} WHERE k.cairn_op = 'U' OR NOT {}", r.kept_table, from(r), same, is_own(r, own_, "t", "k"));
    const Answer a = exec(listed(fmt::format("{}, pg_catalog.left({}, 200), pg_catalog.left((t.*)::text, 200)", shown_key(r, "k"), kept_row_text(r, "k")), beside));
    if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept columns", r.table));
    if (a.rows.empty()) return std::nullopt;
    for (const auto& row : a.rows) add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = row[2].value_or("")}, 0);
    result_.conflict_count += std::stoull(*a.rows[0][3]);
    const Answer marked = exec(fmt::format("UPDATE {} m SET cairn_op = 'U' FROM (SELECT k.ctid AS id {}) w WHERE m.ctid = w.id", r.kept_table, beside));
    if (!marked.ok()) return server_refused(marked, 865, "marking rows that others have written");
    return std::nullopt;
}

std::variant<RestoreResult, Diagnostic> Restoration::look() {
    std::vector<std::uint32_t> oids;
    for (const auto& r : rows_) {
        if (r.how == How::columns && r.retyped) oids.push_back(r.oid);
    }
    if (oids.empty()) return result_;
    if (auto d = without_forced_security(session_, oids, [this] { return look_at_all_retyped(); })) return *d;
    return result_;
}

std::optional<Diagnostic> Restoration::look_at_all_retyped() {
    std::string pins;
    for (const auto& setting : pinned_settings()) pins += "SET LOCAL " + setting + "; ";
    if (const Answer a = session_.script(pins); !a.ok()) return server_refused(a, 865, "setting how values are written");
    auto own = read_own_xids(session_, own_query_);
    if (auto* d = std::get_if<Diagnostic>(&own)) return *d;
    own_ = std::get<std::string>(own);
    for (auto& r : rows_) {
        if (r.how != How::columns || !r.retyped) continue;
        if (auto d = look_at_retyped(r)) return d;
    }
    return std::nullopt;
}

}  // namespace cairn::undo::restoring
