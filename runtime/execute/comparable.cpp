#include "runtime/execute/comparable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::execute {

namespace {

// https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat
constexpr TypeOid float4 = 700, float8 = 701, text = 25, json = 114, jsonb = 3802, numeric = 1700,
                  money = 790, timestamptz = 1184;
constexpr TypeOid first_of_initdb = 10'000;  // from here on OIDs differ from server to server

template <std::size_t N>
bool is_one_of(const std::array<TypeOid, N>& types, TypeOid type) {
    return std::find(types.begin(), types.end(), type) != types.end();
}

// smallint, integer, bigint, oid
bool is_integer(TypeOid type) { return is_one_of(std::array<TypeOid, 4>{21, 23, 20, 26}, type); }
bool is_exact_number(TypeOid type) { return is_integer(type) || type == numeric || type == money; }
bool is_float(TypeOid type) { return type == float4 || type == float8; }
// date, timestamp without and with time zone
bool is_day(TypeOid type) { return is_one_of(std::array<TypeOid, 3>{1082, 1114, timestamptz}, type); }

// What has no reading of its own: text, varchar, name, "char", unknown; names of objects, whose OIDs say nothing elsewhere;
// rows and arrays of them.
bool is_text(TypeOid type) {
    return type >= first_of_initdb ||
           is_one_of(std::array<TypeOid, 5>{text, 1043, 19, 18, 705}, type) ||
           is_one_of(std::array<TypeOid, 11>{24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191}, type) ||
           is_one_of(std::array<TypeOid, 2>{2249, 2287}, type);
}

std::string printed(const ComparedColumn& column, const std::string& name) {
    if (column.as == 0) return name + "::pg_catalog.text";
    // Without a detour over text where the type is the same; an amount of money prints as the server's locale has it.
    std::string value = name;
    if (column.own == money) {
        value += "::pg_catalog.numeric";
    } else if (column.own != column.as) {
        value += "::pg_catalog.text";
        if (column.as == numeric && is_integer(column.own)) return value;
        value += "::" + column.type;
    }
    if (column.as == numeric) return fmt::format("pg_catalog.trim_scale({})::pg_catalog.text", value);
    if (is_float(column.as))  // minus zero equals zero
        return fmt::format("CASE WHEN {0} OPERATOR(pg_catalog.=) '0' THEN '0' ELSE {0}::pg_catalog.text END", value);
    return value + "::pg_catalog.text";
}

std::string list(std::size_t columns, const char* prefix) {
    std::string out;
    for (std::size_t c = 1; c <= columns; ++c) out += fmt::format("{}{}{}", c == 1 ? "" : ", ", prefix, c);
    return out;
}

std::string rows_of(const std::string& query, std::size_t columns) {
    const std::string names = list(columns, "v");
    return fmt::format("FROM (\n{}\n) AS cairn_rows{}", query, names.empty() ? "" : " (" + names + ")");
}

}  // namespace

const std::vector<std::string>& pinned_settings() {
    static const std::vector<std::string> settings{
        "SET LOCAL DateStyle = 'ISO, YMD'", "SET LOCAL IntervalStyle = 'postgres'", "SET LOCAL TimeZone = 'UTC'",
        "SET LOCAL extra_float_digits = 1", "SET LOCAL bytea_output = 'hex'"};
    return settings;
}

TypeOid read_as(TypeOid left, TypeOid right) {
    if (is_exact_number(left)) return numeric;
    if (is_text(left)) return 0;
    if (left == right) return left;
    if (is_day(left)) return timestamptz;
    if (left == json) return jsonb;
    return left;
}

bool may_not_be_read(const ComparedColumn& column) {
    const bool number = is_exact_number(column.own) || is_float(column.own);
    return column.as != 0 && column.own != column.as && !(column.as == numeric && number);
}

std::string ordered_texts(const std::string& query, const std::vector<ComparedColumn>& columns, bool converts) {
    std::string texts, order;
    for (std::size_t c = 1; c <= columns.size(); ++c) {
        const char* comma = c == 1 ? "" : ", ";
        texts += fmt::format("{}{} AS t{}", comma, printed(columns[c - 1], fmt::format("v{}", c)), c);
        order += converts ? fmt::format("{}pg_catalog.convert_to(t{}, 'UTF8') NULLS FIRST", comma, c)
                          : fmt::format("{}t{} COLLATE pg_catalog.\"C\" NULLS FIRST", comma, c);
    }
    return fmt::format("SELECT {} FROM (\nSELECT {} {}\n) AS cairn_texts{}", list(columns.size(), "t"), texts,
                       rows_of(query, columns.size()), order.empty() ? "" : "\nORDER BY " + order);
}

std::string plain_texts(const std::string& query, std::size_t columns) {
    std::string texts;
    for (std::size_t c = 1; c <= columns; ++c) texts += fmt::format("{}v{}::pg_catalog.text", c == 1 ? "" : ", ", c);
    return fmt::format("SELECT {} {}", texts, rows_of(query, columns));
}

bool sorts_otherwise(const std::string& encoding) {
    return encoding != "UTF8" && encoding != "SQL_ASCII" && encoding != "LATIN1";
}

}  // namespace cairn::execute
