#include "runtime/undo/rows/marking.hpp"

#include <fmt/format.h>

#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

std::string key_names(const KeptRows& rows, const std::string& suffix = "") {
    return joined(rows.key, ", ", [&](const KeyColumn& k) { return fmt::format("key_{}{}", k.number, suffix); });
}

}  // namespace

std::string latest_written_since(const std::vector<Asked>& all) {
    std::vector<std::string> owns;
    std::string kept, own;
    for (const auto& one : all) {
        const auto values = key_values(one.rows, "k");
        std::string keys;
        for (std::size_t n = 0; n < values.size(); ++n) keys += fmt::format(", {} AS key_{}", values[n], one.rows.key[n].number);
        auto at = std::find(owns.begin(), owns.end(), one.own);
        if (at == owns.end()) {
            own += fmt::format(" WHEN {} THEN {}", owns.size(), one.own);
            at = owns.insert(owns.end(), one.own);
        }
        kept += fmt::format("{}SELECT {} AS i, k.ctid AS id, k.cairn_op AS op, {} AS wrote, {} AS whose{} FROM {} k", kept.empty() ? "" : " UNION ALL ", one.index,
                            writer_of_kept(one.rows, "k"), at - owns.begin(), keys, one.rows.kept_table);
    }
    const KeptRows& rows = all.back().rows;
    const std::string same = joined(rows.key, " AND ", [&](const KeyColumn& k) {
        const std::string value = k.collation.empty() ? fmt::format("l.key_{}", k.number) : fmt::format("(l.key_{} COLLATE {})", k.number, k.collation);
        return fmt::format("t.{} {} {}", column(rows, k.number).name, k.equals, value);
    });
    return fmt::format("WITH kept AS MATERIALIZED ({}), latest AS MATERIALIZED (SELECT DISTINCT ON ({}) * FROM kept ORDER BY {}, i DESC) "
                       "SELECT l.i, l.id FROM latest l JOIN {} t ON {} WHERE l.op IN ('u', 'd', 'i') AND NOT (t.xmin OPERATOR(pg_catalog.=) l.wrote OR "
                       "t.xmin OPERATOR(pg_catalog.=) ANY (CASE l.whose{} END)) ORDER BY 1",
                       kept, key_names(rows), key_names(rows), from(rows), same, own);
}

// Of one stretch others have replaced a row only if fewer of its kind are the run's own than what it and all later ones have put in,
// less what these have taken away.
std::string may_be_replaced(const std::vector<Asked>& all) {
    const std::string kept = joined(all, " UNION ALL ", [](const Asked& one) {
        return fmt::format("SELECT {} AS i, {} AS r, CASE k.cairn_op WHEN '+' THEN 1 WHEN '-' THEN -1 ELSE 0 END AS n, {} AS wrote FROM {} k", one.index,
                           kept_row_text(one.rows, "k"), writer_of_kept(one.rows, "k"), one.rows.kept_table);
    });
    const KeptRows& rows = all.back().rows;
    return fmt::format("WITH kept AS MATERIALIZED ({}), net AS (SELECT i, r, sum(n) AS n FROM kept GROUP BY 1, 2), "
                       "wanted AS (SELECT r, max(n) AS n FROM (SELECT r, sum(n) OVER (PARTITION BY r ORDER BY i DESC) AS n FROM net) s GROUP BY 1 HAVING max(n) > 0), "
                       "there AS (SELECT {} AS r, count(*) FILTER (WHERE t.xmin OPERATOR(pg_catalog.=) ANY ({} || ARRAY(SELECT DISTINCT wrote::text FROM kept)::pg_catalog.xid[])) AS n, "
                       "count(*) AS everybodys FROM {} t GROUP BY 1) "
                       "SELECT EXISTS (SELECT FROM wanted w JOIN there ON there.r = w.r WHERE w.n > there.n AND there.everybodys > there.n)",
                       kept, row_text(rows, "t"), all.back().own, from(rows));
}

}  // namespace cairn::undo
