// Every kind of check against a server: passing, failing, and failing for want of an answer.
#include <catch2/catch.hpp>

#include "tests/cluster/checks_harness.hpp"

using namespace cairn;
using namespace cairn::cluster;
using Catch::Contains;
using compiler::Check;
using compiler::ExpectValue;
using compiler::Op;
using run::CheckOutcome;

namespace {

// The form in which the compiler compares two queries.
std::string bags(const std::string& left, const std::string& right) {
    return "WITH l AS (SELECT r::text AS t, count(*) AS n FROM (" + left +
           ") r GROUP BY 1), r AS (SELECT r::text "
           "AS t, count(*) AS n FROM (" +
           right +
           ") r GROUP BY 1) "
           "SELECT 'count' AS side, (SELECT coalesce(sum(n), 0) FROM l)::text AS n, (SELECT "
           "coalesce(sum(n), 0) "
           "FROM r)::text AS row UNION ALL (SELECT CASE WHEN coalesce(l.n, 0) > coalesce(r.n, 0) "
           "THEN 'left' ELSE "
           "'right' END, abs(coalesce(l.n, 0) - coalesce(r.n, 0))::text, coalesce(l.t, r.t) FROM l "
           "FULL JOIN r ON "
           "l.t = r.t WHERE l.n IS DISTINCT FROM r.n LIMIT 10)";
}

}  // namespace

TEST_CASE("checks: returns nothing") {
    Database database;
    database.execute(orders);
    CHECK(only(database,
               Asked{}.ask("SELECT * FROM \"Order\" WHERE id > 5", compiler::ExpectNothing{}))
              .passed);
    const auto failed =
        only(database, Asked{}.ask("SELECT id, \"State\" FROM \"Order\" WHERE id > 1 ORDER BY id",
                                   compiler::ExpectNothing{}));
    CHECK_FALSE(failed.passed);
    CHECK(failed.message == "expected no row, seen 2");
    CHECK(failed.columns == std::vector<std::string>{"id", "State"});
    CHECK(failed.rows ==
          std::vector<std::vector<postgres::Value>>{{"2", std::nullopt}, {"3", "done"}});
}

TEST_CASE("checks: a million rows are counted and ten kept") {
    Database database;
    const auto failed =
        only(database, Asked{}.ask("SELECT g, repeat('x', 100) FROM generate_series(1, 1000000) g",
                                   compiler::ExpectNothing{}));
    CHECK(failed.message == "expected no row, seen 1000000");
    CHECK(failed.rows.size() == 10);
    CHECK(failed.total_rows == 1'000'000);
}

TEST_CASE("checks: returns something") {
    Database database;
    CHECK(only(database, Asked{}.ask("SELECT EXISTS (SELECT 1)", compiler::ExpectSomething{}))
              .passed);
    const auto failed = only(
        database, Asked{}.ask("SELECT EXISTS (SELECT 1 WHERE false)", compiler::ExpectSomething{}));
    CHECK_FALSE(failed.passed);
    CHECK(failed.message == "expected at least one row, seen none");
}

TEST_CASE("checks: one boolean") {
    Database database;
    CHECK(only(database, Asked{}.ask("SELECT true", compiler::ExpectTrue{})).passed);
    CHECK(only(database, Asked{}.ask("SELECT false", compiler::ExpectTrue{})).message ==
          "expected true, seen false");
    CHECK(only(database, Asked{}.ask("SELECT NULL::bool", compiler::ExpectTrue{})).message ==
          "expected true, seen NULL");
    const auto typed =
        only(database, Asked{}.ask("SELECT false, 'integer' AS type", compiler::ExpectTrue{}));
    CHECK(typed.message == "type integer");
}

TEST_CASE("checks: numbers of every type that PostgreSQL has") {
    Database database;
    database.execute(orders);
    struct Case {
        const char* sql;
        Op op;
        const char* expected;
        bool passes;
    };
    const Case cases[] = {
        {"SELECT count(*) FROM \"Order\"", Op::equal, "3", true},
        {"SELECT count(*) FROM \"Order\"", Op::greater, "3", false},
        {"SELECT 10.50::numeric", Op::equal, "10.5", true},
        {"SELECT max(rent) FROM \"Order\"", Op::equal, "10000000000000000000000000", true},
        {"SELECT max(rent) FROM \"Order\"", Op::less, "9999999999999999999999999.9", false},
        {"SELECT 1e25::float8", Op::equal, "10000000000000000000000000", true},
        {"SELECT 0.1::float8 + 0.2::float8", Op::equal, "0.3", false},
        {"SELECT 'NaN'::float8", Op::not_equal, "1", false},
        {"SELECT 'Infinity'::float8", Op::greater, "1e300", true},
        {"SELECT 'NaN'::numeric", Op::greater, "1", false},
        {"SELECT -0.0::float8", Op::equal, "0", true},
        {"SELECT 2::smallint", Op::less_equal, "2.0", true},
        {"SELECT sum(rent) FROM \"Order\" WHERE false", Op::equal, "0", false},
    };
    for (const Case& c : cases) {
        INFO(c.sql);
        CHECK(only(database, Asked{}.ask(c.sql, number(c.op, c.expected))).passed == c.passes);
    }
}

TEST_CASE("checks: a value that is none says so") {
    Database database;
    database.execute(orders);
    auto message = [&](const char* sql) {
        return only(database, Asked{}.ask(sql, number(Op::less, "5"))).message;
    };
    CHECK(message("SELECT NULL::int") == "expected < 5, seen NULL");
    CHECK(message("SELECT 1 WHERE false") == "expected < 5, seen no row");
    CHECK(message("SELECT id FROM \"Order\"") == "expected < 5, seen 3 rows");
    CHECK(message("SELECT 1, 2") == "expected < 5, seen 2 columns where one value is compared");
    CHECK(message("SELECT 'few'") == "expected < 5, seen `few`, which is no number");
}

TEST_CASE("checks: intervals are compared as the server does") {
    Database database;
    auto interval = [&](const char* sql, Op op, const char* expected) {
        return only(database, Asked{}.ask(sql, value(ExpectValue::Kind::interval, op, expected)));
    };
    CHECK(interval("SELECT interval '1 day'", Op::equal, "24 hours").passed);
    CHECK(interval("SELECT interval '90 minutes'", Op::greater, "1 hour").passed);
    CHECK_FALSE(interval("SELECT interval '31 seconds'", Op::less_equal, "30 seconds").passed);
    CHECK(interval("SELECT NULL::interval", Op::less, "1 hour").message ==
          "expected < 1 hour, seen NULL");
    CHECK(interval("SELECT 12", Op::less, "1 hour").message ==
          "expected < 1 hour, seen `12`, which is a number and no interval");
    CHECK(interval("SELECT 'soon'", Op::less, "1 hour").message ==
          "expected < 1 hour, seen `soon`, which is no interval");
}

TEST_CASE("checks: booleans and texts") {
    Database database;
    auto text = [&](const char* sql, Op op, const char* expected) {
        return only(database, Asked{}.ask(sql, value(ExpectValue::Kind::text, op, expected)))
            .passed;
    };
    CHECK(text("SELECT current_setting('is_superuser')", Op::equal, "on"));
    CHECK_FALSE(text("SELECT 'On'", Op::equal, "on"));
    CHECK(text("SELECT 'off'", Op::not_equal, "on"));
    CHECK(text("SELECT 'abc'", Op::less, "abd"));
    CHECK_FALSE(text("SELECT 'abd'", Op::less, "abd"));
    CHECK_FALSE(text("SELECT NULL::text", Op::not_equal, "on"));
    auto boolean = value(ExpectValue::Kind::boolean, Op::equal, "false");
    CHECK(only(database, Asked{}.ask("SELECT 1 > 2", boolean)).passed);
    CHECK(only(database, Asked{}.ask("SELECT 'no'", boolean)).message ==
          "expected = false, seen `no`, which is no boolean");
}

TEST_CASE("checks: two bags of rows") {
    Database database;
    database.execute(orders);
    auto same = [&](const char* left, const char* right) {
        return only(database, Asked{}.ask(bags(left, right), compiler::ExpectSameRows{}));
    };
    CHECK(same("SELECT id FROM \"Order\" ORDER BY id DESC", "VALUES (1), (2), (3)").passed);
    CHECK(same("SELECT NULL::int", "SELECT NULL::int").passed);
    CHECK_FALSE(same("SELECT NULL::int", "SELECT 0").passed);
    CHECK_FALSE(same("SELECT 1 WHERE false", "SELECT 1 WHERE false").passed);
    const auto failed = same("VALUES (1), (1), (2)", "VALUES (1), (2)");
    CHECK_FALSE(failed.passed);
    CHECK(failed.rows == std::vector<std::vector<postgres::Value>>{{"left", "1", "(1)"}});
}

TEST_CASE("checks: show keeps fifty rows") {
    Database database;
    const auto shown =
        only(database, Asked{}.ask("SELECT generate_series(1, 60)", compiler::ExpectAny{}));
    CHECK(shown.passed);
    CHECK(shown.rows.size() == 50);
    CHECK(shown.total_rows == 60);
}

TEST_CASE("checks: an index is used, or the plan that was found is told") {
    Database database;
    database.execute(orders);
    auto uses = [&](const char* sql, const char* index) {
        compiler::ExpectUsesIndex expect;
        expect.index = index;
        return only(database, Asked{}.ask(std::string("EXPLAIN (FORMAT JSON) ") + sql, expect));
    };
    CHECK(
        uses("SELECT * FROM \"Order\" WHERE \"State\" = 'open'", "public.\"Order State\"").passed);
    const auto other = uses("SELECT * FROM \"Order\" WHERE rent = 1", "\"Order State\"");
    CHECK_FALSE(other.passed);
    CHECK(other.message ==
          "expected a plan that uses index `\"Order State\"`, seen `Seq Scan on Order`");
}

TEST_CASE("checks: what turned sequential scans off does not outlive its check") {
    Database database;
    compiler::ExpectUsesIndex expect;
    expect.index = "x";
    Asked asked;
    asked.ask("EXPLAIN (FORMAT JSON) SELECT 1", expect)
        .ask("SELECT current_setting('enable_seqscan')",
             value(ExpectValue::Kind::text, Op::equal, "on"));
    const auto outcomes = outcomes_of(database, asked);
    REQUIRE(outcomes.size() == 2);
    CHECK(outcomes[1].passed);
}

TEST_CASE("checks: free space") {
    Database database;
    Asked asked;
    compiler::ExpectFreeSpace space;
    space.path = "backups";
    space.factor = 1e-9;
    asked.ask("SELECT pg_database_size(current_database())", space);
    CHECK(only(database, asked).passed);
    space.factor = 1e15;
    Asked greedy;
    greedy.ask("SELECT pg_database_size(current_database())", space);
    const auto failed = only(database, greedy);
    CHECK_FALSE(failed.passed);
    CHECK_THAT(failed.message, Contains("free on `backups`, seen "));
    const auto rehearsed = only(database, greedy, true);
    CHECK(rehearsed.passed);
    CHECK(rehearsed.window_only);
}
