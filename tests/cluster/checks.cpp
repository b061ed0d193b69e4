// Every kind of check against a server: passing, failing, and failing for want of an answer.
#include <catch2/catch.hpp>

#include <csignal>

#include "runtime/execute/checks.hpp"
#include "runtime/process/interrupt.hpp"
#include "tests/cluster/harness.hpp"

using namespace cairn;
using namespace cairn::cluster;
using Catch::Contains;
using compiler::Check;
using compiler::ExpectValue;
using compiler::Op;
using run::CheckOutcome;

namespace {

// A plan that consists of one check's query, and that check.
struct Asked {
    compiler::Sources sources;
    std::vector<Check> checks;

    Asked& ask(const std::string& sql, decltype(Check::expect) expect) {
        const auto id = sources.add("plan.cairn", sql);
        const compiler::Location whole{id, {0, static_cast<std::uint32_t>(sql.size())}};
        Check check;
        check.title = sql;
        check.where = whole;
        check.expect = std::move(expect);
        check.query.emplace();
        check.query->sql.append(sql, whole);
        checks.push_back(std::move(check));
        return *this;
    }
    Asked& reads(std::vector<std::string> relations) {
        checks.back().query->facts.reads = std::move(relations);
        return *this;
    }
    Asked& needs_all_stats() {
        checks.back().needs_all_stats = true;
        return *this;
    }
    [[nodiscard]] std::string place(const compiler::Location& where) const {
        return sources.at(where.source)
            .text()
            .substr(where.span.begin, where.span.end - where.span.begin);
    }
};

ExpectValue value(ExpectValue::Kind kind, Op op, const std::string& expected) {
    ExpectValue e;
    e.kind = kind;
    e.op = op;
    e.value = expected;
    return e;
}
ExpectValue number(Op op, const std::string& expected) {
    return value(ExpectValue::Kind::number, op, expected);
}

std::vector<CheckOutcome> outcomes_of(postgres::Session& session, const Asked& asked,
                                      bool rehearsal = false) {
    REQUIRE(session.query("BEGIN READ ONLY").ok());
    auto outcomes = execute::run_checks(session, asked.checks, rehearsal, "/tmp");
    const auto ended = session.query("COMMIT");
    if (session.alive()) CHECK(ended.tag == "COMMIT");  // not ROLLBACK: nothing has poisoned it
    return outcomes;
}
std::vector<CheckOutcome> outcomes_of(const Database& database, const Asked& asked,
                                      bool rehearsal = false) {
    auto session = database.connect();
    return outcomes_of(session, asked, rehearsal);
}
CheckOutcome only(const Database& database, const Asked& asked, bool rehearsal = false) {
    auto outcomes = outcomes_of(database, asked, rehearsal);
    REQUIRE(outcomes.size() == 1);
    return outcomes.front();
}

const std::string orders =
    "CREATE TABLE public.\"Order\" (id int PRIMARY KEY, \"State\" text, rent numeric);"
    "INSERT INTO public.\"Order\" VALUES (1, 'open', 10.50), (2, NULL, NULL), (3, 'done', 1e25);"
    "CREATE INDEX \"Order State\" ON public.\"Order\" (\"State\");";

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

TEST_CASE("checks: one that the server refuses doesn't poison the rest") {
    Database database;
    Asked asked;
    asked.ask("SELECT 1", number(Op::equal, "1"))
        .ask("SELECT t.id FROM missing.\"Nó\" t", compiler::ExpectNothing{})
        .ask("SELECT 1/0", compiler::ExpectNothing{})
        .ask("SELECT nextval('s')", compiler::ExpectNothing{})
        .ask("SELECT 2", number(Op::equal, "2"));
    database.execute("CREATE SEQUENCE s");
    const auto outcomes = outcomes_of(database, asked);
    REQUIRE(outcomes.size() == 5);
    CHECK(outcomes[0].passed);
    REQUIRE(outcomes[1].error);
    CHECK(outcomes[1].error->code == 750);
    CHECK(outcomes[1].error->message == "relation \"missing.Nó\" does not exist (42P01)");
    CHECK(asked.place(*outcomes[1].error->where) == "missing.\"Nó\"");
    REQUIRE(outcomes[2].error);
    CHECK(outcomes[2].error->message == "division by zero (22012)");
    CHECK(asked.place(*outcomes[2].error->where) == "SELECT 1/0");
    REQUIRE(outcomes[3].error);
    CHECK(outcomes[3].error->message ==
          "cannot execute nextval() in a read-only transaction (25006)");
    CHECK(outcomes[4].passed);
}

TEST_CASE("checks: a query that fails after its first rows has failed") {
    Database database;
    const auto failed = only(
        database,
        Asked{}.ask("SELECT 10 / (5 - g) FROM generate_series(1, 9) g", compiler::ExpectAny{}));
    CHECK_FALSE(failed.passed);
    CHECK(failed.error);
}

TEST_CASE("checks: a warning is told like a failure, and marked") {
    Database database;
    Asked asked;
    asked.ask("SELECT 1", compiler::ExpectNothing{});
    asked.checks.front().warn = true;
    const auto outcome = only(database, asked);
    CHECK(outcome.warn);
    CHECK_FALSE(outcome.passed);
}

TEST_CASE("checks: a missing right names its GRANT") {
    auto server = own_server();
    Database database(server);
    database.execute(orders +
                     "CREATE SCHEMA hidden; CREATE TABLE hidden.t (x int);"
                     "CREATE ROLE \"Web App\" LOGIN; GRANT CONNECT ON DATABASE " +
                     database.name() + " TO \"Web App\"");
    auto session = database.connect();
    REQUIRE(session.query("SET SESSION AUTHORIZATION \"Web App\"").ok());
    Asked asked;
    asked.ask("SELECT * FROM \"Order\"", compiler::ExpectNothing{}).reads({"public.\"Order\""});
    asked.ask("SELECT * FROM hidden.t", compiler::ExpectNothing{}).reads({"hidden.t"});
    asked
        .ask("SELECT count(*) FROM pg_stat_activity WHERE xact_start < now() - interval '5min'",
             number(Op::equal, "0"))
        .needs_all_stats();
    asked.ask("SELECT 1", number(Op::equal, "1"));
    const auto outcomes = outcomes_of(session, asked);
    REQUIRE(outcomes.size() == 4);
    REQUIRE(outcomes[0].error);
    CHECK(outcomes[0].error->message == "permission denied for table Order (42501)");
    CHECK(outcomes[0].error->help == "GRANT SELECT ON public.\"Order\" TO \"Web App\"");
    REQUIRE(outcomes[1].error);
    CHECK(outcomes[1].error->help == "GRANT USAGE ON SCHEMA hidden TO \"Web App\"");
    REQUIRE(outcomes[2].error);
    CHECK(outcomes[2].error->code == 751);
    CHECK(outcomes[2].error->help == "GRANT pg_read_all_stats TO \"Web App\"");
    CHECK_FALSE(outcomes[2].passed);
    CHECK(outcomes[3].passed);

    for (const int i : {0, 1, 2})
        database.execute(outcomes[static_cast<std::size_t>(i)].error->help);
    database.execute("DELETE FROM \"Order\"; GRANT SELECT ON hidden.t TO \"Web App\"");
    for (const auto& outcome : outcomes_of(session, asked)) CHECK(outcome.passed);
}

TEST_CASE("checks: other sessions are only the window's to tell") {
    Database database;
    Asked asked;
    asked.ask("SELECT 7", number(Op::equal, "0")).needs_all_stats();
    CHECK_FALSE(only(database, asked).passed);
    const auto rehearsed = only(database, asked, true);
    CHECK(rehearsed.passed);
    CHECK(rehearsed.window_only);
    Asked broken;
    broken.ask("SELECT nothing", number(Op::equal, "0")).needs_all_stats();
    CHECK_FALSE(only(database, broken, true).passed);
}

TEST_CASE("checks: a lost connection ends them, and the last outcome says so") {
    Database database;
    Asked asked;
    asked.ask("SELECT pg_terminate_backend(pg_backend_pid())", compiler::ExpectAny{})
        .ask("SELECT 1", number(Op::equal, "1"));
    auto session = database.connect();
    const auto outcomes = outcomes_of(session, asked);
    REQUIRE(outcomes.size() == 1);
    REQUIRE(outcomes.back().error);
    CHECK(outcomes.back().error->code == 754);
}

TEST_CASE("checks: an interrupt ends them before the next one") {
    Database database;
    process::install_interrupts();
    raise(SIGINT);
    Asked asked;
    asked.ask("SELECT 1", number(Op::equal, "1")).ask("SELECT 1", number(Op::equal, "1"));
    const auto outcomes = outcomes_of(database, asked);
    process::reset_interrupts();
    REQUIRE(outcomes.size() == 1);
    REQUIRE(outcomes.back().error);
    CHECK(outcomes.back().error->code == 755);
}

TEST_CASE("checks: inside a transaction that changes, nothing of theirs stays") {
    Database database;
    database.execute("CREATE TABLE t (x int)");
    auto session = database.connect();
    REQUIRE(session.query("BEGIN").ok());
    REQUIRE(session.query("INSERT INTO t VALUES (1)").ok());
    Asked asked;
    asked.ask("SELECT set_config('work_mem', '1MB', false)", compiler::ExpectAny{})
        .ask("SELECT nothing", compiler::ExpectAny{})
        .ask("SELECT count(*) FROM t", number(Op::equal, "1"));
    const auto outcomes = execute::run_checks(session, asked.checks, false);
    CHECK(outcomes.back().passed);
    CHECK(session.query("SHOW work_mem").rows[0][0] != "1MB");
    CHECK(session.query("COMMIT").tag == "COMMIT");
    CHECK(database.query("SELECT count(*) FROM t") == "1");
}
