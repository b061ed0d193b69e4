// As what values of two databases are compared.
#include <catch2/catch.hpp>

#include "runtime/execute/comparable.hpp"

using namespace cairn::execute;

namespace {

constexpr TypeOid boolean = 16, int4 = 23, int8 = 20, text = 25, float4 = 700, float8 = 701, date = 1082, timestamp = 1114,
                  timestamptz = 1184, numeric = 1700, bpchar = 1042, json = 114, jsonb = 3802, uuid = 2950, regclass = 2205,
                  of_users = 16'384;

}  // namespace

TEST_CASE("exact numbers are compared by value, whatever type each side has") {
    for (const TypeOid left : {int4, int8, numeric}) {
        for (const TypeOid right : {int4, int8, numeric, float8, text}) CHECK(read_as(left, right) == numeric);
    }
}

TEST_CASE("everything else is compared as the left's type where PostgreSQL itself has it, else as text") {
    CHECK(read_as(float8, float4) == float8);
    CHECK(read_as(float4, float8) == float4);
    CHECK(read_as(float8, numeric) == float8);
    CHECK(read_as(boolean, int4) == boolean);
    CHECK(read_as(uuid, text) == uuid);
    CHECK(read_as(bpchar, text) == bpchar);
    CHECK(read_as(text, bpchar) == 0);
    CHECK(read_as(text, int4) == 0);
    CHECK(read_as(of_users, text) == 0);
    CHECK(read_as(regclass, regclass) == 0);
}

TEST_CASE("nothing is lost by reading: a day is not the whole of a moment") {
    CHECK(read_as(date, date) == date);
    CHECK(read_as(date, timestamp) == timestamptz);
    CHECK(read_as(timestamp, timestamptz) == timestamptz);
    CHECK(read_as(timestamptz, text) == timestamptz);
    CHECK(read_as(json, json) == json);
    CHECK(read_as(json, jsonb) == jsonb);
    CHECK(read_as(jsonb, json) == jsonb);
}

TEST_CASE("only what has to be read from text can be unreadable") {
    CHECK(may_not_be_read({.own = text, .as = numeric}));
    CHECK(may_not_be_read({.own = int4, .as = boolean}));
    CHECK_FALSE(may_not_be_read({.own = float8, .as = numeric}));
    CHECK_FALSE(may_not_be_read({.own = uuid, .as = uuid}));
    CHECK_FALSE(may_not_be_read({.own = uuid, .as = 0}));
}

TEST_CASE("each side orders its texts by their bytes in UTF-8") {
    const std::string query = "SELECT a FROM t -- why";
    CHECK(ordered_texts(query, {{.own = numeric, .as = numeric, .type = "pg_catalog.\"numeric\""}}, false) ==
          "SELECT t1 FROM (\nSELECT pg_catalog.trim_scale(v1)::pg_catalog.text AS t1 FROM (\nSELECT a FROM t -- why\n) AS cairn_rows (v1)\n"
          ") AS cairn_texts\nORDER BY t1 COLLATE pg_catalog.\"C\" NULLS FIRST");
    CHECK(ordered_texts(query, {{.own = int4, .as = numeric}}, false).find("SELECT v1::pg_catalog.text AS t1") != std::string::npos);
    CHECK(ordered_texts(query, {{.own = text}}, true).ends_with("ORDER BY pg_catalog.convert_to(t1, 'UTF8') NULLS FIRST"));
    CHECK(ordered_texts(query, {}, false) == "SELECT  FROM (\nSELECT  FROM (\nSELECT a FROM t -- why\n) AS cairn_rows\n) AS cairn_texts");
    CHECK_FALSE(sorts_otherwise("UTF8"));
    CHECK(sorts_otherwise("KOI8R"));
}
