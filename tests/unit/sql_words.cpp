#include <catch2/catch.hpp>

#include "compiler/sql/facts.hpp"

using namespace cairn::sql;

TEST_CASE("literals are quoted as PostgreSQL quotes them") {
    CHECK(quote_literal("O'Brien") == "'O''Brien'");
    CHECK(quote_literal("a\\b'c") == "E'a\\\\b''c'");
    CHECK(quote_literal("") == "''");
}

TEST_CASE("identifiers are quoted only where needed") {
    CHECK(quote_identifier("leases") == "leases");
    CHECK(quote_identifier("Order") == "\"Order\"");
    CHECK(quote_identifier("order") == "\"order\"");
    CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
    CHECK(quote_identifier("1st") == "\"1st\"");
    CHECK(quote_identifier("name") == "name");
    CHECK(quote_identifier("values") == "\"values\"");
    CHECK(quote_identifier("") == "\"\"");
}

TEST_CASE("variables are found in their three forms") {
    const auto found = find_variables("SELECT :a, :'b', :\"c\" FROM :d");
    REQUIRE(found.size() == 4);
    CHECK(found[0].name == "a");
    CHECK(found[0].begin == 7);
    CHECK(found[0].end == 9);
    CHECK(found[1].name == "b");
    CHECK(found[1].quote == '\'');
    CHECK(found[1].begin == 11);
    CHECK(found[1].end == 15);
    CHECK(found[2].quote == '"');
    CHECK(found[3].name == "d");
    CHECK_FALSE(found[3].glued);
}

TEST_CASE("no variable is found in quotes, comments, casts and assignments") {
    CHECK(find_variables("SELECT ':a' -- :b\n/* :c */, $$ :d $$, \":e\", x::f, g := 1").empty());
    CHECK(find_variables("SELECT a[1:2]").empty());
}

TEST_CASE("a glued colon is marked as SQL's own") {
    for (const char* text : {"a[1:n]", "a[m:n]", "a[f(1):n]", "a[b[1]:n]", "a['x':n]"}) {
        const auto found = find_variables(std::string("SELECT ") + text);
        REQUIRE(found.size() == 1);
        CHECK(found[0].glued);
    }
    const auto apart = find_variables("SELECT a[1: :n]");
    REQUIRE(apart.size() == 1);
    CHECK_FALSE(apart[0].glued);
}

TEST_CASE("a keyword may be a variable's name") {
    const auto found = find_variables("SELECT * FROM :table WHERE :batch(o)");
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "table");
    CHECK(found[1].name == "batch");
}
