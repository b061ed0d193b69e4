// The order of a `parallel` block's items, and what they would do to each other.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "compiler/graph/conflicts.hpp"
#include "tests/unit/compiled.hpp"

namespace {

using namespace cairn;
using namespace cairn::tests;
using Codes = std::vector<int>;
using sql::LockMode;

// The items in the order in which they would run one after the other, each with what it waits for.
std::string order(const Plan& plan) {
    std::string text;
    for (const auto& item : plan.compiled.graph.items) {
        std::string after;
        for (const auto id : item.after) after += (after.empty() ? "" : ",") + plan.compiled.graph.items[id.index].name;
        text += fmt::format("{}{}({})", text.empty() ? "" : " ", item.name, after);
    }
    return text;
}

std::string table(const char* name) { return fmt::format("step {0} {{ $$ CREATE TABLE {0} (id int) $$ }}\n", name); }

}  // namespace

TEST_CASE("items of a parallel block wait for what is before the block and for what they name") {
    CHECK(order(compile_items(table("a") + table("b"))) == "a() b(a)");
    CHECK(order(compile_items(table("a") + "parallel {" + table("b") + table("c") + "}" + table("d"))) == "a() b(a) c(a) d(b,c)");
    CHECK(order(compile_items("parallel { step b after c { $$ CREATE TABLE b (id int) $$ }" + table("c") + "}")) == "c() b(c)");
    CHECK(order(compile_items("parallel {" + table("a") + "step b after a { $$ CREATE TABLE b (id int) $$ }" + table("c") + "}" + table("d"))) ==
          "a() b(a) c() d(b,c)");
    CHECK(order(compile_items("parallel { transaction {" + table("a") + table("b") + "}" +
                              "step c after b { $$ CREATE TABLE c (id int) $$ } } parallel {" + table("d") + "}")) == "a() b(a) c(b) d(c)");
}

TEST_CASE("items that wait for each other are told, with the way around") {
    const auto plan = compile_items(
        "parallel { step a after c { $$ CREATE TABLE a (id int) $$ } step b after a { $$ CREATE TABLE b (id int) $$ }"
        "step c after b { $$ CREATE TABLE c (id int) $$ } step d after a { $$ CREATE TABLE d (id int) $$ } }");
    CHECK(plan.codes() == Codes{415});
    CHECK(plan.at(415) == "step a");
    CHECK(plan.message(415) == "none of these can ever start: `a` after `c` after `b` after `a`");
}

TEST_CASE("what would be a matter of chance is refused, and where one waits for the other's lock") {
    const auto codes = [](const std::string& first, const std::string& second, const std::string& after = "") {
        Codes errors;
        const Plan plan = compile_items(fmt::format("parallel {{ step x {{ $$ {} $$  lock timeout 1s }}\nstep y {}{{ $$ {} $$  lock timeout 1s }} }}", first, after, second));
        for (const auto& d : plan.compiled.diagnostics.list())
            if (d.code / 10 == 41) errors.push_back(d.code);
        return errors;
    };
    CHECK(codes("UPDATE t SET a = 1", "UPDATE t SET b = 1") == Codes{416});
    CHECK(codes("UPDATE t SET a = 1", "UPDATE t SET b = 1", "after x ") == Codes{});
    CHECK(codes("UPDATE t SET a = 1", "INSERT INTO u SELECT * FROM t") == Codes{416});
    CHECK(codes("UPDATE public.t SET a = 1", "INSERT INTO u SELECT * FROM t") == Codes{416});
    CHECK(codes("UPDATE s.t SET a = 1", "UPDATE public.t SET a = 1") == Codes{});
    CHECK(codes("UPDATE s.t SET a = 1", "UPDATE r.t SET a = 1") == Codes{});
    CHECK(codes("INSERT INTO u SELECT * FROM t", "INSERT INTO v SELECT * FROM t") == Codes{});
    CHECK(codes("CREATE INDEX i ON t (a)", "CREATE INDEX j ON t (b)") == Codes{});
    CHECK(codes("CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY j ON t (b)") == Codes{416});
    CHECK(codes("CREATE INDEX i ON t (a)", "UPDATE t SET a = 1") == Codes{416});
    CHECK(codes("ALTER TABLE t ADD x int", "ALTER TABLE u ADD x int") == Codes{});
    CHECK(codes("ALTER TABLE t ADD x int", "ALTER TABLE t ADD y int") == Codes{416});
    CHECK(codes("DO 'BEGIN PERFORM f(); END'", "ALTER TABLE t ADD y int") == Codes{417});
}

TEST_CASE("a conflict says who does what, at the item that is written later, once") {
    const auto plan = compile_items(
        "parallel { step raise { $$ UPDATE prices SET amount = amount + 1 $$ }\nvalidate cheap { rows of prices >= 1 }\n"
        "step more { $$ UPDATE prices SET amount = 2 $$ } step other { $$ UPDATE prices SET amount = 3 $$ } }");
    CHECK(plan.codes() == Codes{416, 416, 416});
    CHECK(plan.at(416) == "validate cheap");
    CHECK(plan.message(416) == "`raise` and `cheap` may run at the same time, and `raise` changes rows of `prices` that `cheap` reads");
    CHECK(plan.help(416) == "validate cheap after raise");
}

TEST_CASE("a transaction in a block waits as a whole for what its `after` names") {
    const auto plan = compile_items(
        "parallel { step a { $$ UPDATE t SET x = 1 WHERE y = 2 $$ } transaction after a { step b { $$ CREATE TABLE b (id int) $$ } "
        "step c { $$ UPDATE t SET x = 2 WHERE y = 3 $$ } } step d after b { $$ CREATE TABLE d (id int) $$ } }");
    CHECK(plan.codes() == Codes{});
    const auto& items = plan.compiled.graph.items;
    REQUIRE(items.size() == 4);
    CHECK(items[1].after == std::vector{compiler::ItemId{0}});
    CHECK(items[2].after == std::vector{compiler::ItemId{1}});
    CHECK(items[3].after == std::vector{compiler::ItemId{2}});
    const auto unknown = compile_items("parallel { transaction after nobody { step b { $$ CREATE TABLE b (id int) $$ } } step c { $$ CREATE TABLE c (id int) $$ } }");
    CHECK(unknown.codes() == Codes{203});
    const auto own = compile_items("parallel { transaction { step b after c { $$ CREATE TABLE b (id int) $$ } step c { $$ CREATE TABLE c (id int) $$ } } }");
    CHECK(own.codes() == Codes{203});
    const auto conflicting = compile_items(
        "parallel { step a { $$ UPDATE t SET x = 1 WHERE y = 2 $$ } transaction { step c { $$ UPDATE t SET x = 2 WHERE y = 3 $$ } } }");
    CHECK(conflicting.help(416) == "transaction after a");
}

TEST_CASE("lock modes conflict as PostgreSQL's table says") {
    // https://www.postgresql.org/docs/15/explicit-locking.html, table 13.2: rows and columns in ascending strength, X where they conflict.
    constexpr const char* documented[] = {".......X", "......XX", "....XXXX", "...XXXXX", "..XX.XXX", "..XXXXXX", ".XXXXXXX", "XXXXXXXX"};
    for (std::size_t a = 0; a < 8; ++a) {
        for (std::size_t b = 0; b < 8; ++b) {
            INFO(sql::name(static_cast<LockMode>(a)) << " and " << sql::name(static_cast<LockMode>(b)));
            CHECK(compiler::conflict(static_cast<LockMode>(a), static_cast<LockMode>(b)) == (documented[a][b] == 'X'));
        }
    }
}

TEST_CASE("what a check reads in another database is read there") {
    const auto codes = [](const std::string& first, const std::string& second) {
        const Plan plan = compile_plan("plan p \"\"\ndatabase erp\ndatabase crm\nparallel {\n" + first + "\n" + second + "\n}\n");
        return plan.codes();
    };
    const std::string compares = "validate v on crm { $$ SELECT a FROM t $$ = erp $$ SELECT a FROM u $$ }";
    CHECK(codes(compares, "step s on erp { $$ UPDATE u SET a = 1 $$ }") == Codes{416});
    CHECK(codes(compares, "step s on erp { $$ UPDATE t SET a = 1 $$ }") == Codes{});
    CHECK(codes(compares, "step s on crm { $$ UPDATE t SET a = 1 $$ }") == Codes{416});
    CHECK(codes(compares, "step s on crm { $$ UPDATE u SET a = 1 $$ }") == Codes{});
    CHECK(codes(compares, "step s on erp { $$ DO 'BEGIN END' $$  rollback none \"x\" }") == Codes{417});
    CHECK(codes("validate v on crm { $$ SELECT a FROM t $$ returns nothing }", "step s on erp { $$ DO 'BEGIN END' $$  rollback none \"x\" }") == Codes{});
}
