// Checks that can't fail, or can't pass.
#include <catch2/catch.hpp>

#include "tests/unit/compiled.hpp"

using namespace cairn::tests;
using Codes = std::vector<int>;

namespace {

constexpr int cant_fail = 557, cant_pass = 558, can_hardly_fail = 559;

void says(int code, const char* check) {
    INFO(check);
    const auto plan = compile_check(check);
    CHECK(plan.codes() == Codes{code});
    CHECK(plan.at(code) == check);
}

}  // namespace

TEST_CASE("a count is a whole number from 0") {
    says(cant_fail, "$$ SELECT count(*) FROM t $$ >= 0");
    says(cant_fail, "$$ SELECT count(*) FROM t $$ > -1");
    says(cant_fail, "$$ SELECT count(DISTINCT a) FROM t $$ <> 2.5");
    says(cant_pass, "$$ SELECT count(*) FROM t $$ < 0");
    says(cant_pass, "$$ SELECT count(*) FROM t $$ <= -1");
    says(cant_pass, "$$ SELECT count(*) FROM t $$ = -1");
    says(cant_pass, "$$ SELECT count(*) FROM t $$ = 1.5");
    says(cant_pass, "$$ SELECT count(*) FROM t $$ = 'text'");
    says(cant_pass, "$$ SELECT count(*) FROM t $$ = true");
    says(cant_fail, "rows of t >= 0");
    says(cant_pass, "rows of t < 0");
    says(cant_fail, "sessions of app >= 0");
    says(cant_fail, "long running queries over 5min >= 0");
}

TEST_CASE("an aggregate without GROUP BY gives exactly one row") {
    says(cant_fail, "$$ SELECT count(*) FROM t $$ returns something");
    says(cant_fail, "$$ SELECT max(a) + 1 FROM t WHERE b $$ returns something");
    says(cant_pass, "$$ SELECT count(*) FROM t $$ returns nothing");
    says(cant_pass, "$$ SELECT bool_and(a) FROM t $$ returns nothing");
}

TEST_CASE("WHERE false and LIMIT 0 give no row") {
    says(cant_fail, "$$ SELECT a FROM t WHERE false $$ returns nothing");
    says(cant_fail, "$$ SELECT a FROM t WHERE 1 = 0 $$ returns nothing");
    says(cant_fail, "$$ SELECT a FROM t LIMIT 0 $$ returns nothing");
    says(cant_pass, "$$ SELECT a FROM t LIMIT 0 $$ returns something");
    says(cant_pass, "$$ SELECT a FROM t WHERE false $$ = 3");
}

TEST_CASE("constants give the same answer every time") {
    says(cant_fail, "$$ SELECT 1 $$ = 1");
    says(cant_fail, "$$ SELECT true $$ = true");
    says(cant_fail, "$$ SELECT 1 $$ returns something");
    says(cant_pass, "$$ SELECT 1 $$ returns nothing");
}

TEST_CASE("one value is compared, not several") { says(cant_pass, "$$ SELECT a, b FROM t $$ = 1"); }

TEST_CASE("two queries that meet have as many columns") {
    says(cant_pass, "$$ SELECT a, b FROM t $$ = $$ SELECT a FROM u $$");
    says(cant_pass, "$$ SELECT a FROM t $$ within $$ SELECT a, b FROM u $$");
    CHECK(compile_check("$$ SELECT a, b FROM t $$ = $$ SELECT * FROM u $$").codes().empty());
    CHECK(compile_check("$$ SELECT a, b FROM t $$ = $$ TABLE u $$").codes().empty());
    CHECK(compile_check("$$ SELECT (x).* FROM t x $$ = $$ SELECT a, b FROM u $$").codes().empty());
    CHECK(compile_plan("plan p \"\"\nparam c\ndatabase erp\nvalidate v { $$ SELECT :c FROM t $$ = $$ SELECT a, b FROM u $$ }").codes() == Codes{307});
    CHECK(compile_check("$$ VALUES (1, 2) $$ = $$ SELECT a, b FROM u $$").codes().empty());
    CHECK(compile_check("$$ SELECT u.*, 1 FROM u $$ = $$ SELECT a, b, c FROM t UNION SELECT * FROM u $$").codes().empty());
}

TEST_CASE("a query is not compared with itself") {
    says(cant_fail, "$$ SELECT a FROM t $$ = $$ select  A FROM t -- again\n $$");
    CHECK(compile_check("$$ SELECT a FROM t WHERE b = 'x' $$ = $$ SELECT a FROM t WHERE b = 'X' $$").codes().empty());
    CHECK(compile_check("$$ SELECT \"a\" FROM t $$ = $$ SELECT \"A\" FROM t $$").codes().empty());
}

TEST_CASE("a comparison whose sides can't be alike, or can't be otherwise") {
    says(cant_pass, "$$ SELECT a, b FROM t $$ = $$ SELECT a FROM u $$");
    says(cant_pass, "$$ SELECT a FROM t WHERE false $$ = $$ SELECT a FROM u $$");
    says(cant_pass, "$$ SELECT a FROM t $$ within $$ SELECT a FROM u LIMIT 0 $$");
    says(cant_fail, "$$ SELECT 1 $$ = $$ SELECT 1.0 $$");
    CHECK(compile_check("$$ SELECT * FROM t $$ = $$ SELECT a FROM u $$").codes().empty());
    CHECK(compile_check("$$ SELECT a FROM t WHERE false $$ within $$ SELECT a FROM u $$").codes().empty());
}

TEST_CASE("a comparison with another database is judged like one inside a database, but for the same query on both") {
    const auto codes = [](const std::string& check) {
        return compile_plan("plan p \"\"\ndatabase erp\ndatabase legacy { read only }\nvalidate v on erp { " + check + " }").codes();
    };
    CHECK(codes("$$ SELECT a FROM t $$ = legacy $$ SELECT a FROM t $$").empty());
    CHECK(codes("$$ SELECT a FROM t $$ = erp $$ SELECT a FROM t $$") == Codes{557});
    CHECK(codes("$$ SELECT a, b FROM t $$ = legacy $$ SELECT a FROM t $$") == Codes{558});
    CHECK(codes("$$ SELECT a FROM t $$ within legacy $$ SELECT a FROM t WHERE false $$") == Codes{558});
    CHECK(codes("$$ SELECT 1 $$ = legacy $$ SELECT 1 $$") == Codes{557});
    CHECK(codes("$$ SELECT a FROM t $$ = legacy $$ UPDATE t SET a = 1 RETURNING a $$") == Codes{556});
    CHECK(codes("$$ SELECT a FROM t $$ = lagacy $$ SELECT a FROM t $$") == Codes{204});
    CHECK(codes("free space on \"b\" >= 0x legacy") == Codes{557});
}

TEST_CASE("a percentage of at least 0% is doubtful, free space of at least nothing is not") {
    says(can_hardly_fail, "$$ SELECT a / b FROM t $$ >= 0%");
    says(cant_fail, "free space on \"x\" >= 0kB");
}

TEST_CASE("checks that can go either way pass") {
    for (const char* check :
         {"$$ SELECT count(*) FROM t $$ = 0", "$$ SELECT count(*) FROM t $$ >= 1", "$$ SELECT count(*) FROM t $$ < 1",
          "$$ SELECT count(*) FROM t GROUP BY a $$ returns nothing", "$$ SELECT sum(a) FROM t HAVING sum(a) > 1 $$ returns nothing",
          "$$ SELECT count(*) OVER () FROM t $$ returns something", "$$ SELECT a FROM t WHERE true $$ returns nothing",
          "$$ SELECT a FROM t LIMIT 1 $$ returns something", "$$ SELECT current_setting('is_superuser') $$ = 'on'",
          "$$ SELECT current_user $$ = 'me'", "$$ SELECT EXISTS (SELECT FROM t) $$ = true", "$$ SELECT (SELECT max(a) FROM t) $$ = 1",
          "$$ SELECT (SELECT count(*) FROM t) AS c FROM u $$ returns nothing", "rows of t > 0", "rows of t = 0",
          "$$ SELECT a FROM t WHERE 1 = 1 $$ returns nothing", "$$ SELECT sum(a) FROM t $$ >= 0", "$$ SELECT a FROM t $$ > 0%",
          "$$ SELECT 1 FROM t $$ returns nothing", "$$ VALUES (1) $$ = $$ SELECT a FROM t $$"}) {
        INFO(check);
        CHECK(compile_check(check).codes().empty());
    }
    CHECK(compile_plan("plan p \"\"\nparam n = 1\ndatabase erp\nvalidate v { $$ SELECT :n $$ > 0 }").codes().empty());
}
