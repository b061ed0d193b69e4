#include "runtime/undo/rows/restoration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "runtime/journal/silence.hpp"
#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/packed.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo::restoring {

namespace {

// Others have dropped or altered the table.
Diagnostic gone(std::string message, std::uint16_t code = 863) {
    return rows_problem(code, std::move(message), "cairn rollback RUN --on-conflict skip, which gives up all that was kept of this table");
}

}  // namespace

// Told to give back what can be given back: none of the table's rows can.
std::optional<Diagnostic> Restoration::leave_out(const KeptRows& r, const Diagnostic& why) {
    if (why.code != 863 && why.code != 864) return why;
    if (r.packed) {
        if (auto d = unpack(session_, r)) return d;
    }
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
    if (oid != rows.oid) {  // its columns may have other numbers
        for (auto& column : rows.columns) column.now = 0;
    }
    rows.oid = oid;
    return std::nullopt;
}

std::optional<Diagnostic> Restoration::fit(KeptRows& rows, const Table& now) const {
    if (now.kind != 'r' && now.kind != 'p') return gone(fmt::format("`{}` is no longer a table", rows.table));
    rows.only = now.has_heirs;
    for (auto& kept : rows.columns) {
        const auto same = std::find_if(now.columns.begin(), now.columns.end(), [&](const KeptColumn& n) { return kept.now != 0 && n.number == kept.now; });
        if (same != now.columns.end() && same->name != kept.name) {
            return gone(fmt::format("column `{}` of `{}` is called `{}` now: its rows were not given back", kept.name, rows.table, same->name), 864);
        }
        const auto c = std::find_if(now.columns.begin(), now.columns.end(), [&](const KeptColumn& n) { return n.name == kept.name; });
        if (c == now.columns.end()) {
            auto lost = gone(fmt::format("`{}` has lost its column `{}` since: its rows were not given back", rows.table, kept.name), 864);
            lost.help = fmt::format("ALTER TABLE {} ADD COLUMN {} {}; and roll back again, or: {}", rows.table, kept.name, kept.type, lost.help);
            return lost;
        }
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

std::optional<Diagnostic> Restoration::lift_security() {
    auto read = read_forced_security(session_, members_);
    if (auto* d = std::get_if<Diagnostic>(&read)) return *d;
    security_ = std::get<Switches>(std::move(read));
    if (security_.off.empty()) return std::nullopt;
    if (const Answer a = session_.script("SET CONSTRAINTS ALL IMMEDIATE; " + journal::in_silence(security_.off)); !a.ok())
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

const KeptRows* Restoration::of_table(std::uint32_t oid) const {
    const auto root = root_of_.find(oid);
    for (const auto& r : rows_) {
        if (r.oid == (root == root_of_.end() ? oid : root->second)) return &r;
    }
    return nullptr;
}

}  // namespace cairn::undo::restoring
