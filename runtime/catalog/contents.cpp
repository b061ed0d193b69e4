#include "runtime/catalog/contents.hpp"

#include "compiler/sql/facts.hpp"
#include "runtime/catalog/families.hpp"

namespace cairn::catalog {
namespace {

using sql::quote_literal;

// The hash of one row: each column's text under the hash of those before it as the seed. Text,
// because the hash functions of types fold (int8), fail (json, xml) or go by OIDs (enums); `=`
// before it tells NULL from ''.
std::string row_hash(const std::vector<std::string>& columns) {
    std::string hash = "0::bigint";
    for (const auto& column : columns)
        hash = "hashtextextended(coalesce('=' || " + column + "::text, '') COLLATE \"C\", " + hash +
               ")";
    return hash;
}

// Sums do not care for the order of rows, and unlike XOR they do not cancel duplicates.
std::string digest(const std::string& object, const std::string& rows) {
    // Modulo 2^64, so that what one change added and took away can be told from two digests
    // (same_change).
    const auto sum = [](const std::string& hash) {
        return "mod(coalesce(sum(" + hash + "), 0), 18446744073709551616)";
    };
    return "SELECT " + quote_literal(object) + ", count(*) || ' rows, ' || " + sum("h") +
           " || ' ' || " + sum("hashtextextended(h::text, 1)") + " FROM (" + rows + ") rows";
}

struct Table {
    std::string name;
    std::vector<std::string> columns;
};

// The table whose rows of `holders` begin at `at`, which is moved past them.
Table table_at(const std::vector<std::vector<postgres::Value>>& holders, std::size_t& at) {
    Table table{holders[at][1].value_or(""), {}};
    for (; at < holders.size() && holders[at][0] == "r" && holders[at][1] == table.name; ++at)
        if (holders[at][2]) table.columns.push_back(*holders[at][2]);
    return table;
}

std::string table_digest(const std::string& table, const std::vector<std::string>& columns) {
    return digest(table, "SELECT " + row_hash(columns) + " AS h FROM ONLY " + table);
}

std::string sequence_value(const std::string& sequence) {
    return "SELECT " + quote_literal("sequence " + sequence) +
           ", s.last_value || CASE WHEN s.is_called THEN ' called' ELSE ' next' END ||"
           " CASE WHEN p.seqincrement < 0 THEN ' descending' ELSE '' END FROM " +
           sequence + " s, pg_sequence p WHERE p.seqrelid = " + quote_literal(sequence) +
           "::regclass";
}

}  // namespace

std::string holders_query() {
    return part::with_users + R"(
SELECT CASE c.relkind WHEN 'S' THEN 'S' ELSE 'r' END AS kind, c.oid::regclass::text AS name, quote_ident(a.attname) AS col
FROM pg_class c
     JOIN ns ON ns.oid = c.relnamespace
     LEFT JOIN pg_attribute a ON c.relkind <> 'S' AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE (c.relkind IN ('r', 'S') OR (c.relkind = 'm' AND c.relispopulated)) AND )" +
           part::not_member("pg_class", "c.oid") + R"(
UNION ALL
SELECT 'L', 'large objects', NULL WHERE has_table_privilege('pg_largeobject', 'SELECT')
ORDER BY 1, 2, 3)";
}

std::vector<std::string> content_queries(const std::vector<std::vector<postgres::Value>>& holders) {
    std::vector<std::string> queries;
    for (std::size_t at = 0; at < holders.size();) {
        const std::string kind = holders[at][0].value_or(""), name = holders[at][1].value_or("");
        if (kind == "S") {
            queries.push_back(sequence_value(name));
            ++at;
        } else if (kind == "L") {
            queries.push_back(digest(name, "SELECT " + row_hash({"loid", "pageno", "data"}) +
                                               " AS h FROM pg_largeobject"));
            ++at;
        } else {
            const Table table = table_at(holders, at);
            queries.push_back(table_digest(table.name, table.columns));
        }
    }
    return queries;
}

std::vector<std::string> column_queries(const std::vector<std::vector<postgres::Value>>& holders) {
    std::vector<std::string> queries;
    for (std::size_t at = 0; at < holders.size();) {
        if (holders[at][0] != "r") {
            ++at;
            continue;
        }
        const Table table = table_at(holders, at);
        if (table.columns.empty()) continue;
        // One pass over the table: a sum a column, and a row a column out of them.
        std::string sums, rows;
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            const auto& name = table.columns[column];
            const auto sum = "s" + std::to_string(column);
            sums += (column > 0 ? ", " : "") + ("sum(" + row_hash({name}) + ")::text AS " + sum);
            rows +=
                (column > 0 ? ", (" : "(") + quote_literal(name) + ", coalesce(" + sum + ", ''))";
        }
        queries.push_back("SELECT " + quote_literal(table.name) + ", v.c, v.s FROM (SELECT " +
                          sums + " FROM ONLY " + table.name + ") sums CROSS JOIN LATERAL (VALUES " +
                          rows + ") v(c, s)");
    }
    return queries;
}

}  // namespace cairn::catalog
