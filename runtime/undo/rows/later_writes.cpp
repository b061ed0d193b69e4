#include "runtime/undo/rows/later_writes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/undo/rows/look.hpp"
#include "runtime/undo/rows/packed.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using postgres::Session;

std::variant<std::string, Diagnostic> read_own_xids(Session& session, const std::string& query) {
    const std::string all = (query.empty() ? "" : "(" + query + ") UNION ") + std::string("(") + own_transaction_ids + ")";
    const auto a = session.query(fmt::format("SELECT coalesce(array_agg(x)::text, '{{}}') FROM ({}) o(x)", all));
    if (!a.ok()) return server_refused(a, 865, "reading the run's transactions");
    return fmt::format("'{}'::pg_catalog.xid[]", *a.rows[0][0]);
}

std::string is_own(const KeptRows& rows, const std::string& own, const std::string& t, const std::string& k) {
    const std::string kept = rows.has_xmin ? fmt::format("coalesce({0}.cairn_xmin, {0}.xmin)", k) : k + ".xmin";
    return fmt::format("({0}.xmin OPERATOR(pg_catalog.=) {1} OR {0}.xmin OPERATOR(pg_catalog.=) ANY ({2}))", t, kept, own);
}

std::string kept_beside_table(const KeptRows& rows) {
    return fmt::format("FROM {} k LEFT JOIN {} t ON {}", rows.kept_table, from(rows), same_key(rows, "t", "k"));
}

std::string written_since(const KeptRows& rows, const std::string& own) {
    const std::string first = column(rows, rows.key[0].number).name;
    return fmt::format("CASE k.cairn_op WHEN 'd' THEN t.{0} IS NOT NULL WHEN 'u' THEN t.{0} IS NULL OR NOT {1} "
                       "WHEN 'i' THEN t.{0} IS NULL OR NOT {1} ELSE true END",
                       first, is_own(rows, own, "t", "k"));
}

// Rows that were not moved, and marks, carry none.
std::string writer_in_bag(const KeptRows& rows, const std::string& k) {
    return rows.has_xmin ? fmt::format("coalesce({0}.cairn_xmin, {0}.xmin)", k) : k + ".xmin";
}

std::string missing_from_bag(const KeptRows& rows, const std::string& own, const std::vector<const KeptRows*>& later) {
    // What a later stretch of this run has taken away again is not missing.
    std::string changes;
    for (const KeptRows* more : later) {
        changes += fmt::format(" UNION ALL SELECT {}, CASE l.cairn_op WHEN '-' THEN -1 ELSE 0 END FROM {} l", kept_row_text(*more, "l"), more->kept_table);
    }
    return fmt::format(
        "WITH changes(r, n) AS (SELECT {0}, CASE k.cairn_op WHEN '+' THEN 1 WHEN '-' THEN -1 ELSE 0 END FROM {1} k{5}), "
        "net AS MATERIALIZED (SELECT r, sum(n) AS n FROM changes GROUP BY 1), "
        "wanted AS (SELECT r, n FROM net WHERE n > 0), "
        "there AS (SELECT {2} AS r, count(*) AS n FROM {3} t "
        "WHERE t.xmin OPERATOR(pg_catalog.=) ANY ({4} || ARRAY(SELECT DISTINCT {6}::text FROM {1} x)::pg_catalog.xid[]) GROUP BY 1) "
        "SELECT w.r, w.n - coalesce(t.n, 0) AS missing FROM wanted w LEFT JOIN there t ON t.r = w.r WHERE w.n > coalesce(t.n, 0) "
        "UNION ALL SELECT {0}, 1 FROM {1} k WHERE k.cairn_op = 'F'",
        kept_row_text(rows, "k"), rows.kept_table, row_text(rows, "t"), from(rows), own, changes, writer_in_bag(rows, "x"));
}

namespace {

// A key that a later stretch of this run has kept again is that one's business.
std::string kept_again(const std::vector<KeptRows>& earlier, std::size_t i) {
    std::string conditions;
    for (std::size_t j = i + 1; j < earlier.size(); ++j) {
        if (earlier[j].oid != earlier[i].oid || earlier[j].key.size() != earlier[i].key.size()) continue;
        const auto a = key_values(earlier[i], "k"), b = key_values(earlier[j], "l");
        std::string same;
        for (std::size_t n = 0; n < a.size(); ++n)
            same += fmt::format("{}{} {} {}", n ? " AND " : "", b[n], earlier[i].key[n].equals, a[n]);
        conditions += fmt::format(" AND NOT EXISTS (SELECT FROM {} l WHERE {})", earlier[j].kept_table, same);
    }
    return conditions;
}

bool same_columns(const KeptRows& a, const KeptRows& b) {
    return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                      [](const KeptColumn& x, const KeptColumn& y) { return x.name == y.name && x.type == y.type; });
}

// The earlier table as it is called now; false when it lacks what its rows are found by.
bool still_fits(KeptRows& rows, const Table& now) {
    rows.table = now.name;
    for (const auto& kept : rows.columns) {
        bool found = false;
        for (const auto& c : now.columns) found = found || (c.name == kept.name && c.type == kept.type);
        if (!found) return false;
    }
    return true;
}

}  // namespace

std::optional<Diagnostic> mark_later_writes(Session& session, const std::vector<KeptRows>& earlier, const Tables& tables,
                                            const std::string& own) {
    for (const auto& rows : earlier) {
        if (!rows.packed || !tables.contains(rows.oid)) continue;
        if (auto d = unpack(session, rows)) return d;
    }
    for (std::size_t i = 0; i < earlier.size(); ++i) {
        KeptRows rows = earlier[i];
        const auto table = tables.find(rows.oid);
        if (table == tables.end() || rows.how == KeptRows::How::columns || !still_fits(rows, table->second)) continue;
        std::string mark;
        if (rows.key.empty()) {
            std::vector<const KeptRows*> later;
            bool comparable = true;
            for (std::size_t j = i + 1; j < earlier.size(); ++j) {
                if (earlier[j].oid != rows.oid) continue;
                comparable = comparable && same_columns(earlier[j], rows);
                later.push_back(&earlier[j]);
            }
            if (!comparable) continue;
            mark = fmt::format("INSERT INTO {0} (cairn_seq, cairn_op) SELECT 0, 'F' WHERE NOT EXISTS (SELECT FROM {0} WHERE cairn_op = 'F') "
                               "AND EXISTS ({1})", rows.kept_table, missing_from_bag(rows, own, later));
        } else {
            // A row that this run itself has put in again is no sign of others.
            const std::string first = column(rows, rows.key[0].number).name;
            mark = fmt::format("UPDATE {} m SET cairn_op = pg_catalog.upper(m.cairn_op::text)::\"char\" FROM (SELECT k.ctid AS id {} "
                               "WHERE k.cairn_op IN ('u', 'd', 'i') AND {} AND NOT (k.cairn_op = 'd' AND t.{} IS NOT NULL AND {}){}) w WHERE m.ctid = w.id",
                               rows.kept_table, kept_beside_table(rows), written_since(rows, own), first,
                               is_own(rows, own, "t", "k"), kept_again(earlier, i));
        }
        if (const auto a = session.query(mark); !a.ok()) return server_refused(a, 862, "looking for rows that others have written");
    }
    return std::nullopt;
}

}  // namespace cairn::undo
