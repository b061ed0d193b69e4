// What a check says of an answer: passed in silence, or failed with what was seen.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

#include "runtime/execute/answer.hpp"
#include "runtime/execute/compare.hpp"
#include "runtime/execute/free_space.hpp"

using namespace cairn;
using namespace cairn::execute;
using compiler::ExpectValue;
using compiler::Op;

namespace {

// An answer of rows of one column each.
Found column(const std::vector<postgres::Value>& values, std::size_t keep = 10) {
    Found found;
    found.columns = {"value"};
    Collector collect(found, keep);
    for (const auto& value : values) collect({value});
    return found;
}

ExpectValue expect(ExpectValue::Kind kind, Op op, const std::string& value,
                   const std::string& written = "") {
    ExpectValue e;
    e.kind = kind;
    e.op = op;
    e.value = value;
    e.written = written;
    return e;
}

template <class Expect>
run::CheckOutcome judged(const Expect& e, const Found& found) {
    run::CheckOutcome outcome;
    (void)judge(e, found, outcome);
    return outcome;
}

constexpr auto number = ExpectValue::Kind::number;

}  // namespace

TEST_CASE("a value check passes in silence and fails with what it saw") {
    CHECK(judged(expect(number, Op::greater_equal, "10"), column({"10"})).passed);
    CHECK(judged(expect(number, Op::greater_equal, "10"), column({"10"})).message.empty());
    const auto failed = judged(expect(number, Op::greater_equal, "0.95", "95%"), column({"0.93"}));
    CHECK_FALSE(failed.passed);
    CHECK(failed.message == "expected >= 95%, seen `0.93`");
}

TEST_CASE("a value check needs one row, one column and a value") {
    const auto any = expect(number, Op::not_equal, "3");
    CHECK(judged(any, column({})).message == "expected <> 3, seen no row");
    CHECK(judged(any, column({"1", "2"})).message == "expected <> 3, seen 2 rows");
    CHECK(judged(any, column({"1", "2"})).rows.size() == 2);
    CHECK(judged(any, column({std::nullopt})).message == "expected <> 3, seen NULL");
    CHECK_FALSE(judged(any, column({std::nullopt})).passed);
    CHECK(judged(any, column({"many"})).message ==
          "expected <> 3, seen `many`, which is no number");
    CHECK_FALSE(judged(any, column({"NaN"})).passed);
    Found wide;
    wide.columns = {"a", "b"};
    Collector(wide, 10)({"1", "2"});
    CHECK(judged(any, wide).message == "expected <> 3, seen 2 columns where one value is compared");
    CHECK_FALSE(judged(any, wide).passed);
}

TEST_CASE("booleans are taken in both of PostgreSQL's spellings") {
    const auto truth = expect(ExpectValue::Kind::boolean, Op::equal, "true");
    CHECK(judged(truth, column({"t"})).passed);
    CHECK(judged(truth, column({"true"})).passed);
    CHECK(judged(truth, column({"f"})).message == "expected = true, seen false");
    CHECK(judged(expect(ExpectValue::Kind::boolean, Op::not_equal, "true"), column({"f"})).passed);
    CHECK(judged(truth, column({"on"})).message ==
          "expected = true, seen `on`, which is no boolean");
    CHECK(judged(truth, column({std::nullopt})).message == "expected = true, seen NULL");
}

TEST_CASE("text is equal only to itself, and its order is the server's to say") {
    CHECK(judged(expect(ExpectValue::Kind::text, Op::equal, "on"), column({"on"})).passed);
    CHECK_FALSE(judged(expect(ExpectValue::Kind::text, Op::equal, "on"), column({"on "})).passed);
    CHECK(judged(expect(ExpectValue::Kind::text, Op::not_equal, "on"), column({"off"})).passed);
    run::CheckOutcome outcome;
    const auto question =
        judge(expect(ExpectValue::Kind::text, Op::less, "b"), column({"a"}), outcome);
    REQUIRE(question);
    CHECK(question->sql == "SELECT $1::pg_catalog.text OPERATOR(pg_catalog.<) $2::pg_catalog.text");
    CHECK_FALSE(outcome.passed);
}

TEST_CASE("an interval is compared by the server, a bare number is none") {
    run::CheckOutcome outcome;
    const auto limit = expect(ExpectValue::Kind::interval, Op::less, "30 seconds", "30s");
    const auto question = judge(limit, column({"00:00:12"}), outcome);
    REQUIRE(question);
    CHECK(question->left == "00:00:12");
    CHECK(question->right == "30 seconds");
    CHECK(outcome.message == "expected < 30s, seen `00:00:12`");
    CHECK_FALSE(judge(limit, column({"12"}), outcome));
    CHECK(outcome.message == "expected < 30s, seen `12`, which is a number and no interval");
    CHECK_FALSE(outcome.passed);
}

TEST_CASE("rows where none may be are counted, and the first ten shown") {
    std::vector<postgres::Value> values;
    for (int i = 0; i < 25; ++i) values.emplace_back(std::to_string(i));
    const auto outcome = judged(compiler::ExpectNothing{}, column(values));
    CHECK_FALSE(outcome.passed);
    CHECK(outcome.message == "expected no row, seen 25");
    CHECK(outcome.rows.size() == 10);
    CHECK(outcome.total_rows == 25);
    CHECK(judged(compiler::ExpectNothing{}, column({})).passed);
}

TEST_CASE("a row without columns is still a row") {
    Found found;
    Collector(found, 10)({});
    CHECK_FALSE(judged(compiler::ExpectNothing{}, found).passed);
}

TEST_CASE("true must be said by one row, and a false one tells the rest of it") {
    CHECK(judged(compiler::ExpectTrue{}, column({"t"})).passed);
    CHECK(judged(compiler::ExpectTrue{}, column({})).message == "expected true, seen no row");
    CHECK(judged(compiler::ExpectTrue{}, column({std::nullopt})).message ==
          "expected true, seen NULL");
    CHECK_FALSE(judged(compiler::ExpectTrue{}, column({"t", "t"})).passed);
    Found found;
    found.columns = {"ok", "type"};
    Collector(found, 10)({"f", "text"});
    const auto outcome = judged(compiler::ExpectTrue{}, found);
    CHECK(outcome.message == "type text");
}

TEST_CASE("something is what EXISTS says") {
    CHECK(judged(compiler::ExpectSomething{}, column({"t"})).passed);
    CHECK(judged(compiler::ExpectSomething{}, column({"f"})).message ==
          "expected at least one row, seen none");
    CHECK_FALSE(judged(compiler::ExpectSomething{}, column({})).passed);
}

TEST_CASE("two bags of rows: equal, different, and both empty") {
    Found found;
    found.columns = {"side", "n", "row"};
    Collector collect(found, 11);
    collect({"count", "12", "12"});
    CHECK(judged(compiler::ExpectSameRows{}, found).passed);
    collect({"left", "1", "(7,x)"});
    const auto outcome = judged(compiler::ExpectSameRows{}, found);
    CHECK_FALSE(outcome.passed);
    CHECK(outcome.rows.size() == 1);

    Found empty;
    empty.columns = found.columns;
    Collector(empty, 11)({"count", "0", "0"});
    CHECK_FALSE(judged(compiler::ExpectSameRows{}, empty).passed);
    CHECK_FALSE(judged(compiler::ExpectSameRows{}, Found{}).passed);
}

TEST_CASE("show never fails, and shows") {
    const auto outcome = judged(compiler::ExpectAny{}, column({"a", "b"}));
    CHECK(outcome.passed);
    CHECK(outcome.rows.size() == 2);
    CHECK(judged(compiler::ExpectAny{}, column({})).passed);
}

TEST_CASE("an index is used where any node of the plan names it") {
    compiler::ExpectUsesIndex wanted;
    wanted.index = R"(public."Idx.1")";
    const auto used = judged(wanted, column({R"([{"Plan":{"Node Type":"Sort","Plans":[
        {"Node Type":"Bitmap Heap Scan","Relation Name":"t","Plans":[
            {"Node Type":"Bitmap Index Scan","Index Name":"Idx.1"}]}]}}])"}));
    CHECK(used.passed);
    const auto other =
        judged(wanted, column({R"([{"Plan":{"Node Type":"Seq Scan","Relation Name":"t"}}])"}));
    CHECK_FALSE(other.passed);
    CHECK(other.message ==
          R"(expected a plan that uses index `public."Idx.1"`, seen `Seq Scan on t`)");
    CHECK_FALSE(judged(wanted, column({"no json"})).passed);
    CHECK_FALSE(judged(wanted, column({"[{}]"})).passed);
    CHECK_FALSE(judged(wanted, column({"[]"})).passed);
}

TEST_CASE("long values are cut between characters") {
    CHECK(cut("abc", 3) == "abc");
    CHECK(cut("abcd", 3) == "abc…");
    CHECK(cut("aäb", 2) == "a…");
    const auto outcome = judged(compiler::ExpectNothing{}, column({std::string(100'000, 'x')}));
    CHECK(outcome.rows.at(0).at(0)->size() < 1100);
}

TEST_CASE("sizes read as PostgreSQL's settings do") {
    CHECK(size_in_words(512) == "512B");
    CHECK(size_in_words(1536) == "1.5kB");
    CHECK(size_in_words(20.0 * 1024 * 1024 * 1024) == "20.0GB");
}

TEST_CASE("free space is looked for at the nearest folder that is there") {
    compiler::ExpectFreeSpace space;
    space.path = "no/such/folder/yet";
    space.bytes = 1;
    run::CheckOutcome outcome;
    judge_space(space, std::nullopt, "/tmp", outcome);
    CHECK(outcome.passed);
    space.bytes = std::int64_t{1} << 62;
    outcome = {};
    judge_space(space, std::nullopt, "/tmp", outcome);
    CHECK_FALSE(outcome.passed);
    CHECK_THAT(outcome.message,
               Catch::StartsWith("expected >= 4096.0PB free on `no/such/folder/yet`, seen "));
}

TEST_CASE("free space against a database needs its size") {
    compiler::ExpectFreeSpace space;
    space.path = ".";
    space.factor = 2;
    run::CheckOutcome outcome;
    judge_space(space, "1", "/tmp", outcome);
    CHECK(outcome.passed);
    outcome = {};
    judge_space(space, std::nullopt, "/tmp", outcome);
    CHECK_FALSE(outcome.passed);
    CHECK(outcome.message == "expected the database's size, seen none");
}

TEST_CASE("a number of bytes is told as a size beside") {
    CHECK(judged(expect(number, Op::less, "1048576", "1MB"), column({"8528399"})).message ==
          "expected < 1MB, seen `8528399` (8.1MB)");
    CHECK(judged(expect(number, Op::less, "1048576", "1MB"), column({"big"})).message ==
          "expected < 1MB, seen `big`, which is no number");
}

TEST_CASE("free space that can't be read is an error, not a pass") {
    std::string pattern = (std::filesystem::temp_directory_path() / "cairn_space_XXXXXX").string();
    const std::filesystem::path folder = mkdtemp(pattern.data());
    std::filesystem::create_symlink("loop", folder / "loop");
    compiler::ExpectFreeSpace space;
    space.path = "loop";
    space.bytes = 1;
    run::CheckOutcome outcome;
    judge_space(space, std::nullopt, folder, outcome);
    std::filesystem::remove_all(folder);
    CHECK_FALSE(outcome.passed);
    REQUIRE(outcome.error);
    CHECK(outcome.error->code == 753);
    CHECK(outcome.message ==
          "free space on `loop` can't be read: Too many levels of symbolic links");
}
