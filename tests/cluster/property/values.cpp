// A value of any type: ordinary ones, and those that get lost on the way.
#include <fmt/format.h>

#include <array>
#include <map>
#include <string_view>

#include "tests/cluster/property/draft.hpp"

namespace cairn::cluster::property {
namespace {

using Choices = std::vector<std::string_view>;

// By pg_type.typname, without quotes.
const std::map<std::string, Choices, std::less<>>& choices() {
    static const std::map<std::string, Choices, std::less<>> all = {
        {"bool", {"true", "false"}},
        {"int2", {"0", "1", "2", "3", "-32768", "17", "42"}},
        {"int4", {"0", "1", "2", "3", "4", "5", "-7", "2147483647", "100", "12"}},
        {"int8", {"0", "1", "2", "4294967296", "-9223372036854775808", "77"}},
        {"oid", {"0", "1", "4294967295"}},
        {"numeric",
         {"0", "1.0", "1.00", "-3.14159265358979323846", "NaN", "123456.78", "0.000000000000001",
          "Infinity"}},
        {"float4", {"NaN", "-0", "0", "1.5", "3.4e38", "1e-40", "-Infinity"}},
        {"float8", {"NaN", "-0", "0", "0.1", "1e-320", "1.7976931348623157e308", "Infinity"}},
        {"money", {"12.34", "-0.01"}},
        {"text",
         {"", " ", "a", "it's", "back\\slash", "two\nlines", "Größe", "NULL", "$$", "a,b|c",
          "x y z"}},
        {"varchar", {"", "abc", "it's", "a b ", "Ärger"}},
        {"bpchar", {"", "a", "ab ", "c'd"}},
        {"name", {"a_name", "Another Name"}},
        {"char", {"a", "Z"}},
        {"bytea", {"", "\\x00ff10", "\\xdeadbeef"}},
        {"date", {"2024-02-29", "infinity", "-infinity", "0044-03-15 BC", "2025-12-31"}},
        {"time", {"00:00:00", "24:00:00", "12:34:56.789012"}},
        {"timetz", {"12:34:56+02", "00:00:00.000001-08"}},
        {"timestamp", {"2024-02-29 12:00:00.123456", "infinity", "1999-12-31 23:59:59"}},
        {"timestamptz",
         {"2024-02-29 12:00:00.123456+00", "-infinity", "2025-07-01 00:00:00+05:30"}},
        {"interval", {"1 mon", "30 days", "720:00:00", "-1 day +01:00:00", "00:00:00.000001"}},
        {"uuid", {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"}},
        {"json", {"{\"b\":1, \"a\" : 2,\"a\":3}", "[]", "null", "\"it's\""}},
        {"jsonb", {"{\"b\":1,\"a\":{\"c\":[1,2.50,null]}}", "[]", "null", "\"it's\""}},
        {"xml", {"<a>1</a>", "<b/>"}},
        {"inet", {"192.168.0.1/24", "::1"}},
        {"cidr", {"10.0.0.0/8", "2001:db8::/32"}},
        {"macaddr", {"08:00:2b:01:02:03"}},
        {"macaddr8", {"08:00:2b:01:02:03:04:05"}},
        {"bit", {"1010", "0000"}},
        {"varbit", {"", "101"}},
        {"point", {"(1,2)", "(-0,NaN)"}},
        {"line", {"{1,2,3}"}},
        {"lseg", {"[(0,0),(1,1)]"}},
        {"box", {"(2,2),(0,0)"}},
        {"path", {"[(0,0),(1,1),(2,0)]", "((0,0),(1,1))"}},
        {"polygon", {"((0,0),(1,1),(2,0))"}},
        {"circle", {"<(1,2),3>"}},
        {"tsvector", {"'fat':2A 'rat':3", ""}},
        {"tsquery", {"'fat' & !'rat'"}},
        {"pg_lsn", {"16/B374D848"}},
        {"hstore", {"a=>1, b=>NULL"}},
        {"citext", {"Mixed", "CASE"}},
    };
    return all;
}

constexpr auto built_in = std::to_array<const char*>({"integer",
                                                      "integer",
                                                      "bigint",
                                                      "smallint",
                                                      "text",
                                                      "text",
                                                      "text",
                                                      "character varying(20)",
                                                      "character(5)",
                                                      "boolean",
                                                      "numeric",
                                                      "numeric(12,2)",
                                                      "real",
                                                      "double precision",
                                                      "date",
                                                      "time",
                                                      "timestamp",
                                                      "timestamp with time zone",
                                                      "interval",
                                                      "uuid",
                                                      "json",
                                                      "jsonb",
                                                      "bytea",
                                                      "xml",
                                                      "inet",
                                                      "cidr",
                                                      "macaddr",
                                                      "bit(4)",
                                                      "bit varying",
                                                      "point",
                                                      "line",
                                                      "lseg",
                                                      "box",
                                                      "path",
                                                      "polygon",
                                                      "circle",
                                                      "money",
                                                      "name",
                                                      "\"char\"",
                                                      "oid",
                                                      "tsvector",
                                                      "tsquery",
                                                      "pg_lsn",
                                                      "integer[]",
                                                      "text[]",
                                                      "numeric(8,2)[]",
                                                      "jsonb[]",
                                                      "date[]",
                                                      "int4range",
                                                      "numrange",
                                                      "tstzrange",
                                                      "daterange[]",
                                                      "int4multirange",
                                                      "timetz",
                                                      "macaddr8"});

}  // namespace

std::string Draft::type() {
    if (!random.one_in(4)) return random.pick(built_in);
    const auto row =
        one(fmt::format("SELECT format_type(y.oid, NULL) || CASE WHEN y.typtype <> 'd' AND "
                        "abs(hashtext(y.typname)) % 3 = 0 THEN '[]' "
                        "ELSE '' END FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace "
                        "LEFT JOIN pg_class c ON c.oid = y.typrelid "
                        "WHERE {} AND y.typtype IN ('e', 'd', 'c', 'r') AND (c.oid IS NULL OR "
                        "c.relkind = 'c') ORDER BY 1",
                        ours));
    return row.empty() ? random.pick(built_in) : row[0];
}

std::string Draft::base_value(const std::string& name) {
    if ((name == "text" || name == "bytea") && random.one_in(12)) {
        // Out of line, compressed or not.
        const std::string text = fmt::format(
            "(SELECT string_agg(md5((n * {})::text), '') FROM generate_series(1, {}) n)",
            1 + random.below(9), random.one_in(2) ? 90 : 400);
        return name == "text" ? text : "convert_to(" + text + ", 'UTF8')";
    }
    if (name == "int4" || name == "int8" || name == "numeric") {
        if (random.one_in(2)) return std::to_string(random.below(10000));
    }
    if (name == "text" && random.one_in(2))
        return literal("word " + std::to_string(random.below(1000)));
    if (name == "uuid" && random.one_in(2)) return fmt::format("md5('{}')", random.below(1000));
    const auto found = choices().find(name);
    if (found == choices().end()) return "NULL";
    return literal(random.pick(found->second));
}

std::string Draft::value(const std::string& type_oid, const std::string& type, char kind,
                         int depth) {
    const auto row = one(
        fmt::format("SELECT typname, typelem, typbasetype, typrelid, format_type(typelem, NULL), "
                    "format_type(typbasetype, typtypmod), typcategory, (SELECT typtype FROM "
                    "pg_type e WHERE e.oid = "
                    "CASE WHEN y.typbasetype <> 0 THEN y.typbasetype ELSE y.typelem END) FROM "
                    "pg_type y WHERE oid = {}",
                    type_oid));
    if (row.empty() || depth > 4) return "NULL";
    const auto cast = [&](const std::string& expression) {
        return fmt::format("({})::{}", expression, type);
    };
    if (row[6] == "A") {
        if (random.one_in(4)) return cast("'{}'");
        std::string items;
        for (std::size_t i = 1 + random.below(3); i > 0; --i) {
            items += value(row[1], row[4], row[7].empty() ? 'b' : row[7][0], depth + 1) +
                     (i > 1 ? ", " : "");
        }
        return cast("ARRAY[" + items + "]");
    }
    switch (kind) {
        case 'e': {
            const auto label =
                one("SELECT quote_literal(enumlabel) FROM pg_enum WHERE enumtypid = " + type_oid +
                    " ORDER BY enumsortorder");
            return label.empty() ? "NULL" : cast(label[0]);
        }
        case 'd':
            return cast(value(row[2], row[5], row[7].empty() ? 'b' : row[7][0], depth + 1));
        case 'c': {
            std::string items;
            for (const auto& part :
                 rows("SELECT a.atttypid, format_type(a.atttypid, a.atttypmod), y.typtype FROM "
                      "pg_attribute a JOIN "
                      "pg_type y ON y.oid = a.atttypid WHERE a.attrelid = " +
                      row[3] + " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum")) {
                items +=
                    (items.empty() ? "" : ", ") + value(part[0], part[1], part[2][0], depth + 1);
            }
            return cast("ROW(" + items + ")");
        }
        case 'r':
        case 'm': {
            if (random.one_in(5)) return cast(kind == 'm' ? "'{}'" : "'empty'");
            const auto subtype = one("SELECT format_type(rngsubtype, NULL) FROM pg_range WHERE " +
                                     type_oid + " IN (rngtypid, rngmultitypid)");
            const bool time =
                !subtype.empty() && (subtype[0] == "date" || subtype[0].starts_with("timestamp"));
            const std::size_t low = random.below(9);
            std::string range =
                time ? fmt::format("[2024-01-0{},2024-02-0{})", 1 + low, 1 + random.below(9))
                     : fmt::format("[{},{}]", low, low + random.below(9));
            if (random.one_in(4)) range = "(," + range.substr(range.find(',') + 1);
            return cast(literal(kind == 'm' ? "{" + range + "}" : range));
        }
        default:
            return cast(base_value(row[0]));
    }
}

std::string Draft::value(const Column& column) {
    if (!column.not_null && random.one_in(6)) return "NULL";
    return value(column.type_oid, column.type, column.kind, 0);
}

std::string Draft::value_of_type(const std::string& type) {
    const auto row = one(
        fmt::format("SELECT oid, typtype FROM pg_type WHERE oid = to_regtype({})", literal(type)));
    if (row.empty()) return "NULL";
    return value(row[0], type, row[1][0], 0);
}

}  // namespace cairn::cluster::property
