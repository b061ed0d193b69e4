#include "runtime/catalog/contents.hpp"

#include <algorithm>

#include "compiler/sql/facts.hpp"
#include "runtime/catalog/families.hpp"

namespace cairn::catalog {
namespace {

using sql::quote_literal;

// The hash of one row: each column's text under the hash of those before it as the seed. Text,
// because the hash functions of types fold (int8), fail (json, xml) or go by OIDs (enums); `=`
// before it tells NULL from ''.
std::string row_hash(const std::vector<Holder::Column>& columns) {
    std::string hash = "0::bigint";
    for (const auto& column : columns) {
        // The type's output function costs half as much again as a cast.
        const auto text = column.own_cast
                              ? "CASE num_nulls(" + column.name + ") WHEN 0 THEN concat('=', " +
                                    column.name + ") ELSE '' END"
                              : "coalesce('=' || " + column.name + "::text, '')";
        hash = "hashtextextended(" + text + " COLLATE \"C\", " + hash + ")";
    }
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

std::string sequence_value(const std::string& sequence) {
    return "SELECT " + quote_literal("sequence " + sequence) +
           ", s.last_value || CASE WHEN s.is_called THEN ' called' ELSE ' next' END ||"
           " CASE WHEN p.seqincrement < 0 THEN ' descending' ELSE '' END FROM " +
           sequence + " s, pg_sequence p WHERE p.seqrelid = " + quote_literal(sequence) +
           "::regclass";
}

constexpr char between_columns = '\x1f';

// As holders_query() lists them: `+` before the name of a column with a cast of its own.
std::vector<Holder::Column> split(const std::string& text) {
    std::vector<Holder::Column> columns;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find(between_columns, begin), text.size());
        columns.push_back(
            {.name = text.substr(begin + 1, end - begin - 1), .own_cast = text[begin] == '+'});
        begin = end + 1;
    }
    return columns;
}

}  // namespace

const std::string& holders_query() {
    static const std::string query = part::with_users + R"(
SELECT CASE c.relkind WHEN 'S' THEN 'S' ELSE 'r' END AS kind, c.oid::regclass::text AS name,
       string_agg(CASE WHEN a.atttypid >= 16384 OR a.atttypid = 'bpchar'::regtype THEN '+' ELSE ' ' END || quote_ident(a.attname),
                  chr(31) ORDER BY quote_ident(a.attname) COLLATE "C") AS columns,
       concat_ws(' ', c.oid, c.relfilenode,
           string_agg(concat_ws(':', a.attnum, a.atttypid, a.atttypmod, quote_ident(a.attname)), ',' ORDER BY a.attnum)) AS key,
       bool_or(a.atttypid >= 16384 OR t.typname ~ '^_?reg') AS by_names
FROM pg_class c
     JOIN ns ON ns.oid = c.relnamespace
     LEFT JOIN pg_attribute a ON c.relkind <> 'S' AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'S') OR (c.relkind = 'm' AND c.relispopulated)
GROUP BY c.oid
UNION ALL
SELECT 'L', 'large objects', NULL, NULL, NULL WHERE has_table_privilege('pg_largeobject', 'SELECT')
ORDER BY 1, 2)";
    return query;
}

std::vector<Holder> read_holders(const postgres::Answer& answer) {
    std::vector<Holder> holders;
    for (const auto& row : answer.rows) {
        const auto kind = row[0].value_or("");
        holders.push_back({.kind = kind == "S"   ? Holder::Kind::sequence
                                   : kind == "L" ? Holder::Kind::large_objects
                                                 : Holder::Kind::table,
                           .name = row[1].value_or(""),
                           .columns = split(row[2].value_or("")),
                           .key = row[3].value_or(""),
                           .by_names = row[4] == "t"});
    }
    return holders;
}

std::string content_query(const Holder& holder) {
    switch (holder.kind) {
        case Holder::Kind::sequence:
            return sequence_value(holder.name);
        case Holder::Kind::large_objects:
            return digest(holder.name,
                          "SELECT " +
                              row_hash({{.name = "loid"}, {.name = "pageno"}, {.name = "data"}}) +
                              " AS h FROM pg_largeobject");
        case Holder::Kind::table:
            break;
    }
    return digest(holder.name,
                  "SELECT " + row_hash(holder.columns) + " AS h FROM ONLY " + holder.name);
}

std::string column_query(const Holder& table) {
    // One pass over the table: a sum a column, and a row a column out of them.
    std::string sums, rows;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        const auto& one = table.columns[column];
        const auto sum = "s" + std::to_string(column);
        sums += (column > 0 ? ", " : "") + ("sum(" + row_hash({one}) + ")::text AS " + sum);
        rows +=
            (column > 0 ? ", (" : "(") + quote_literal(one.name) + ", coalesce(" + sum + ", ''))";
    }
    return "SELECT " + quote_literal(table.name) + ", v.c, v.s FROM (SELECT " + sums +
           " FROM ONLY " + table.name + ") sums CROSS JOIN LATERAL (VALUES " + rows + ") v(c, s)";
}

// xmin minus 3, the first that a transaction can have, out of the difference of two ages, which are
// numbers where xmin is none; rows that were there before any transaction count for nothing.
std::string rows_query(const std::string& table) {
    return "SELECT count(*), coalesce(count(*) * age('3'::xid)::bigint -"
           " sum(least(age(xmin), age('3'::xid))::bigint), 0) FROM ONLY " +
           table;
}

}  // namespace cairn::catalog
