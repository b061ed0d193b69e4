#include "runtime/undo/rows/give_back.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

bool is_restored(const KeptRows& rows, std::int16_t number) {
    return std::find(rows.restored.begin(), rows.restored.end(), number) != rows.restored.end();
}

const KeyColumn* key_of(const KeptRows& rows, std::int16_t number) {
    for (const auto& k : rows.key) {
        if (k.number == number) return &k;
    }
    return nullptr;
}

// Columns that UPDATE has to set. Key columns are the same already unless equal values may differ.
std::string assignments(const KeptRows& rows) {
    std::string text;
    for (const auto& c : rows.columns) {
        const auto* k = key_of(rows, c.number);
        if (c.is_generated || (k != nullptr && k->is_exact)) continue;
        text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", c.name, kept_value(c, "k"));
    }
    return text;
}

std::string and_own(const KeptRows& rows, const std::string& own) { return own.empty() ? "" : " AND " + is_own(rows, own, "t", "k"); }
std::string and_only(const std::string& only) { return only.empty() ? "" : " AND " + only; }

std::string insert_from(const KeptRows& rows, const std::string& source) {
    std::string names, values;
    for (const auto& c : rows.columns) {
        if (c.is_generated) continue;
        names += (names.empty() ? "" : ", ") + c.name;
        values += (values.empty() ? "" : ", ") + kept_value(c, "k");
    }
    if (names.empty()) return fmt::format("INSERT INTO {} SELECT {}", rows.table, source);
    return fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} {}", rows.table, names, values, source);
}

std::string absent(const KeptRows& rows) {
    return fmt::format("NOT EXISTS (SELECT FROM {} t WHERE {})", from(rows), same_key(rows, "t", "k"));
}

std::string net(const KeptRows& rows) {
    return fmt::format("SELECT {} AS r, sum(CASE k.cairn_op WHEN '+' THEN 1 WHEN '-' THEN -1 ELSE 0 END) AS n FROM {} k GROUP BY 1",
                       kept_row_text(rows, "k"), rows.kept_table);
}

// The columns that stayed, of a row whose other columns were dropped or retyped.
template <class Each>
std::string rest_of(const KeptRows& rows, const Each& each) {
    std::string text;
    for (const auto& c : rows.columns) {
        if (!is_restored(rows, c.number) && !c.is_generated) text += (text.empty() ? "" : ", ") + each(c);
    }
    return "ROW(" + text + ")::text";
}

std::string column_sets(const KeptRows& rows, const std::string& of) {
    std::string text;
    for (const auto& c : rows.columns) {
        if (is_restored(rows, c.number) && !c.is_generated) text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", c.name, kept_value(c, of));
    }
    return text;
}

std::string paired_bags(const KeptRows& rows) {
    const std::string kept_rest = rest_of(rows, [](const KeptColumn& c) { return "k." + kept_name(c); });
    const std::string table_rest = rest_of(rows, [](const KeptColumn& c) { return to_keep(c, "t"); });
    return fmt::format("b AS (SELECT k.*, {0} AS r, row_number() OVER (PARTITION BY {0} ORDER BY k.ctid) AS n, count(*) OVER (PARTITION BY {0}) AS all_of "
                       "FROM {1} k WHERE k.cairn_op = '-'), "
                       "w AS (SELECT t.tableoid AS rel, t.ctid AS id, {2} AS r, row_number() OVER (PARTITION BY {2} ORDER BY t.tableoid, t.ctid) AS n, "
                       "count(*) OVER (PARTITION BY {2}) AS all_of FROM {3} t)",
                       kept_rest, rows.kept_table, table_rest, from(rows));
}

}  // namespace

// UPDATE sets an identity that is always generated to DEFAULT only.
void let_identities_be_set(const KeptRows& rows, Switches& switches) {
    for (const auto& c : rows.columns) {
        const auto* k = key_of(rows, c.number);
        const bool set = rows.how == KeptRows::How::columns ? is_restored(rows, c.number) : !rows.key.empty() && (k == nullptr || !k->is_exact);
        if (!c.identity_always || !set) continue;
        const std::string alter = fmt::format("ALTER TABLE {} ALTER COLUMN {} SET GENERATED ", rows.table, c.name);
        switches.off += alter + "BY DEFAULT;\n";
        switches.on += alter + "ALWAYS;\n";
    }
}

std::string give_back_changed(const KeptRows& rows, const std::string& own, const std::string& only) {
    const std::string sets = assignments(rows);
    if (sets.empty()) return "";
    return fmt::format("UPDATE {} t SET {} FROM {} k WHERE k.cairn_op = 'u' AND {}{}{}", from(rows), sets, rows.kept_table, same_key(rows, "t", "k"),
                       and_own(rows, own), and_only(only));
}

std::string take_away_new(const KeptRows& rows, const std::string& own, const std::string& only) {
    return fmt::format("DELETE FROM {} t USING {} k WHERE k.cairn_op = 'i' AND {}{}{}", from(rows), rows.kept_table, same_key(rows, "t", "k"),
                       and_own(rows, own), and_only(only));
}

std::string put_in_gone(const KeptRows& rows, const std::string& only) {
    return insert_from(rows, fmt::format("FROM {} k WHERE {}", rows.kept_table, only));
}

std::string overwrite_reinserted(const KeptRows& rows, const std::string& only) {
    const std::string sets = assignments(rows);
    if (sets.empty()) return "";
    return fmt::format("UPDATE {} t SET {} FROM {} k WHERE {} AND {}", from(rows), sets, rows.kept_table, only, same_key(rows, "t", "k"));
}

std::string put_in_missing(const KeptRows& rows, const std::string& only) {
    return insert_from(rows, fmt::format("FROM {} k WHERE {} AND {}", rows.kept_table, only, absent(rows)));
}

std::string one_by_one(const KeptRows& rows, char op, const std::string& statement) {
    return fmt::format(R"sql(DO $cairn$
DECLARE
    waiting pg_catalog.tid[] := ARRAY(SELECT k.ctid FROM {} k WHERE k.cairn_op = '{}' ORDER BY k.ctid DESC);
    stuck pg_catalog.tid[];
    one pg_catalog.tid;
BEGIN
    LOOP
        stuck := '{{}}';
        FOREACH one IN ARRAY waiting LOOP
            BEGIN
                EXECUTE $one$ {} $one$ USING one;
            EXCEPTION WHEN unique_violation OR exclusion_violation THEN
                stuck := stuck || one;
            END;
        END LOOP;
        EXIT WHEN pg_catalog.cardinality(stuck) = 0 OR pg_catalog.cardinality(stuck) = pg_catalog.cardinality(waiting);
        waiting := stuck;
    END LOOP;
    PERFORM pg_catalog.set_config('cairn.stuck', stuck::text, true);
END $cairn$)sql",
                       rows.kept_table, op, statement);
}

std::string first_refused(const KeptRows& rows, char op, const std::string& statement) {
    return fmt::format(R"sql(DO $cairn$
DECLARE
    one pg_catalog.tid;
BEGIN
    PERFORM pg_catalog.set_config('cairn.stuck', '', true);
    FOR one IN SELECT k.ctid FROM {} k WHERE k.cairn_op = '{}' ORDER BY k.ctid LIMIT 10000 LOOP
        BEGIN
            EXECUTE $one$ {} $one$ USING one;
        EXCEPTION WHEN OTHERS THEN
            PERFORM pg_catalog.set_config('cairn.stuck', one::text, true);
            RETURN;
        END;
    END LOOP;
END $cairn$)sql",
                       rows.kept_table, op, statement);
}

std::string bag_expected(const KeptRows& rows) { return fmt::format("SELECT coalesce(sum(n), 0) FROM ({}) net WHERE n > 0", net(rows)); }

std::string take_from_bag(const KeptRows& rows, const std::string& own) {
    const std::string wrote = own.empty() ? "true"
                                          : fmt::format("t.xmin OPERATOR(pg_catalog.=) ANY ({} || ARRAY(SELECT DISTINCT {}::text FROM {} x)::pg_catalog.xid[])",
                                                        own, writer_of_kept(rows, "x"), rows.kept_table);
    return fmt::format("WITH net AS MATERIALIZED ({0}), there AS (SELECT t.tableoid AS rel, t.ctid AS id, {1} AS r, "
                       "row_number() OVER (PARTITION BY {1} ORDER BY t.tableoid, t.ctid) AS n FROM {2} t WHERE {3}) "
                       "DELETE FROM {2} t USING there w JOIN net ON net.r = w.r WHERE w.n <= net.n AND t.ctid = w.id AND t.tableoid = w.rel",
                       net(rows), row_text(rows, "t"), from(rows), wrote);
}

std::string put_in_bag(const KeptRows& rows) {
    return fmt::format("WITH net AS MATERIALIZED ({}) {}", net(rows),
                       insert_from(rows, fmt::format("FROM (SELECT k.*, {0} AS cairn_row, row_number() OVER (PARTITION BY {0} ORDER BY k.ctid) AS cairn_nth "
                                                     "FROM {1} k WHERE k.cairn_op = '-') k JOIN net ON net.r = k.cairn_row WHERE k.cairn_nth <= -net.n",
                                                     kept_row_text(rows, "k"), rows.kept_table)));
}

std::string take_all_of_bag(const KeptRows& rows) {
    return fmt::format("WITH gone AS (DELETE FROM {0} t WHERE t.xmin OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT DISTINCT {1}::text FROM {2} x WHERE x.cairn_op <> 'F')::pg_catalog.xid[]) "
                       "RETURNING pg_catalog.hashtextextended({3}, 0) AS h), "
                       "kept AS (SELECT pg_catalog.hashtextextended({4}, 0) AS h FROM {2} k WHERE k.cairn_op = '+') "
                       "SELECT (SELECT count(*) FROM gone), (SELECT sum(h) FROM gone), (SELECT count(*) FROM kept), (SELECT sum(h) FROM kept), "
                       "EXISTS (SELECT FROM {2} WHERE cairn_op = 'F')",
                       from(rows), writer_of_kept(rows, "x"), rows.kept_table, row_text(rows, "t"), kept_row_text(rows, "k"));
}

std::string put_in_all_of_bag(const KeptRows& rows) { return insert_from(rows, fmt::format("FROM {} k WHERE k.cairn_op = '-'", rows.kept_table)); }

std::string still_missing_from_bag(const KeptRows& rows) {
    return fmt::format("WITH net AS MATERIALIZED ({}), there AS (SELECT {} AS r, count(*) AS n FROM {} t GROUP BY 1) "
                       "SELECT pg_catalog.left(net.r, 200) FROM net LEFT JOIN there ON there.r = net.r WHERE -net.n > coalesce(there.n, 0)",
                       net(rows), row_text(rows, "t"), from(rows));
}

std::string give_back_columns(const KeptRows& rows) {
    if (!rows.key.empty()) {
        const std::string sets = column_sets(rows, "k");
        if (sets.empty()) return "";
        return fmt::format("UPDATE {} t SET {} FROM {} k WHERE k.cairn_op = 'u' AND {}", from(rows), sets, rows.kept_table, same_key(rows, "t", "k"));
    }
    const std::string sets = column_sets(rows, "b");
    if (sets.empty()) return "";
    return fmt::format("WITH {} UPDATE {} t SET {} FROM b JOIN w ON w.r = b.r AND w.n = b.n AND w.all_of = b.all_of WHERE t.ctid = w.id AND t.tableoid = w.rel",
                       paired_bags(rows), from(rows), sets);
}

std::string columns_without_match(const KeptRows& rows) {
    return fmt::format("WITH {} SELECT coalesce(b.r, w.r), coalesce(b.c, 0), coalesce(w.c, 0) FROM (SELECT r, count(*) AS c FROM b GROUP BY r) b "
                       "FULL JOIN (SELECT r, count(*) AS c FROM w GROUP BY r) w ON w.r = b.r WHERE b.c IS DISTINCT FROM w.c AND b.c IS NOT NULL",
                       paired_bags(rows));
}

std::string columns_left_null(const KeptRows& rows) {
    std::string condition;
    for (const auto& c : rows.columns) {
        if (is_restored(rows, c.number) && c.not_null && !c.is_generated) condition += fmt::format("{}t.{} IS NOT DISTINCT FROM NULL", condition.empty() ? "" : " OR ", c.name);
    }
    return condition.empty() ? "" : fmt::format("SELECT pg_catalog.left((t.*)::text, 200) FROM {} t WHERE {}", from(rows), condition);
}

}  // namespace cairn::undo
