#include "runtime/undo/rows/later_writes.hpp"

#include <fmt/format.h>

#include "runtime/undo/rows/look.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using postgres::Session;

std::variant<std::string, Diagnostic> read_xids(Session& session, const std::string& query) {
    const auto a = session.query(fmt::format("SELECT coalesce(array_agg(x)::text, '{{}}') FROM ({}) o(x)", query));
    if (!a.ok()) return server_refused(a, 865, "reading the run's transactions");
    return fmt::format("'{}'::pg_catalog.xid[]", *a.rows[0][0]);
}

std::variant<std::string, Diagnostic> read_own_xids(Session& session, const std::string& query) {
    const std::string all = (query.empty() ? "" : "(" + query + ") UNION ") + std::string("(") + own_transaction_ids + ")";
    return read_xids(session, all);
}

// Rows that were not moved, and marks, carry none.
std::string writer_of_kept(const KeptRows& rows, const std::string& k) {
    return rows.has_xmin ? fmt::format("coalesce({0}.cairn_xmin, {0}.xmin)", k) : k + ".xmin";
}

std::string is_own(const KeptRows& rows, const std::string& own, const std::string& t, const std::string& k) {
    return fmt::format("({0}.xmin OPERATOR(pg_catalog.=) {1} OR {0}.xmin OPERATOR(pg_catalog.=) ANY ({2}))", t, writer_of_kept(rows, k), own);
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

std::string missing_from_bag(const KeptRows& rows, const std::string& own, const std::vector<const KeptRows*>& later, bool replaced_only) {
    // What a later stretch has taken away again is not missing.
    std::string changes;
    for (const KeptRows* more : later) {
        changes += fmt::format(" UNION ALL SELECT {}, CASE l.cairn_op WHEN '-' THEN -1 ELSE 0 END FROM {} l", kept_row_text(*more, "l"), more->kept_table);
    }
    return fmt::format(
        "WITH changes(r, n) AS (SELECT {0}, CASE k.cairn_op WHEN '+' THEN 1 WHEN '-' THEN -1 ELSE 0 END FROM {1} k{5}), "
        "net AS MATERIALIZED (SELECT r, sum(n) AS n FROM changes GROUP BY 1), "
        "wanted AS (SELECT r, n FROM net WHERE n > 0), "
        "there AS (SELECT {2} AS r, count(*) FILTER (WHERE t.xmin OPERATOR(pg_catalog.=) ANY ({4} || ARRAY(SELECT DISTINCT {6}::text FROM {1} x)::pg_catalog.xid[])) AS n, "
        "count(*) AS everybodys FROM {3} t GROUP BY 1) "
        "SELECT w.r, w.n - coalesce(t.n, 0) AS missing, w.n - coalesce(t.everybodys, 0) AS nowhere FROM wanted w LEFT JOIN there t ON t.r = w.r WHERE w.n > coalesce(t.n, 0){7} "
        "UNION ALL SELECT {0}, 1, 1 FROM {1} k WHERE k.cairn_op = 'F'",
        kept_row_text(rows, "k"), rows.kept_table, row_text(rows, "t"), from(rows), own, changes, writer_of_kept(rows, "x"),
        replaced_only ? " AND t.everybodys > t.n" : "");
}

std::variant<bool, Diagnostic> written_anew(Session& session, const KeptRows& rows, const std::string& own) {
    // The row of the table in pg_class has the transaction, unless another ALTER TABLE has come since; its file is no longer the first one.
    const auto a = session.query(fmt::format("SELECT EXISTS (SELECT FROM {} t JOIN pg_catalog.pg_class c ON c.oid = t.tableoid "
                                             "WHERE c.relfilenode <> c.oid AND t.xmin OPERATOR(pg_catalog.=) c.xmin AND t.xmin OPERATOR(pg_catalog.<>) ALL ({}))",
                                             from(rows), own));
    if (!a.ok()) return server_refused(a, 865, fmt::format("comparing `{}` with its kept rows", rows.table));
    return a.rows[0][0] == "t";
}

}  // namespace cairn::undo
