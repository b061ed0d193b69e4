// Names, parameters, loops, placeholders, variables of SQL and files.
#include <catch2/catch.hpp>

#include "tests/unit/compiled.hpp"

using namespace cairn;
using namespace cairn::compiler;
using namespace cairn::tests;
using Codes = std::vector<int>;
using Texts = std::vector<std::string>;

namespace {

CompileOptions given(std::map<std::string, std::string> parameters) {
    CompileOptions options;
    options.parameters = std::move(parameters);
    return options;
}

CompileOptions for_review() {
    CompileOptions options;
    options.require_parameters = false;
    return options;
}

}  // namespace

TEST_CASE("a parameter has its default unless one is given") {
    const std::string text = "plan p \"\"\nparam n = \"5\"\ndatabase erp\nstep s { $$ SELECT :n $$ }";
    CHECK(compile_plan(text).sql("s") == Texts{"SELECT 5"});
    CHECK(compile_plan(text, given({{"n", "7"}})).sql("s") == Texts{"SELECT 7"});
    CHECK(compile_plan(text, given({{"n", "7"}})).compiled.graph.parameters.at(0).value == "7");
}

TEST_CASE("a parameter without default or value is an error at its name") {
    const auto plan = compile_plan("plan p \"\"\nparam ticket");
    CHECK(plan.codes() == Codes{307});
    CHECK(plan.at(307) == "ticket");
    CHECK(plan.help(307) == "--param ticket=…");
}

TEST_CASE("a review does without a parameter, and shows it as it is written") {
    const auto plan = compile_plan(
        "plan p \"\"\nparam ticket\ndatabase erp\n"
        "step s { $$ COMMENT ON TABLE t IS :'ticket' $$ rollback none \"{ticket}\" }\n"
        "step l { $$ SELECT * FROM t LIMIT :ticket $$ }\nstep n { $$ CREATE TABLE x_y (:ticket int) $$ }\n"
        "step q { $$ CREATE TABLE :\"ticket\" (a int) $$ }",
        for_review());
    CHECK(plan.codes().empty());
    CHECK(plan.sql("s") == Texts{"COMMENT ON TABLE t IS :'ticket'"});
    CHECK(plan.sql("l") == Texts{"SELECT * FROM t LIMIT :ticket"});
    CHECK(plan.sql("n") == Texts{"CREATE TABLE x_y (:ticket int)"});
    CHECK(plan.sql("q") == Texts{"CREATE TABLE :\"ticket\" (a int)"});
    CHECK(plan.item("s").undo.reason == "{ticket}");
    CHECK(plan.compiled.graph.parameters.at(0).value == "{ticket}");
}

TEST_CASE("a given parameter that is not declared names the nearest one") {
    const auto plan = compile_plan("plan p \"\"\nparam cutoff = \"1\"", given({{"cutof", "2"}}));
    CHECK(plan.codes() == Codes{202});
    CHECK(plan.help(202) == "`cutoff`");
}

TEST_CASE("parameters, databases and items are declared once") {
    const auto plan = compile_plan(
        "plan p \"\"\nparam a = 1\nparam a = 2\ndatabase erp\ndatabase erp\n"
        "step s { $$ SELECT 1 $$ }\nstep s { $$ SELECT 2 $$ }");
    CHECK(plan.codes() == Codes{206, 207, 205});
    CHECK(plan.label(206) == "a");
    CHECK(plan.label(207) == "erp");
    CHECK(plan.label(205) == "s");
}

TEST_CASE("words of the language are no names") {
    CHECK(compile_plan("plan p \"\"\nparam run = 1").at(208) == "run");
}

TEST_CASE("an unknown placeholder is reported where it stands, with the nearest name") {
    const auto plan = compile_plan(
        "plan p \"\"\nparam ticket = 1\nrun r { command \"echo\" \"{tickte} {run} {plan}\" rollback none \"x\" }");
    CHECK(plan.codes() == Codes{201});
    CHECK(plan.at(201) == "{tickte}");
    CHECK(plan.help(201) == "`ticket`");
}

TEST_CASE("placeholders stand in defaults, after what they name, and in values of loops") {
    const auto plan = compile_plan(
        "plan p \"\"\nparam a = 1\nparam b = \"{a}-{plan}\"\nparam c = \"{d}\"\nparam d = 2\ndatabase erp\n"
        "for t in (\"{a}\", \"{nope}\") { step s_{t} { $$ COMMENT ON TABLE x IS :'b' $$ rollback none \"x\" } }");
    CHECK(plan.codes() == Codes{201, 201});
    CHECK(plan.at(201) == "{d}");
    CHECK(plan.compiled.graph.items.empty());
    CHECK(compile_plan("plan p \"\"\nparam a = 1\nparam b = \"{a}-{plan}\"").compiled.graph.parameters.at(1).value == "1-p");
}

TEST_CASE("the run's own words take their values where a run has begun, and stand as written elsewhere") {
    const std::string text =
        "plan p \"\"\nrun r { command \"echo\" \"{plan} {run} {date} {time} {other\" rollback none \"x\" }";
    CHECK(compile_plan(text).body<RunItem>("r").argv.at(1) == "p {run} {date} {time} {other");
    CompileOptions options;
    options.run = "r1", options.date = "20260115", options.time = "220000";
    CHECK(compile_plan(text, options).body<RunItem>("r").argv.at(1) == "p r1 20260115 220000 {other");
}

TEST_CASE("loops turn over names, strings and numbers, and in each other") {
    const auto plan = compile_items(
        "for t in (a, \"b\", 3) { for n in (1, 2) { step s_{t}_{n} { $$ CREATE TABLE :\"t\" (c int DEFAULT :n, d text DEFAULT :'t') $$ } } }");
    REQUIRE(plan.codes().empty());
    CHECK(plan.compiled.graph.items.size() == 6);
    CHECK(plan.sql("s_b_2") == Texts{"CREATE TABLE b (c int DEFAULT 2, d text DEFAULT 'b')"});
    CHECK(plan.sql("s_3_1") == Texts{"CREATE TABLE \"3\" (c int DEFAULT 1, d text DEFAULT '3')"});
}

TEST_CASE("a loop whose item has one name for every turn says so once") {
    const auto plan = compile_items("for t in (a, b, c) { step s { $$ SELECT 1 $$ } }");
    CHECK(plan.codes() == Codes{205});
    CHECK(plan.help(205) == "step s_{t}");
}

TEST_CASE("a loop variable hides no other name") {
    CHECK(compile_plan("plan p \"\"\nparam t = 1\ndatabase erp\nfor t in (a) { step s_{t} { $$ SELECT 1 $$ } }")
              .at(214) == "t");
    CHECK(compile_items("for t in (a) { for t in (b) { step s_{t} { $$ SELECT 1 $$ } } }").codes() == Codes{214});
}

TEST_CASE("loops that multiply without end are refused") {
    std::string values = "1";
    for (int i = 2; i <= 100; ++i) values += ", " + std::to_string(i);
    std::string text;
    for (const char* v : {"a", "b", "c", "d"}) text += std::string("for ") + v + " in (" + values + ") { ";
    text += "step s_{a}_{b}_{c}_{d} { $$ SELECT 1 $$ } } } } }";
    CHECK(compile_items(text).codes() == Codes{312});
}

TEST_CASE("a placeholder must give a name where a name is meant") {
    const auto plan = compile_items("for t in (\"public.Order\") { step s_{t} { $$ SELECT 1 $$ } }");
    CHECK(plan.codes() == Codes{211});
    CHECK(plan.at(211) == "s_{t}");
}

TEST_CASE("the only database is meant where none is named") {
    CHECK(compile_items("step s { $$ SELECT 1 $$ }").item("s").database == "erp");
    const auto several = compile_plan(
        "plan p \"\"\ndatabase a\ndatabase b\nstep s { $$ SELECT 1 $$ }");
    CHECK(several.codes() == Codes{212});
    CHECK(several.at(212) == "step s");
    CHECK(several.help(212) == "on a");
    CHECK(compile_plan("plan p \"\"\nstep s { $$ SELECT 1 $$ }").codes() == Codes{212});
}

TEST_CASE("an unknown database names the nearest one, and is silent ever after") {
    const auto plan = compile_items("step s on epr { $$ SELECT 1 $$ } step t on epr { $$ SELECT 1 $$ }");
    CHECK(plan.codes() == Codes{204});
    CHECK(plan.at(204) == "epr");
    CHECK(plan.help(204) == "`erp`");
}

TEST_CASE("a declaration that can't be read makes no second error where its name is used") {
    const auto plan = compile_plan(
        "plan p \"\"\ndatabase erp { red only }\nparam n = = 3\nstep s on erp { $$ SELECT :n $$ }");
    for (const int code : plan.codes()) CHECK(code < 200);
    CHECK(!plan.codes().empty());
}

TEST_CASE("variables of SQL stand verbatim, as a literal, as an identifier") {
    const auto plan = compile_plan(
        "plan p \"\"\nparam v = \"O'Neil \\\"x\\\"\"\nparam n = 3\ndatabase erp\n"
        "step s { $$ SELECT :n, :'v', ':n' /* :n */, 1::int AS :\"v\" $$ }");
    REQUIRE(plan.codes().empty());
    CHECK(plan.sql("s") == Texts{"SELECT 3, 'O''Neil \"x\"', ':n' /* :n */, 1::int AS \"O'Neil \"\"x\"\"\""});
}

TEST_CASE("an undeclared variable is reported at its colon, and nothing else is said of that SQL") {
    const auto plan = compile_plan("plan p \"\"\nparam count = 1\ndatabase erp\nstep s { $$ SELEC :cuont $$ }");
    CHECK(plan.codes() == Codes{209});
    CHECK(plan.at(209) == ":cuont");
    CHECK(plan.help(209) == "`count`");
}

TEST_CASE("a colon glued to what stands before it is SQL's, unless a parameter has that name") {
    CHECK(compile_items("step s { $$ SELECT a[1:n] FROM t $$ }").codes().empty());
    const auto plan = compile_plan("plan p \"\"\nparam n = 1\ndatabase erp\nstep s { $$ SELECT a[1:n] FROM t $$ }");
    CHECK(plan.codes() == Codes{310});
    CHECK(plan.at(310) == ":n");
    CHECK(plan.help(310) == "`a[1: :n]`");
}

TEST_CASE(":batch is only for steps with a batch clause") {
    CHECK(compile_items("step s { $$ DELETE FROM t WHERE :batch $$ rollback none \"x\" }").codes() == Codes{209});
    const auto plan = compile_items(
        "step s { batch on t.id by 100 $$ UPDATE t SET a = 1 WHERE :batch(t) AND a = 2 $$ }");
    CHECK(plan.codes().empty());
}

TEST_CASE("SQL that does not parse is reported at PostgreSQL's own place, past substituted variables") {
    const auto plan = compile_plan(
        "plan p \"\"\nparam n = \"a_long_value\"\ndatabase erp\nstep s {\n  $$\n    SELECT :n;\n    SELCT 2\n  $$ }");
    REQUIRE(plan.codes() == Codes{301});
    CHECK(plan.at(301) == "SELCT");
    const auto where = plan.find(301)->where->span.begin;
    CHECK(plan.compiled.sources.at({}).position(where).line == 7);
    CHECK(plan.compiled.sources.at({}).position(where).column == 5);
}

TEST_CASE("a step's file is a source of its own, and its errors point into it") {
    const std::string text = "step s { file \"a.sql\" }";
    const auto plan = compile_items(text, {}, {{"a.sql", "SELECT 1;\nSELCT 2;\n"}});
    REQUIRE(plan.codes() == Codes{301});
    const auto where = *plan.find(301)->where;
    CHECK(plan.compiled.sources.at(where.source).name() == "a.sql");
    CHECK(plan.compiled.sources.at(where.source).position(where.span.begin).line == 2);
    CHECK(plan.text(where) == "SELCT");
}

TEST_CASE("a file takes variables, a byte order mark and is read once") {
    const auto plan = compile_plan(
        "plan p \"\"\nparam n = 4\ndatabase erp\nstep a { file \"x/{n}.sql\" }\nstep b { file \"x/4.sql\" }", {},
        {{"x/4.sql", "\xEF\xBB\xBFSELECT :n; SELECT 2;"}});
    REQUIRE(plan.codes().empty());
    CHECK(plan.sql("a") == Texts{"SELECT 4", "SELECT 2"});
    CHECK(plan.sql("b") == plan.sql("a"));
    CHECK(plan.compiled.files.size() == 1);
    CHECK(plan.compiled.files.at(0).first == "x/4.sql");
}

TEST_CASE("a file that is missing, a folder, or no text is an error at its path") {
    CHECK(compile_items("step s { file \"no.sql\" }").at(305) == "\"no.sql\"");
    CHECK(compile_items("step s { file \"folder\" }").message(305) == "`folder` can't be read: it is a folder");
    CHECK(compile_items("step s { file \"b\" }", {}, {{"b", "SELECT '\xFF'"}}).codes() == Codes{306});
    CHECK(compile_items("step s { file \"b\" }", {}, {{"b", std::string("SELECT\0 1", 9)}}).codes() == Codes{306});
}

TEST_CASE("a step has one body of SQL, and something in it") {
    CHECK(compile_items("step s { }").codes() == Codes{303});
    CHECK(compile_items("step s { $$ $$ }").codes() == Codes{302});
    CHECK(compile_items("step s { $$ -- nothing\n ; $$ }").codes() == Codes{302});
    const auto two = compile_items("step s { $$ SELECT 1 $$ $$ SELECT 2 $$ }");
    CHECK(two.codes() == Codes{304});
    CHECK(two.at(304) == "$$ SELECT 2 $$");
    CHECK(two.label(304) == "$$ SELECT 1 $$");
}

TEST_CASE("the digest covers the plan and its files, and is sha256sum's without them") {
    const auto bare = compile_plan("plan p \"\"\n");
    CHECK(bare.compiled.graph.digest ==
          "sha256:bc790d7cff9af2de128b457167fd6ad83249ac5c0b549c631f2a770a01fc92f4");
    const auto one = compile_items("step s { file \"a\" }", {}, {{"a", "SELECT 1"}});
    const auto other = compile_items("step s { file \"a\" }", {}, {{"a", "SELECT 2"}});
    CHECK(one.compiled.graph.digest != other.compiled.graph.digest);
    CHECK(one.compiled.graph.digest == compile_items("step s { file \"a\" }", {}, {{"a", "SELECT 1"}}).compiled.graph.digest);
}
