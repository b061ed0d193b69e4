// Checks that get no answer: refused, for want of a right, over a lost connection, interrupted.
#include <catch2/catch.hpp>

#include <csignal>

#include "runtime/process/interrupt.hpp"
#include "tests/cluster/checks_harness.hpp"

using namespace cairn;
using namespace cairn::cluster;
using Catch::Contains;
using compiler::Check;
using compiler::ExpectValue;
using compiler::Op;
using run::CheckOutcome;

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
    execute::OtherDatabases others({}, "test");
    const auto outcomes = execute::run_checks(session, others, asked.checks, false);
    CHECK(outcomes.back().passed);
    CHECK(session.query("SHOW work_mem").rows[0][0] != "1MB");
    CHECK(session.query("COMMIT").tag == "COMMIT");
    CHECK(database.query("SELECT count(*) FROM t") == "1");
}
