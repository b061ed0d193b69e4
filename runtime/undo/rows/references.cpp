#include "runtime/undo/rows/references.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

constexpr const char* query = R"sql(
SELECT f.oid, pg_catalog.quote_ident(f.conname), f.conrelid, f.confrelid, pg_catalog.format('%I.%I', cn.nspname, c.relname),
       pg_catalog.format('%I.%I', pn.nspname, p.relname), f.confdeltype IN ('c', 'n', 'd'), f.confupdtype IN ('c', 'n', 'd'),
       pg_catalog.quote_ident(ca.attname), pg_catalog.quote_ident(pa.attname),
       pg_catalog.format('OPERATOR(%I.%s)', o_n.nspname, o.oprname), f.convalidated
FROM pg_catalog.pg_constraint f
JOIN pg_catalog.pg_class c ON c.oid = f.conrelid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class p ON p.oid = f.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL unnest(f.conkey, f.confkey, f.conpfeqop) WITH ORDINALITY u(child, parent, op, n)
JOIN pg_catalog.pg_attribute ca ON ca.attrelid = f.conrelid AND ca.attnum = u.child
JOIN pg_catalog.pg_attribute pa ON pa.attrelid = f.confrelid AND pa.attnum = u.parent
JOIN pg_catalog.pg_operator o ON o.oid = u.op JOIN pg_catalog.pg_namespace o_n ON o_n.oid = o.oprnamespace
WHERE f.contype = 'f' AND f.conparentid = 0 AND (f.conrelid = ANY ($1::oid[]) OR f.confrelid = ANY ($1::oid[]))
ORDER BY f.oid, u.n)sql";

const KeptColumn* named(const KeptRows& rows, const std::string& name) {
    for (const auto& c : rows.columns) {
        if (c.name == name) return &c;
    }
    return nullptr;
}

}  // namespace

std::variant<std::vector<Reference>, compiler::Diagnostic> read_references(postgres::Session& session,
                                                                          const std::vector<std::uint32_t>& tables) {
    const auto a = session.query(postgres::Command{query, {oid_array(tables)}, true});
    if (!a.ok()) return server_refused(a, 865, "reading foreign keys");
    std::vector<Reference> all;
    std::string last;
    for (const auto& row : a.rows) {
        if (last != *row[0]) {
            all.push_back({.name = *row[1], .child = static_cast<std::uint32_t>(std::stoul(*row[2])),
                           .parent = static_cast<std::uint32_t>(std::stoul(*row[3])), .child_table = *row[4], .parent_table = *row[5],
                           .columns = {}, .is_proved = row[11] == "t", .acts_on_delete = row[6] == "t", .acts_on_update = row[7] == "t"});
        }
        last = *row[0];
        all.back().columns.push_back({.child = *row[8], .parent = *row[9], .equals = *row[10]});
    }
    return all;
}

bool refers_beyond_key(const Reference& r, const KeptRows& parent) {
    return std::any_of(r.columns.begin(), r.columns.end(), [&](const Reference::Pair& p) {
        return std::none_of(parent.key.begin(), parent.key.end(),
                            [&](const KeyColumn& k) { return column(parent, k.number).name == p.parent; });
    });
}

std::string still_referring(const Reference& r, const KeptRows& parent, char op, const KeptRows* child, const std::string& own) {
    std::string condition = fmt::format("k.cairn_op = '{}' AND {}", op, is_own(parent, own, "t", "k"));
    if (op == 'u') {
        std::string differs;
        for (const auto& p : r.columns) {
            const auto* c = named(parent, p.parent);
            if (c == nullptr) continue;
            differs += fmt::format("{}({} IS DISTINCT FROM k.{})", differs.empty() ? "" : " OR ", to_keep(*c, "t"), kept_name(*c));
        }
        condition += " AND (" + (differs.empty() ? "false" : differs) + ")";
    }
    // Under a key that is NOT VALID rows may have lacked their parent before the step put it in.
    if (!r.is_proved && !r.acts_on_delete && !r.acts_on_update) condition += " AND pg_catalog.age(c.xmin) <= pg_catalog.age(k.xmin)";
    if (child != nullptr && !child->key.empty())
        condition += fmt::format(" AND NOT EXISTS (SELECT FROM {} l WHERE l.cairn_op = 'i' AND {})", child->kept_table, same_key(*child, "c", "l"));
    const std::string refers = joined(r.columns, " AND ", [](const Reference::Pair& p) {
        return fmt::format("t.{} {} c.{}", p.parent, p.equals, p.child);
    });
    return fmt::format("SELECT k.ctid, pg_catalog.left((c.*)::text, 200), {} FROM {} k JOIN {} t ON {} JOIN {} c ON {} WHERE {}", shown_key(parent, "k"),
                       parent.kept_table, from(parent), same_key(parent, "t", "k"), r.child_table, refers, condition);
}

std::string orphans(const Reference& r, const KeptRows& child, const KeptRows* parent) {
    std::string given, in_table, in_kept;
    bool kept_parent = parent != nullptr;
    for (const auto& p : r.columns) {
        const auto* c = named(child, p.child);
        if (c == nullptr) return "";  // not among what is given back
        const std::string value = kept_value(*c, "k");
        given += fmt::format(" AND {} IS NOT NULL", value);
        in_table += fmt::format("{}p.{} {} {}", in_table.empty() ? "" : " AND ", p.parent, p.equals, value);
        const auto* of_parent = parent == nullptr ? nullptr : named(*parent, p.parent);
        if (of_parent == nullptr) kept_parent = false;
        else in_kept += fmt::format("{}{} {} {}", in_kept.empty() ? "" : " AND ", kept_value(*of_parent, "l"), p.equals, value);
    }
    std::string query_text = fmt::format("SELECT k.ctid FROM {} k WHERE k.cairn_op IN ('u', 'd', '-'){} AND NOT EXISTS (SELECT FROM {} p WHERE {})",
                                         child.kept_table, given, r.parent_table, in_table);
    if (kept_parent)
        query_text += fmt::format(" AND NOT EXISTS (SELECT FROM {} l WHERE l.cairn_op IN ('u', 'd', '-') AND {})", parent->kept_table, in_kept);
    return query_text;
}

}  // namespace cairn::undo
