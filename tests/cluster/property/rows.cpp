// Statements that change rows, by every way in.
#include <fmt/format.h>

#include "tests/cluster/property/draft.hpp"

namespace cairn::cluster::property {
namespace {

std::string join(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

// The columns that a statement may name, and a value for one of them: where a foreign key stands on
// it, mostly one that is there.
std::vector<Column> writable(Draft& d, const std::string& table) {
    std::vector<Column> all;
    for (const auto& column : d.columns(table))
        if (!column.generated && !column.always_identity) all.push_back(column);
    return all;
}

std::string fitting(Draft& d, const std::string& table, const Column& column) {
    if (d.random.below(8) > 0) {
        const auto key =
            d.one(fmt::format("SELECT k.confrelid::regclass, quote_ident(r.attname) FROM "
                              "pg_constraint k JOIN pg_attribute a ON a.attrelid = "
                              "k.conrelid AND a.attnum = k.conkey[1] JOIN pg_attribute r ON "
                              "r.attrelid = k.confrelid AND r.attnum = k.confkey[1] "
                              "WHERE k.contype = 'f' AND k.conrelid = {}::regclass AND "
                              "quote_ident(a.attname) = {} ORDER BY k.conname",
                              literal(table), literal(column.name)));
        if (!key.empty())
            return fmt::format(
                "(SELECT {0} FROM {1} ORDER BY {0}::text COLLATE \"C\" OFFSET {2} LIMIT 1)", key[1],
                key[0], d.random.below(4));
    }
    return d.value(column);
}

std::string insert(Draft& d) {
    const auto table = d.table();
    if (table.empty()) return {};
    const auto columns = writable(d, table);
    if (columns.empty()) return fmt::format("INSERT INTO {} DEFAULT VALUES", table);
    std::vector<std::string> names, rows;
    std::vector<Column> chosen;
    for (const auto& column : columns) {
        if (!column.not_null && d.random.one_in(5)) continue;
        chosen.push_back(column);
        names.push_back(column.name);
    }
    if (names.empty()) return {};
    for (std::size_t i = 1 + d.random.below(12); i > 0; --i) {
        std::vector<std::string> values;
        for (const auto& column : chosen) {
            values.push_back(d.random.one_in(12) ? "DEFAULT" : fitting(d, table, column));
        }
        rows.push_back("(" + join(values) + ")");
    }
    const std::string tail = d.random.one_in(3) ? " ON CONFLICT DO NOTHING" : "";
    return fmt::format("INSERT INTO {} ({}) VALUES {}{}", table, join(names), join(rows), tail);
}

// Many rows, whose numbers and texts differ: what a database is filled with.
std::string fill(Draft& d) {
    const auto table = d.table();
    if (table.empty()) return {};
    const auto columns = writable(d, table);
    std::vector<std::string> names, values;
    for (const auto& column : columns) {
        names.push_back(column.name);
        if (column.type == "integer" || column.type == "bigint" || column.type == "numeric" ||
            column.type == "smallint") {
            values.push_back("n");
        } else if (column.type == "text") {
            values.push_back("'text ' || n");
        } else {
            values.push_back(fitting(d, table, column));
        }
    }
    if (names.empty()) return {};
    return fmt::format(
        "INSERT INTO {} ({}) SELECT {} FROM generate_series({}, {}) n ON CONFLICT DO NOTHING",
        table, join(names), join(values), d.random.below(30), 30 + d.random.below(60));
}

std::string assignment(Draft& d, const std::string& table, const Column& column) {
    if ((column.type == "integer" || column.type == "bigint" || column.type == "numeric") &&
        d.random.one_in(2))
        return fmt::format("{0} = {0} + {1}", column.name, 1000 + d.random.below(1000));
    if (column.type == "text" && d.random.one_in(3))
        return fmt::format("{0} = {0} || '!'", column.name);
    return fmt::format("{} = {}", column.name, fitting(d, table, column));
}

std::string update(Draft& d) {
    const auto table = d.relation("rrrpv");
    if (table.empty()) return {};
    std::vector<std::string> sets;
    for (const auto& column : writable(d, table))
        if (d.random.one_in(3)) sets.push_back(assignment(d, table, column));
    if (sets.empty()) return {};
    if (d.random.one_in(4)) return fmt::format("UPDATE {} t SET {}", table, join(sets));
    return fmt::format("UPDATE {} t SET {} WHERE {}", table, join(sets), d.some_rows());
}

std::string erase(Draft& d) {
    const auto table = d.relation("rrrpv");
    if (table.empty()) return {};
    return fmt::format("DELETE FROM {} t WHERE {}", table, d.some_rows());
}

std::string only(Draft& d) {
    const auto table = d.relation("r");
    const auto column = d.column(table);
    if (!column || column->generated) return {};
    return d.random.one_in(2) ? fmt::format("DELETE FROM ONLY {} t WHERE {}", table, d.some_rows())
                              : fmt::format("UPDATE ONLY {} t SET {} WHERE {}", table,
                                            assignment(d, table, *column), d.some_rows());
}

std::string truncate(Draft& d) {
    const auto table = d.table();
    if (table.empty()) return {};
    return fmt::format("TRUNCATE {}{}{}", table, d.random.one_in(3) ? " RESTART IDENTITY" : "",
                       d.random.one_in(2) ? " CASCADE" : "");
}

// A table with a key of one column, and that column.
Row keyed(Draft& d) {
    return d.one(
        fmt::format("SELECT c.oid::regclass, quote_ident(a.attname) FROM pg_index i JOIN pg_class "
                    "c ON c.oid = i.indrelid JOIN pg_namespace n ON "
                    "n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum "
                    "= i.indkey[0] WHERE {} AND i.indisunique AND "
                    "i.indnatts = 1 AND i.indpred IS NULL AND i.indimmediate AND c.relkind IN "
                    "('r', 'p') ORDER BY 1, 2",
                    ours));
}

std::string upsert(Draft& d) {
    const auto key = keyed(d);
    if (key.empty()) return {};
    std::vector<std::string> names, sets;
    for (const auto& column : writable(d, key[0])) {
        names.push_back(column.name);
        if (column.name != key[1] && d.random.one_in(2))
            sets.push_back(fmt::format("{0} = EXCLUDED.{0}", column.name));
    }
    if (names.empty() || sets.empty()) return {};
    const std::string list = join(names);
    return fmt::format(
        "INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY {} ON CONFLICT ({}) DO UPDATE SET {}",
        key[0], list, list, key[0], key[1], key[1], join(sets));
}

std::string merge(Draft& d) {
    const auto key = keyed(d);
    if (key.empty()) return {};
    std::vector<std::string> sets;
    for (const auto& column : writable(d, key[0]))
        if (column.name != key[1] && d.random.one_in(2))
            sets.push_back(assignment(d, key[0], column));
    return fmt::format(
        "MERGE INTO {0} t USING (SELECT {1} AS k FROM {0}) s ON s.k = t.{1} WHEN MATCHED AND {2} "
        "THEN DELETE {3}",
        key[0], key[1], d.some_rows(),
        sets.empty() ? "" : "WHEN MATCHED THEN UPDATE SET " + join(sets));
}

std::string moved_by_cte(Draft& d) {
    const auto from = d.table(), to = d.table();
    if (from.empty() || to.empty()) return {};
    const auto column = d.column(to);
    if (!column || column->generated || column->always_identity) return {};
    return fmt::format(
        "WITH gone AS (DELETE FROM {} t WHERE {} RETURNING 1), changed AS (UPDATE {} t SET {} "
        "WHERE {} RETURNING 1) "
        "SELECT count(*) FROM gone, changed",
        from, d.some_rows(), to, assignment(d, to, *column), d.some_rows());
}

// The cases of "code that nobody can look into".
std::string by_code(Draft& d) {
    const std::string inner = d.random.one_in(3)   ? erase(d)
                              : d.random.one_in(2) ? insert(d)
                                                   : update(d);
    if (inner.empty()) return {};
    const std::string loop =
        d.random.one_in(3) ? "FOR i IN 1..2 LOOP EXECUTE q; END LOOP;" : "EXECUTE q;";
    const std::string caught =
        d.random.one_in(3)
            ? " BEGIN EXECUTE q; RAISE EXCEPTION 'no'; EXCEPTION WHEN others THEN NULL; END; "
            : " ";
    return fmt::format("DO $do$ DECLARE q text := {}; BEGIN{}{} END $do$", literal(inner), caught,
                       loop);
}

std::string by_function(Draft& d) {
    const auto function =
        d.one(fmt::format("SELECT p.oid::regproc FROM pg_proc p JOIN pg_namespace n ON n.oid = "
                          "p.pronamespace WHERE {} AND p.pronargs = 0 AND "
                          "p.prorettype = 'void'::regtype AND p.prokind = 'f' ORDER BY 1",
                          ours));
    return function.empty() ? std::string() : fmt::format("SELECT {}()", function[0]);
}

std::string by_procedure(Draft& d) {
    const auto procedure =
        d.one(fmt::format("SELECT p.oid::regproc FROM pg_proc p JOIN pg_namespace n ON n.oid = "
                          "p.pronamespace WHERE {} AND "
                          "p.pronargs = 0 AND p.prokind = 'p' ORDER BY 1",
                          ours));
    return procedure.empty() ? std::string() : fmt::format("CALL {}()", procedure[0]);
}

std::string set_sequence(Draft& d) {
    const auto sequence = d.relation("S");
    if (sequence.empty()) return {};
    return d.random.one_in(2)
               ? fmt::format("SELECT setval({}, {})", literal(sequence), 1 + d.random.below(500))
               : fmt::format("SELECT nextval({})", literal(sequence));
}

}  // namespace

std::vector<Maker> row_makers() {
    return {{insert, 12, 14},     {fill, 14, 4},    {update, 2, 18},     {erase, 1, 12},
            {only, 0, 3},         {truncate, 0, 4}, {upsert, 0, 6},      {merge, 0, 5},
            {moved_by_cte, 0, 5}, {by_code, 0, 10}, {by_function, 0, 6}, {by_procedure, 0, 4},
            {set_sequence, 1, 4}};
}

}  // namespace cairn::cluster::property
