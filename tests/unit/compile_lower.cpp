// What the step graph holds: order, transactions, timeouts, the way back, and the checks' queries.
#include <catch2/catch.hpp>

#include "tests/unit/compiled.hpp"

using namespace cairn;
using namespace cairn::compiler;
using namespace cairn::tests;
using Texts = std::vector<std::string>;
using std::chrono::milliseconds;

TEST_CASE("items run in the order written, each after the one before") {
    const auto plan = compile_items("step a { $$ SELECT 1 $$ }\ncheckpoint b\nwait 5min\nwait 1s\npoint of no return c");
    const auto& items = plan.compiled.graph.items;
    REQUIRE(items.size() == 5);
    CHECK(items[0].after.empty());
    CHECK(items[4].after == std::vector<ItemId>{{3}});
    CHECK(items[2].name == "wait_1");
    CHECK(items[3].name == "wait_2");
    CHECK(items[1].kind == "checkpoint");
    CHECK(items[4].kind == "point of no return");
    CHECK(std::get<CheckpointItem>(items[4].body).no_return);
    CHECK(std::get<WaitItem>(items[2].body).duration == milliseconds(300'000));
}

TEST_CASE("a made name is not one that the plan uses") {
    const auto plan = compile_items("checkpoint wait_1\nwait 5min");
    CHECK(plan.compiled.graph.items.at(1).name == "wait_2");
}

TEST_CASE("a step's own timeouts come before the defaults, and retries are five unless said") {
    const auto plan = compile_items(
        "defaults { lock timeout 3s statement timeout 20min }\n"
        "step a { $$ SELECT 1 $$ }\nstep b { lock timeout 500ms retry 0 $$ SELECT 1 $$ }\n"
        "step c { statement timeout 0s $$ SELECT 1 $$ }");
    REQUIRE(plan.codes().empty());
    const auto &a = plan.body<StepItem>("a"), &b = plan.body<StepItem>("b");
    CHECK(a.lock_timeout == milliseconds(3000));
    CHECK(a.statement_timeout == milliseconds(1'200'000));
    CHECK(a.retries == 5);
    CHECK(!plan.body<StepItem>("c").statement_timeout.has_value());
    CHECK(b.lock_timeout == milliseconds(500));
    CHECK(b.retries == 0);
    CHECK(!compile_items("step a { $$ SELECT 1 $$ }").body<StepItem>("a").lock_timeout.has_value());
}

TEST_CASE("timeouts are not for what can't be in a transaction, retries are") {
    const auto plan = compile_items(
        "defaults { lock timeout 3s retry 7 }\nstep a { $$ CREATE INDEX CONCURRENTLY i ON t (a) $$ }");
    const auto& step = plan.body<StepItem>("a");
    CHECK(!step.transactional);
    CHECK(!step.lock_timeout.has_value());
    CHECK(step.retries == 7);
}

TEST_CASE("statements keep their order and the place where they were written") {
    const auto plan = compile_items("step a {\n  $$ SET role x; CREATE TABLE t (a int); $$\n}");
    CHECK(plan.sql("a") == Texts{"SET role x", "CREATE TABLE t (a int)"});
    const auto& second = plan.body<StepItem>("a").statements.at(1);
    CHECK(plan.text(second.sql.locate(13, 14)) == "t");
}

TEST_CASE("the way back is generated, nothing, written, a command or none") {
    const auto plan = compile_items(
        "step a { $$ CREATE TABLE t (a int) $$ }\nstep b { $$ ANALYZE t $$ }\n"
        "step c { $$ DELETE FROM t WHERE a = 1 $$ rollback $$ INSERT INTO t VALUES (1); ANALYZE t $$ }\n"
        "step d { $$ DELETE FROM t WHERE a = 2 $$ rollback none \"junk\" }\n"
        "run e { command \"x\" rollback \"y\" \"z\" }\nvalidate f { rows of t > 1 }");
    REQUIRE(plan.codes().empty());
    CHECK(plan.item("a").undo.kind == Undo::Kind::generated);
    CHECK(plan.item("b").undo.kind == Undo::Kind::nothing);
    CHECK(plan.item("c").undo.kind == Undo::Kind::written);
    CHECK(plan.item("c").undo.written.size() == 2);
    CHECK(plan.text(plan.item("c").undo.where).find("INSERT INTO t") != std::string::npos);
    CHECK(plan.item("d").undo.kind == Undo::Kind::none);
    CHECK(plan.item("d").undo.reason == "junk");
    CHECK(plan.item("e").undo.kind == Undo::Kind::command);
    CHECK(plan.item("e").undo.command == Texts{"y", "z"});
    CHECK(plan.item("f").undo.kind == Undo::Kind::nothing);
}

TEST_CASE("on failure, repeatable, once and the databases that are changed") {
    const auto plan = compile_plan(
        "plan p \"Title\" repeatable\ndatabase a\ndatabase b { read only }\n"
        "checkpoint c\nstep s on a { $$ SELECT 1 $$ }\non failure rollback to c");
    const auto& graph = plan.compiled.graph;
    CHECK(graph.title == "Title");
    CHECK(graph.repeatable);
    CHECK(graph.on_failure.kind == OnFailure::Kind::rollback_to);
    CHECK(graph.on_failure.checkpoint == "c");
    CHECK(graph.databases.at(0).changed);
    CHECK(!graph.databases.at(1).changed);
    CHECK(graph.databases.at(1).read_only);
}

TEST_CASE("a gate rolls back only where it says so") {
    const auto plan = compile_items("gate g { rows of t > 1 else rollback confirm \"go?\" }\ngate h { rows of t > 1 }");
    CHECK(plan.body<GateItem>("g").else_rollback);
    CHECK(plan.body<GateItem>("g").confirm == "go?");
    CHECK(!plan.body<GateItem>("h").else_rollback);
}

TEST_CASE("a command keeps its arguments, timeout, output and stand-in") {
    const auto plan = compile_items(
        "run r { command \"a\" \"b c\" timeout 2min output to \"logs/x\" rehearse \"true\" rollback none \"x\" }");
    const auto& run = plan.body<RunItem>("r");
    CHECK(run.argv == Texts{"a", "b c"});
    CHECK(run.timeout == milliseconds(120'000));
    CHECK(run.output_to == "logs/x");
    CHECK(run.rehearse == Texts{"true"});
}

TEST_CASE("`when` and `wait until` are carried") {
    const auto plan = compile_items(
        "step s when $$ SELECT true FROM t $$ { $$ SELECT 1 $$ }\nwait until 2026-01-15T22:00+04:00");
    CHECK(plan.item("s").when->sql.text == "SELECT true FROM t");
    CHECK(plan.body<WaitItem>("wait_1").until->time_since_epoch().count() == 1768500000);
}

TEST_CASE("a query that returns nothing is sent as it is; one that returns something is asked for existence") {
    const auto nothing = compile_check("$$ SELECT a FROM t; $$ returns nothing");
    CHECK(only_check(nothing).query->sql.text == "SELECT a FROM t");
    CHECK(std::holds_alternative<ExpectNothing>(only_check(nothing).expect));
    const auto something = compile_check("$$ SELECT a FROM t -- why\n WHERE b $$ returns something");
    CHECK(only_check(something).query->sql.text == "SELECT EXISTS (\nSELECT a FROM t -- why\n WHERE b\n)");
    CHECK(something.text(only_check(something).query->sql.locate(23, 24)) == "a");
}

TEST_CASE("values are compared as number, percent, size, interval, boolean or text") {
    const auto value_of = [](const char* value) {
        const auto plan = compile_check(std::string("$$ SELECT a FROM t $$ = ") + value);
        return std::get<ExpectValue>(only_check(plan).expect);
    };
    CHECK(value_of("-2.5").value == "-2.5");
    CHECK(value_of("95%").value == "0.95");
    CHECK(value_of("95%").written == "95%");
    CHECK(value_of("12.5%").value == "0.125");
    CHECK(value_of("100%").value == "1");
    CHECK(value_of("5%").value == "0.05");
    CHECK(value_of("0.5%").value == "0.005");
    CHECK(value_of("250%").value == "2.5");
    CHECK(value_of("10MB").value == "10485760");
    CHECK(value_of("10MB").kind == ExpectValue::Kind::number);
    CHECK(value_of("30s").value == "30 seconds");
    CHECK(value_of("90s").value == "90 seconds");
    CHECK(value_of("2h").value == "2 hours");
    CHECK(value_of("250ms").value == "250 milliseconds");
    CHECK(value_of("30d").kind == ExpectValue::Kind::interval);
    CHECK(value_of("true").kind == ExpectValue::Kind::boolean);
    CHECK(value_of("'on'").kind == ExpectValue::Kind::text);
    CHECK(value_of("'on'").value == "on");
}

TEST_CASE("a check without a title has its words for one") {
    for (const char* check :
         {"table leases exists", "table leases absent", "column leases.rental_type exists", "column organizations.id is uuid",
          "column profiles.org_id not null", "constraint fk on profiles valid", "foreign keys valid", "index i valid",
          "function is_member_of exists", "policy member_read on profiles exists", "row level security on a, b",
          "rows of customers >= 1", "sessions of app = 0", "no transactions older than 5min", "server version >= 14",
          "long running queries over 5min <= 2", "free space on \"backups\" >= 2x erp", "free space on \"backups\" >= 20GB"}) {
        INFO(check);
        const auto plan = compile_check(check);
        REQUIRE(plan.codes().empty());
        CHECK(only_check(plan).title == check);
        CHECK(plan.text(only_check(plan).where) == check);
    }
    CHECK(only_check(compile_check("warn \"mine\" rows of t > 1")).title == "mine");
    CHECK(only_check(compile_check("warn \"mine\" rows of t > 1")).warn);
    CHECK(only_check(compile_check("$$ SELECT a\n   FROM t $$ returns nothing")).title == "SELECT a FROM t returns nothing");
}

TEST_CASE("checks that need to see other sessions say so, and a composed query points at its check") {
    CHECK(only_check(compile_check("no transactions older than 5min")).needs_all_stats);
    CHECK(only_check(compile_check("long running queries over 5min <= 2")).needs_all_stats);
    CHECK(!only_check(compile_check("sessions of app = 0")).needs_all_stats);
    const auto plan = compile_check("table leases exists");
    CHECK(plan.text(only_check(plan).query->sql.locate(5, 9)) == "table leases exists");
    CHECK(plan.text(only_check(plan).query->sql.locate(60, 60)).empty());
}

TEST_CASE("free space is against a size, or against a database's own") {
    const auto fixed = std::get<ExpectFreeSpace>(only_check(compile_check("free space on \"b\" >= 2GB")).expect);
    CHECK(fixed.bytes == 2147483648);
    const auto relative = compile_check("free space on \"b\" >= 1.5x erp");
    CHECK(std::get<ExpectFreeSpace>(only_check(relative).expect).factor == 1.5);
    CHECK(only_check(relative).query.has_value());
}

TEST_CASE("what a check asks of another database stands apart, and names it") {
    const std::string head = "plan p \"\"\ndatabase erp\ndatabase legacy { read only }\nvalidate v on erp { ";
    const auto compared = compile_plan(head + "$$ SELECT a FROM t $$ within legacy $$ SELECT b FROM u $$ }");
    const Check& check = only_check(compared);
    CHECK(check.query->sql.text == "SELECT a FROM t");
    REQUIRE(check.elsewhere);
    CHECK(check.elsewhere->database == "legacy");
    CHECK(check.elsewhere->query.sql.text == "SELECT b FROM u");
    CHECK(compared.text(check.elsewhere->query.sql.locate(0, 6)) == "SELECT");
    CHECK(check.elsewhere->query.facts.reads == std::vector<std::string>{"u"});
    CHECK(std::get<ExpectSameRows>(check.expect).within);
    CHECK(check.title == "SELECT a FROM t within legacy SELECT b FROM u");

    const auto space = compile_plan(head + "free space on \"b\" >= 2x legacy }");
    CHECK_FALSE(only_check(space).query);
    CHECK(only_check(space).elsewhere->database == "legacy");
}

TEST_CASE("a comparison with its own database by name is the one without a name") {
    const auto named = compile_plan("plan p \"\"\ndatabase erp\nvalidate v on erp { $$ SELECT a FROM t $$ = erp $$ SELECT a FROM u $$ }");
    const auto plain = compile_plan("plan p \"\"\ndatabase erp\nvalidate v on erp { $$ SELECT a FROM t $$ = $$ SELECT a FROM u $$ }");
    CHECK_FALSE(only_check(named).elsewhere);
    CHECK(only_check(named).query->sql.text == only_check(plain).query->sql.text);
    CHECK(only_check(named).title == only_check(plain).title);
}

TEST_CASE("names in checks are quoted, whatever they hold") {
    const auto plan = compile_check("rows of 'public.\"O\"\"rder''s\"' > 0");
    if (plan.codes().empty()) {
        CHECK(only_check(plan).query->sql.text.find("SELECT count(*) FROM public.\"O\"\"rder") == 0);
    }
    CHECK(only_check(compile_check("rows of 'Public.Orders' > 0")).query->sql.text == "SELECT count(*) FROM public.orders");
}

TEST_CASE("compiling twice gives the same graph and the same diagnostics") {
    const std::string text = "plan p \"\"\ndatabase a\nfor t in (x, y) { step s_{t} { $$ ALTER TABLE :t ADD COLUMN c int $$ } }\nstep z { $$ SELCT $$ }";
    const auto one = compile_plan(text), two = compile_plan(text);
    CHECK(one.codes() == two.codes());
    CHECK(one.compiled.graph.digest == two.compiled.graph.digest);
}
