// Order, safety and rollback: what the rules refuse, where, and what they let pass.
#include <catch2/catch.hpp>

#include "tests/unit/compiled.hpp"

using namespace cairn;
using namespace cairn::compiler;
using namespace cairn::tests;
using Codes = std::vector<int>;

TEST_CASE("eight mistakes of eight kinds are all reported in one call") {
    const auto plan = compile_plan(
        "plan p \"\"\nparam a = 1\nparam a = 2\ndatabase erp\n"
        "step one on epr { $$ SELECT 1 $$ }\n"
        "step two { $$ SELCT 1 $$ }\n"
        "step two { $$ SELECT :b $$ }\n"
        "step three { $$ COMMIT $$ }\n"
        "step four { lock timeout 5 $$ SELECT 1 $$ }\n"
        "validate five { }\n"
        "on failure rollback to nowhere\n");
    CHECK(plan.codes() == Codes{206, 204, 301, 205, 209, 550, 105, 409, 210});
}

TEST_CASE("transaction control is refused inside a step, and in a written rollback") {
    const auto plan = compile_items(
        "step s { $$ BEGIN; SELECT 1; COMMIT $$ rollback $$ SAVEPOINT a $$ }");
    CHECK(plan.codes() == Codes{550, 550, 550});
    CHECK(plan.at(550) == "BEGIN");
}

TEST_CASE("SET TRANSACTION comes first or not at all") {
    CHECK(compile_items("step s { $$ SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1 $$ }").codes().empty());
    CHECK(compile_items("step s { $$ SET search_path = x; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE $$ }")
              .codes().empty());
    const auto plan = compile_items("step s { $$ SELECT 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE $$ }");
    CHECK(plan.codes() == Codes{551});
    CHECK(plan.at(551) == "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
}

TEST_CASE("COPY over the client's connection is refused") {
    CHECK(compile_items("step s { $$ COPY t FROM STDIN $$ }").codes() == Codes{552});
    CHECK(compile_items("step s { $$ COPY t TO STDOUT $$ }").codes() == Codes{552});
}

TEST_CASE("a step that mixes transactional and other statements names both") {
    const auto plan = compile_items("step s { $$ CREATE TABLE t (a int); CREATE INDEX CONCURRENTLY i ON t (a) $$ }");
    CHECK(plan.codes() == Codes{553});
    CHECK(plan.at(553) == "CREATE INDEX CONCURRENTLY i ON t (a)");
    CHECK(plan.label(553) == "CREATE TABLE t (a int)");
    CHECK(plan.message(553).find("CREATE INDEX CONCURRENTLY") != std::string::npos);
}

TEST_CASE("what can't be in a transaction can't be in `transaction`") {
    CHECK(compile_items("transaction { step s { $$ VACUUM t $$ } }").codes() == Codes{554});
}

TEST_CASE("only steps and validations on one database stand in `transaction`") {
    const auto plan = compile_items(
        "transaction { step s { $$ SELECT 1 $$ } checkpoint c\n run r { command \"x\" rollback none \"y\" } }");
    CHECK(plan.codes() == Codes{403, 403});
    CHECK(plan.at(403) == "checkpoint");
    CHECK(plan.label(403) == "transaction");
    CHECK(compile_items("transaction { transaction { step s { $$ SELECT 1 $$ } } }").codes() == Codes{403});
    CHECK(compile_plan("plan p \"\"\ndatabase a\ndatabase b { read only }\n"
                       "transaction on a { step s { $$ SELECT 1 $$ } validate v on b { rows of t > 1 } }")
              .codes() == Codes{410});
}

TEST_CASE("a transaction block gives its items its database and one number") {
    const auto plan = compile_plan(
        "plan p \"\"\ndatabase a\ndatabase b { read only }\ntransaction on a { step s { $$ SELECT 1 $$ } step t { $$ SELECT 2 $$ } }\n"
        "step u on a { $$ SELECT 1 $$ }");
    REQUIRE(plan.codes().empty());
    CHECK(plan.item("s").database == "a");
    CHECK(plan.item("s").transaction == plan.item("t").transaction);
    CHECK(plan.item("s").transaction.has_value());
    CHECK(!plan.item("u").transaction.has_value());
}

TEST_CASE("`after` is for parallel blocks, which have no checkpoints and none in themselves") {
    CHECK(compile_items("step a { $$ SELECT 1 $$ } step b after a { $$ SELECT 2 $$ }").codes() == Codes{402});
    CHECK(compile_items("parallel { checkpoint c }").codes() == Codes{404});
    CHECK(compile_items("parallel { parallel { step a { $$ SELECT 1 $$ } } }").codes() == Codes{404});
}

TEST_CASE("`after` names an item of the same block, or the nearest one is offered") {
    const auto plan = compile_items(
        "parallel { step load { $$ SELECT 1 $$ } step more after laod { $$ SELECT 2 $$ } }");
    CHECK(plan.codes() == Codes{203});
    CHECK(plan.at(203) == "laod");
    CHECK(plan.message(203) == "no item is named `laod`");
    CHECK(plan.help(203) == "`load`");
    CHECK(compile_items("step a { $$ SELECT 1 $$ } parallel { step b after a { $$ SELECT 2 $$ } }").codes() ==
          Codes{203});
    CHECK(compile_items("parallel { for t in (x, y) { step a_{t} { $$ SELECT 1 $$ } } step b after a_x, a_y { $$ SELECT 2 $$ } }")
              .codes().empty());
}

TEST_CASE("a step on a database that is read only points at both") {
    const auto plan = compile_plan("plan p \"\"\ndatabase l { read only }\nstep s { $$ SELECT 1 $$ }");
    CHECK(plan.codes() == Codes{555});
    CHECK(plan.at(555) == "step s");
    CHECK(plan.label(555) == "l");
}

TEST_CASE("steps may change two databases, and both are known to be changed") {
    const auto plan = compile_plan(
        "plan p \"\"\ndatabase a\ndatabase l { read only }\ndatabase b\n"
        "step s on a { $$ SELECT 1 $$ } step t on b { $$ SELECT 1 $$ } step u on b { $$ SELECT 1 $$ }");
    CHECK(plan.codes().empty());
    std::vector<bool> changed;
    for (const auto& role : plan.compiled.graph.databases) changed.push_back(role.changed);
    CHECK(changed == std::vector{true, false, true});
}

TEST_CASE("a new enum value is not used by a later step of its transaction") {
    const auto plan = compile_items(
        "transaction { step a { $$ ALTER TYPE s ADD VALUE 'new' $$ rollback none \"x\" }\n"
        "step b { $$ CREATE TABLE t (a s DEFAULT 'new') $$ } }");
    CHECK(plan.codes() == Codes{560});
    CHECK(plan.at(560) == "'new'");
    CHECK(compile_items("step a { $$ ALTER TYPE s ADD VALUE 'new' $$ rollback none \"x\" }\n"
                        "step b { $$ CREATE TABLE t (a s DEFAULT 'new') $$ }")
              .codes().empty());
    // Nor by a later statement of the step that adds it; an earlier one means another value.
    const auto one = compile_items("step a { $$ ALTER TYPE s ADD VALUE 'new'; INSERT INTO t VALUES ('new') $$ rollback none \"x\" }");
    CHECK(one.codes() == Codes{560});
    CHECK(one.at(560) == "'new'");
    CHECK(compile_items("step a { $$ INSERT INTO t VALUES ('new'); ALTER TYPE s ADD VALUE 'new' $$ rollback none \"x\" }").codes().empty());
    CHECK(compile_items("step a { $$ CREATE TYPE s AS ENUM (); ALTER TYPE s ADD VALUE 'new'; INSERT INTO t VALUES ('new') $$ }").codes().empty());
}

TEST_CASE("what stands in `transaction on DB` is on that database") {
    const std::string head = "plan p \"\"\ndatabase a\ndatabase b { read only }\n";
    const auto plan = compile_plan(head + "transaction on a { validate v on b { table t exists } }");
    CHECK(plan.codes() == Codes{410});
    CHECK(plan.at(410) == "b");
    CHECK(compile_plan(head + "transaction on a { validate v on a { table t exists } }").codes().empty());
}

TEST_CASE("a check and a `when` are one query that only reads") {
    CHECK(compile_check("$$ DELETE FROM t $$ returns nothing").codes() == Codes{556});
    CHECK(compile_check("$$ WITH d AS (DELETE FROM t RETURNING 1) SELECT * FROM d $$ returns nothing").codes() == Codes{556});
    const auto two = compile_check("$$ SELECT 1 FROM t; SELECT 2 FROM t $$ returns nothing");
    CHECK(two.codes() == Codes{556});
    CHECK(two.at(556) == "SELECT 2 FROM t");
    CHECK(compile_items("step s when $$ DROP TABLE t $$ { $$ SELECT 1 $$ }").codes() == Codes{556});
    CHECK(compile_check("$$ SHOW work_mem $$ returns something").codes() == Codes{556});
    CHECK(compile_check("show \"x\" $$ SHOW work_mem $$").codes().empty());
}

TEST_CASE("a gate may leave out `else` only before the first thing that is done") {
    CHECK(compile_items("gate g { rows of t > 1 }\nstep s { $$ SELECT 1 $$ }").codes().empty());
    const auto plan = compile_items("step s { $$ SELECT 1 $$ }\ngate g { rows of t > 1 }");
    CHECK(plan.codes() == Codes{405});
    CHECK(plan.at(405) == "gate g");
    CHECK(plan.label(405) == "step s");
    CHECK(plan.help(405) == "else stop");
    CHECK(compile_items("run r { command \"x\" rollback none \"y\" }\ngate g { confirm \"?\" }").codes() == Codes{405});
}

TEST_CASE("after a point of no return a gate stops") {
    const auto plan = compile_items("point of no return p\ngate g { rows of t > 1 else rollback }");
    CHECK(plan.codes() == Codes{406});
    CHECK(plan.label(406) == "point of no return p");
    CHECK(compile_items("point of no return p\ngate g { rows of t > 1 else stop }").codes().empty());
}

TEST_CASE("a gate asks something, and confirms once; a validation checks something") {
    CHECK(compile_items("gate g { else stop }").codes() == Codes{408});
    const auto twice = compile_items("gate g { confirm \"a\" confirm \"b\" }");
    CHECK(twice.codes() == Codes{407});
    CHECK(twice.at(407) == "\"b\"");
    CHECK(compile_items("validate v { }").codes() == Codes{409});
    CHECK(compile_items("gate g { confirm \"a\" }").codes().empty());
}

TEST_CASE("a gate that only confirms needs no database") {
    const auto plan = compile_plan("plan p \"\"\ndatabase a\ndatabase b\ngate g { confirm \"go?\" }\n"
                                   "gate f { free space on \"x\" >= 1GB }");
    REQUIRE(plan.codes().empty());
    CHECK(!plan.item("g").database.has_value());
}

TEST_CASE("on failure goes back to a checkpoint that is there") {
    CHECK(compile_items("checkpoint half\non failure rollback to half").codes().empty());
    CHECK(compile_items("point of no return half\non failure rollback to half").codes().empty());
    const auto plan = compile_items("checkpoint half\non failure rollback to hafl");
    CHECK(plan.codes() == Codes{210});
    CHECK(plan.help(210) == "`half`");
    CHECK(compile_items("on failure stop\non failure rollback").codes() == Codes{401});
}

TEST_CASE("a command says how it is undone") {
    CHECK(compile_items("run r { command \"x\" }").codes() == Codes{803});
    CHECK(compile_items("run r { command \"x\" rollback \"y\" \"z\" }").codes().empty());
    CHECK(compile_items("run r { command \"x\" rollback none \" \" }").codes() == Codes{804});
    CHECK(compile_items("run r { command \"x\" rollback none \"only reads\" }").codes().empty());
}

TEST_CASE("a rollback fits its item") {
    CHECK(compile_items("copy c from erp to erp { $$ SELECT 1 FROM t $$ into t (a) rollback $$ SELECT 1 $$ }").codes() ==
          Codes{490, 802});
    for (const char* item : {"run r { command \"x\" rollback generated }", "run r { command \"x\" rollback $$ SELECT 1 $$ }",
                             "step s { $$ SELECT 1 $$ rollback \"y\" }"}) {
        const auto codes = compile_items(item).codes();
        REQUIRE(codes.size() == 1);
        CHECK((codes.front() == 802 || codes.front() < 200));
    }
}

TEST_CASE("parameters do not become part of a shell's script") {
    const std::string head = "plan p \"\"\nparam host = \"x\"\n";
    const auto plan = compile_plan(head + "run r { command \"sh\" \"-c\" \"ping {host}\" rollback none \"x\" }");
    CHECK(plan.codes() == Codes{561});
    CHECK(plan.at(561) == "{host}");
    CHECK(plan.message(561).find("CAIRN_PARAM_HOST") != std::string::npos);
    CHECK(compile_plan(head + "run r { command \"/bin/bash\" \"-ec\" \"{host}\" rollback none \"x\" }").codes() == Codes{561});
    CHECK(compile_plan(head + "run r { command \"ls\" rollback \"sh\" \"-c\" \"{host}\" }").codes() == Codes{561});
    CHECK(compile_plan(head + "run r { command \"ping\" \"{host}\" rollback none \"x\" }").codes().empty());
    CHECK(compile_plan(head + "run r { command \"sh\" \"{host}.sh\" rollback none \"x\" }").codes().empty());
    CHECK(compile_plan(head + "run r { command \"sh\" \"-c\" \"echo {run}\" rollback none \"x\" }").codes().empty());
}

TEST_CASE("a step whose rollback can't be generated says why at the statement, and what else there is") {
    const auto plan = compile_items("step s { $$ ALTER SYSTEM SET work_mem = 1 $$ }");
    CHECK(plan.codes() == Codes{801});
    CHECK(plan.at(801) == "ALTER SYSTEM SET work_mem = 1");
    CHECK(plan.help(801) == "rollback $$ … $$, or rollback none \"why nothing is needed\"");
    CHECK(compile_items("step s { $$ ALTER SYSTEM SET work_mem = 1 $$ rollback none \"junk\" }").codes().empty());
    CHECK(compile_items("step s { $$ ALTER SYSTEM SET work_mem = 1 $$ rollback $$ INSERT INTO b VALUES (1) $$ }").codes().empty());
}

TEST_CASE("values are of the kind their clause takes") {
    CHECK(compile_plan("plan p \"\"\nparam n = \"many\"\ndatabase erp\nstep s { lock timeout \"{n}\" $$ SELECT 1 $$ }")
              .codes().size() == 1);
    CHECK(compile_check("rows of t >= 5%").codes().size() == 1);
    CHECK(compile_items("step s { lock timeout 30d $$ SELECT 1 $$ }").codes() == Codes{309});
    CHECK(compile_plan("plan p \"\"\nparam n = \"2s\"\ndatabase erp\nstep s { lock timeout \"{n}\" $$ SELECT 1 $$ }").codes().size() <= 1);
    CHECK(compile_check("column 'leases' exists").codes() == Codes{211});
    CHECK(compile_check("table 'a b' exists").codes() == Codes{211});
    CHECK(compile_check("$$ SELECT a FROM t $$ < true").codes() == Codes{308});
}

TEST_CASE("what has no runtime yet says so at its keyword, and all else is checked") {
    const auto plan = compile_items(
        "snapshot s { tables a keep 3 }\nbackup b { to \"x\" verify restore { $$ SELCT 1 $$ returns nothing } }\n"
        "step c { $$ SELECT 1 $$ }");
    CHECK(plan.codes() == Codes{490, 490, 301});
    CHECK(compile_items("notify oncall \"x\"").at(490) == "notify");
    CHECK(compile_items("restore point x").at(490) == "restore point");
    CHECK(compile_items("watch w for 5min every 15s { rows of t > 1 }").at(490) == "watch");
    CHECK(compile_items("validate v { warn \"t\" tables a match backup b }").at(490) == "tables");
    CHECK(compile_items("gate g { backup b verified within 1h }").at(490) == "backup");
}

TEST_CASE("what runs in a transaction is undone from what it has changed; programs on the server can't be") {
    const auto kind = [](const std::string& item) { return compile_items(item).item("s").undo.kind; };
    CHECK(kind("step s { $$ DELETE FROM b WHERE x = 1 $$ }") == Undo::Kind::difference);
    CHECK(kind("step s { $$ CREATE TABLE c (x int); DROP VIEW v CASCADE $$ }") == Undo::Kind::difference);
    CHECK(kind("step s { $$ DO 'BEGIN NULL; END' $$ }") == Undo::Kind::difference);
    CHECK(kind("step s { $$ CREATE TABLE c (x int) $$ }") == Undo::Kind::generated);
    CHECK(compile_items("step s { $$ COPY t FROM PROGRAM 'x' $$ }").at(801) == "COPY t FROM PROGRAM 'x'");
}
