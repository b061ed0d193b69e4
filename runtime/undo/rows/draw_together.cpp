#include "runtime/undo/rows/draw_together.hpp"

#include <fmt/format.h>

#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

std::string numbered_keys(const KeptRows& rows, const std::string& of) {  // k1, k2
    std::string text;
    for (std::size_t i = 1; i <= rows.key.size(); ++i) text += fmt::format("{}{}k{}", i > 1 ? ", " : "", of, i);
    return text;
}

std::string same_numbered(const KeptRows& rows, const std::string& a, const std::string& b) {
    std::string text;
    for (std::size_t i = 0; i < rows.key.size(); ++i)
        text += fmt::format("{}{}.k{} {} {}.k{}", i ? " AND " : "", a, i + 1, rows.key[i].equals, b, i + 1);
    return text;
}

std::string table_matches(const KeptRows& rows, const std::string& a) {
    std::string text;
    for (std::size_t i = 0; i < rows.key.size(); ++i)
        text += fmt::format("{}t.{} {} {}.k{}", i ? " AND " : "", column(rows, rows.key[i].number).name, rows.key[i].equals, a, i + 1);
    return text;
}

}  // namespace

std::string needs_drawing_together(const KeptRows& rows) {
    return fmt::format("SELECT EXISTS (SELECT FROM {} k WHERE k.cairn_op = 'x') OR EXISTS (SELECT FROM {} k GROUP BY {} HAVING count(*) > 1)",
                       rows.kept_table, rows.kept_table, joined(key_values(rows, "k"), ", ", [](const std::string& v) { return v; }));
}

// m: a row that an UPDATE has given another key has two events one after the other, and both its keys get a number of their own.
// Whether the key was there before follows from whether it is there now and how often it came and went: numbers of statements
// alone don't tell (a BEFORE INSERT trigger may delete the row that the INSERT replaces). Its first old image is the row.
std::string draw_together(const KeptRows& rows, const std::string& into) {
    const auto values = key_values(rows, "k");
    std::string keys;
    for (std::size_t i = 0; i < values.size(); ++i) keys += fmt::format("{}{} AS k{}", i ? ", " : "", values[i], i + 1);
    const std::string kept = joined(rows.columns, "", [](const KeptColumn& c) { return ", k." + kept_name(c); });
    // Of a key that was put in, only the key is kept: as some event wrote it.
    std::string chosen;
    for (const auto& c : rows.columns) {
        bool in_key = false;
        for (const auto& k : rows.key) in_key = in_key || k.number == c.number;
        chosen += in_key ? fmt::format(", CASE WHEN v.was THEN f.{0} ELSE e.{0} END AS {0}", kept_name(c)) : fmt::format(", f.{0}", kept_name(c));
    }
    const std::string first = column(rows, rows.key[0].number).name;
    return fmt::format(
        "CREATE TABLE {into} AS WITH event AS (SELECT {keys}, k.ctid AS id, k.cairn_seq, k.cairn_op{kept} FROM {kept_table} k), "
        "a AS (SELECT {numbered}, count(*) FILTER (WHERE cairn_op = 'i') AS came, count(*) FILTER (WHERE cairn_op IN ('d', 'x')) AS went "
        "FROM event GROUP BY {numbered}), "
        "f AS (SELECT DISTINCT ON ({numbered}) * FROM event WHERE cairn_op IN ('u', 'd') ORDER BY {numbered}, cairn_seq), "
        "e AS (SELECT DISTINCT ON ({numbered}) * FROM event ORDER BY {numbered}, cairn_seq), "
        "m AS (SELECT DISTINCT ON ({numbered}, cairn_op) *, -pg_catalog.dense_rank() OVER (ORDER BY cairn_seq, nth)::int AS move FROM ("
        "SELECT event.*, row_number() OVER (PARTITION BY cairn_seq, cairn_op ORDER BY id) AS nth FROM event WHERE cairn_op IN ('x', 'i') "
        "AND cairn_seq IN (SELECT x.cairn_seq FROM event x WHERE x.cairn_op = 'x')) moved ORDER BY {numbered}, cairn_op, id) "
        "SELECT coalesce(m.move, f.cairn_seq, e.cairn_seq) AS cairn_seq, CASE WHEN NOT v.was THEN 'i' WHEN v.is THEN 'u' ELSE 'd' END::\"char\" AS cairn_op, "
        "t.xmin AS cairn_xmin{chosen} "
        "FROM a JOIN e ON {e_is_a} LEFT JOIN f ON {f_is_a} LEFT JOIN {table} t ON {t_is_a} "
        "CROSS JOIN LATERAL (SELECT t.{first} IS NOT NULL AS is, (t.{first} IS NOT NULL)::int - a.came + a.went > 0 AS was) v "
        "LEFT JOIN m ON {m_is_a} AND m.cairn_op = CASE WHEN NOT v.was THEN 'i' WHEN NOT v.is THEN 'x' END "
        "WHERE v.was OR v.is",
        fmt::arg("into", into), fmt::arg("keys", keys), fmt::arg("kept", kept), fmt::arg("kept_table", rows.kept_table),
        fmt::arg("numbered", numbered_keys(rows, "")), fmt::arg("chosen", chosen), fmt::arg("e_is_a", same_numbered(rows, "e", "a")),
        fmt::arg("f_is_a", same_numbered(rows, "f", "a")), fmt::arg("m_is_a", same_numbered(rows, "m", "a")), fmt::arg("t_is_a", table_matches(rows, "a")),
        fmt::arg("table", from(rows)), fmt::arg("first", first));
}

}  // namespace cairn::undo
