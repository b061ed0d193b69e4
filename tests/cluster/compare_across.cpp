// Comparisons of two databases: what equals what, and what is said of the rest.
#include <algorithm>
#include <map>
#include <random>

#include "compiler/compile.hpp"
#include "tests/cluster/checks_harness.hpp"

namespace cairn::cluster {
namespace {

using compiler::ExpectSameRows;

// `here` is the item's own database, `there` the other one, which plans call legacy.
struct Pair {
    Database here, there;

    run::CheckOutcome ask(const std::string& left, const std::string& right, bool within = false) {
        return only(here, asked(left, right, within));
    }
    Asked asked(const std::string& left, const std::string& right, bool within = false) {
        Asked asked;
        asked.ask(left, ExpectSameRows{.within = within}).elsewhere("legacy", right);
        asked.others["legacy"] = there.conninfo();
        return asked;
    }
    // Each side one row of one column.
    bool equal(const std::string& left, const std::string& right) {
        const auto outcome = ask("SELECT " + left, "SELECT " + right);
        INFO(left << " and " << right << ": " << outcome.message);
        CHECK_FALSE(outcome.error);
        return outcome.passed;
    }
};

std::string evidence(const run::CheckOutcome& outcome) {
    std::string text;
    for (const auto& row : outcome.rows) {
        for (const auto& value : row) text += (&value == &row.front() ? "" : "|") + value.value_or("NULL");
        text += "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("across: values are compared as the left's type, numbers by value") {
    Pair pair;
    pair.here.execute("CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN price AS numeric(12,2)");
    pair.there.execute("CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN price AS numeric(12,4)");
    const std::vector<std::pair<std::string, std::string>> alike = {
        {"1::int", "1::bigint"}, {"1", "1.00"}, {"1", "' 1.0'::text"}, {"1.5::numeric(12,2)", "1.5::float8"}, {"100", "1e2::float8"},
        {"'NaN'::float8", "'NaN'::numeric"}, {"'NaN'::numeric", "'NaN'::real"}, {"0.1::float8", "0.1"}, {"0.1::float8", "0.1::real"},
        {"0.1::real", "0.1::float8"}, {"'-0'::float8", "0::float8"}, {"0", "'-0'::float8"}, {"1e25::numeric", "1e25::float8"},
        {"1234.5::money", "1234.5"}, {"1.10::price", "1.1::price"}, {"1::oid", "1"}, {"'1'::text", "1"}, {"true", "1"}, {"true", "'yes'::text"},
        {"'t'::text", "'t'::\"char\""}, {"date '2025-01-02'", "timestamp '2025-01-02'"}, {"date '2025-01-02'", "'2025-01-02'::text"},
        {"timestamptz '2025-01-02 04:00+04'", "timestamp '2025-01-02'"}, {"timestamptz '2025-01-02 04:00+04'", "'2025-01-02T00:00Z'::text"},
        {"timestamp '2025-01-02 03:04:05.6'", "'2025-01-02 03:04:05.600'::text"}, {"time '10:00'", "'10:00'::text"},
        {"'infinity'::date", "'infinity'::timestamp"}, {"interval '1 day'", "'1 day'::text"}, {"'\\x00ff'::bytea", "'\\x00FF'::text"},
        {"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "'a0eebc999c0b4ef8bb6d6bb9bd380a11'::text"}, {"'ab'::char(5)", "'ab '::text"},
        {"'ab'::text", "'ab'::char(5)"}, {"'ab'::varchar(9)", "'ab'::name"}, {"'{\"a\":1}'::jsonb", "'{\"a\":  1}'::json"},
        {"'{\"a\":  1}'::json", "'{\"a\":1}'::jsonb"}, {"ARRAY[1,2]", "'{1, 2}'::text"}, {"ARRAY['a','b c']::varchar[]", "ARRAY['a','b c']"},
        {"'glad'::mood", "'glad'::mood"}, {"'glad'::mood", "'glad'::text"}, {"'10.0.0.1'::inet", "'10.0.0.1'::text"},
        {"'pg_class'::regclass", "'pg_class'::regclass"}, {"B'101'", "'101'::text"}, {"'<a/>'::xml", "'<a/>'::text"}, {"ROW(1, 'a')", "ROW(1, 'a')"},
        {"NULL", "NULL::int"}, {"NULL::int", "NULL"}, {"''::text", "''::varchar"}, {"'[1,3)'::int4range", "'[1,2]'::text"}};
    for (const auto& [left, right] : alike) {
        INFO(left << " and " << right);
        CHECK(pair.equal(left, right));
    }
    const std::vector<std::pair<std::string, std::string>> different = {
        {"1", "1.5"}, {"1", "2::bigint"}, {"1.23::numeric(12,2)", "1.234"}, {"9007199254740993", "9007199254740992::float8"}, {"'1'::text", "1.0"},
        {"date '2025-01-02'", "timestamp '2025-01-02 10:00'"}, {"date '2025-01-02'", "'2025-01-02 10:00'::text"},
        {"timestamp '2025-01-02 10:00'", "'2025-01-02 10:00+04'::text"}, {"'ab '::text", "'ab'::char(5)"}, {"'ab'::varchar(2)", "'abc'::text"},
        {"'{\"a\":1}'::json", "'{\"a\": 1}'::json"}, {"'glad'::mood", "'sad'::mood"}, {"NULL", "''"}, {"NULL::int", "0"}, {"0", "NULL::int"},
        {"'a'::text", "'A'::text"}, {"'e\u0301'::text", "'\u00e9'::text"}, {"true", "false"}};
    for (const auto& [left, right] : different) {
        INFO(left << " and " << right);
        CHECK_FALSE(pair.equal(left, right));
    }
}

TEST_CASE("across: settings of a database or a role that shape text are not looked at") {
    Pair pair;
    for (const auto* setting : {"TimeZone = 'Asia/Kolkata'", "DateStyle = 'German'", "IntervalStyle = 'sql_standard'", "extra_float_digits = -5",
                                "bytea_output = 'escape'"})
        pair.there.execute("ALTER DATABASE " + pair.there.name() + " SET " + setting);
    const std::string query = "SELECT timestamptz '2025-01-02 04:00+04', date '2025-01-02', interval '1 day 2 hours', 0.1::float8 + 0.2, '\\x00ff'::bytea";
    const auto outcome = pair.ask(query, query);
    INFO(outcome.message << evidence(outcome));
    CHECK(outcome.passed);
}

TEST_CASE("across: bags of rows, in whatever order") {
    Pair pair;
    pair.here.execute("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL), (2, NULL), (10, 'a,\"b'), (NULL, '')");
    pair.there.execute("CREATE TABLE t (a bigint, b varchar); INSERT INTO t VALUES (10, 'a,\"b'), (NULL, ''), (2, NULL), (1, 'x'), (2, NULL)");
    CHECK(pair.ask("SELECT * FROM t ORDER BY a DESC", "SELECT * FROM t").passed);
    CHECK(pair.ask("SELECT a AS same, a AS same FROM t", "SELECT a, a FROM t").passed);
    CHECK(pair.ask("SELECT FROM t", "SELECT FROM t").passed);

    pair.there.execute("DELETE FROM t WHERE ctid = (SELECT ctid FROM t WHERE a = 2 LIMIT 1); INSERT INTO t VALUES (3, 'new'), (3, 'new')");
    auto outcome = pair.ask("SELECT * FROM t", "SELECT * FROM t");
    CHECK_FALSE(outcome.passed);
    CHECK(outcome.message == "expected the same rows, seen others: 5 rows on the left, 6 on the right; 1 only on the left, 2 only on the right");
    CHECK(evidence(outcome) == "left only|1|(2,)\nright only|2|(3,new)\n");
    CHECK_FALSE(pair.ask("SELECT FROM t", "SELECT FROM t").passed);

    CHECK(pair.ask("SELECT a FROM t", "SELECT a FROM t", true).passed);
    CHECK(pair.ask("SELECT b FROM t", "SELECT DISTINCT b FROM t", true).passed);
    pair.here.execute("INSERT INTO t VALUES (7, 'a,\"b')");
    outcome = pair.ask("SELECT * FROM t", "SELECT * FROM t", true);
    CHECK(outcome.message == "expected every row of the left (6 rows) on the right (6 rows), seen others; 1 only on the left");
    CHECK(evidence(outcome) == "left only|1|(7,\"a,\"\"b\")\n");
}

TEST_CASE("across: two empty answers fail, and of many differences the first are shown") {
    Pair pair;
    CHECK(pair.ask("SELECT 1 WHERE false", "SELECT 1 WHERE false").message ==
          "expected rows on both sides, seen none: two empty answers prove nothing");
    CHECK_FALSE(pair.ask("SELECT 1 WHERE false", "SELECT 1 WHERE false", true).passed);
    const auto outcome = pair.ask("SELECT n FROM generate_series(1, 1000) n", "SELECT n FROM generate_series(501, 1500) n");
    CHECK(outcome.rows.size() == 10);
    CHECK(outcome.message.ends_with("500 only on the left, 500 only on the right"));
    CHECK(std::count_if(outcome.rows.begin(), outcome.rows.end(), [](const auto& row) { return row.at(0) == "left only"; }) == 5);
    CHECK(pair.ask("SELECT n FROM generate_series(1, 1000) n", "SELECT 0 WHERE false", true).rows.size() == 10);
    CHECK(pair.ask("SELECT n FROM generate_series(1, 1000) n", "SELECT 7").rows.size() == 10);
    CHECK(evidence(pair.ask("SELECT n FROM generate_series(1, 9) n", "SELECT n FROM generate_series(10, 99) n ORDER BY n LIMIT 1")).find("right only|1|(10)") !=
          std::string::npos);
    const auto long_row = pair.ask("SELECT repeat('ä', 100000)", "SELECT repeat('ö', 100000)");
    CHECK(long_row.rows.at(0).at(2)->size() < 1100);
}

TEST_CASE("across: sides that can't be held against each other say why") {
    Pair pair;
    CHECK(pair.ask("SELECT 1, 2", "SELECT 1").message == "expected the same columns, seen 2 columns on the left and 1 column on the right (`legacy`)");

    pair.there.execute("CREATE TABLE old (id int, price text); INSERT INTO old SELECT n, n / 10.0 FROM generate_series(1, 5000) n;"
                       "UPDATE old SET price = 'n/a' WHERE id = 4321");
    auto outcome = pair.ask("SELECT 1, 1.5::numeric", "SELECT id, price FROM old");
    CHECK_FALSE(outcome.error);
    CHECK(outcome.message == "expected values that can be compared as numeric, seen `n/a` in column 2 (`price`) on the right (`legacy`)");
    CHECK(evidence(outcome) == "right|1|(4321,n/a)\n");

    outcome = pair.ask("SELECT 1::float8", "SELECT 1e400::numeric");
    CHECK(outcome.message.find("can be compared as double precision") != std::string::npos);
    CHECK(pair.ask("SELECT true", "SELECT 2").message ==
          "expected values that can be compared as boolean, seen `2` in column 1 (`?column?`) on the right (`legacy`)");
}

TEST_CASE("across: a side whose query fails is named, and the next check is asked all the same") {
    Pair pair;
    auto asked = pair.asked("SELECT 1", "SELECT nothing");
    asked.ask("SELECT 1", ExpectSameRows{}).elsewhere("legacy", "SELECT 1 / (n - 5) FROM generate_series(1, 9) n");
    asked.ask("SELECT missing", ExpectSameRows{}).elsewhere("legacy", "SELECT 1");
    asked.ask("SELECT 1 / (n - 5) FROM generate_series(1, 9) n", ExpectSameRows{}).elsewhere("legacy", "SELECT 1 FROM generate_series(1, 100000)");
    asked.ask("SELECT 1", ExpectSameRows{}).elsewhere("legacy", "SELECT 1");
    const auto outcomes = outcomes_of(pair.here, asked);
    REQUIRE(outcomes.size() == 5);
    CHECK(outcomes[0].error->message == "database `legacy`: column \"nothing\" does not exist (42703)");
    CHECK(asked.place(*outcomes[0].error->where) == "nothing");
    CHECK(outcomes[1].error->message == "database `legacy`: division by zero (22012)");
    CHECK(outcomes[2].error->message == "column \"missing\" does not exist (42703)");
    CHECK(outcomes[3].error->message == "division by zero (22012)");
    CHECK(outcomes[4].passed);
}

TEST_CASE("across: the other database out of reach, gone on the way, or closed to the role") {
    Pair pair;
    auto asked = pair.asked("SELECT 1", "SELECT 1");
    asked.ask("SELECT 1", number(compiler::Op::equal, "1"));
    asked.others["legacy"] = "host=/nowhere";
    auto outcomes = outcomes_of(pair.here, asked);
    REQUIRE(outcomes.size() == 2);
    CHECK(outcomes[0].error->code == 701);
    CHECK(outcomes[0].message.find("database `legacy` can't be reached") != std::string::npos);
    CHECK(outcomes[1].passed);

    const auto gone = pair.asked("SELECT 1", "SELECT pg_terminate_backend(pg_backend_pid())");
    outcomes = outcomes_of(pair.here, gone);
    CHECK(outcomes.back().error->code == 754);
    CHECK(outcomes.back().message.find("legacy") != std::string::npos);

    auto second = own_server();
    Database there(second);
    there.execute("CREATE TABLE secret (id int); CREATE ROLE reader LOGIN");
    auto refused = pair.asked("SELECT 1", "SELECT id FROM secret");
    refused.checks[0].elsewhere->query.facts.reads = {"secret"};
    refused.others["legacy"] = there.conninfo() + " user=reader";
    const auto outcome = only(pair.here, refused);
    CHECK(outcome.error->message == "database `legacy`: permission denied for table secret (42501)");
    CHECK(outcome.error->help == "GRANT SELECT ON secret TO reader");
}

TEST_CASE("across: databases of different encodings and collations order their rows alike") {
    Pair pair;
    const std::string words = "SELECT w FROM unnest(ARRAY['ёж', 'Ёлка', 'яма', 'абв', 'Я', 'z', 'Z', '_', 'a b', 'ab', 'A', '', ' ', 'юг', 'Юг', 'Ж']) w "
                              "CROSS JOIN generate_series(1, 3)";
    for (const auto* encoding : {"KOI8R", "WIN1251", "ISO_8859_5"}) {
        const std::string name = pair.there.name() + "_" + encoding;
        INFO(encoding);
        pair.there.execute("CREATE DATABASE \"" + name + "\" ENCODING '" + encoding + "' LOCALE 'C' TEMPLATE template0");
        auto asked = pair.asked(words, words);
        asked.others["legacy"] = server().conninfo(name);
        const auto outcome = only(pair.here, asked);
        INFO(outcome.message << evidence(outcome));
        CHECK(outcome.passed);
        pair.there.execute("DROP DATABASE \"" + name + "\" (FORCE)");
    }
    pair.here.execute("CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level1', deterministic = false)");
    CHECK_FALSE(pair.equal("'a' COLLATE folded", "'A'::text"));
    const auto outcome = pair.ask("SELECT w COLLATE folded FROM unnest(ARRAY['a', 'B', 'b', 'A', 'ä', 'z']) w",
                                  "SELECT w FROM unnest(ARRAY['z', 'ä', 'A', 'b', 'B', 'a']) w");
    CHECK(outcome.passed);
}

TEST_CASE("across: a transaction's own changes are compared, and nothing of the check stays") {
    Pair pair;
    pair.here.execute("CREATE TABLE t (a int)");
    auto session = pair.here.connect();
    REQUIRE(session.script("BEGIN; INSERT INTO t VALUES (1)").ok());
    auto asked = pair.asked("SELECT a FROM t", "SELECT 1");
    execute::OtherDatabases others(asked.others, "test");
    const auto outcomes = execute::run_checks(session, others, asked.checks, false);
    CHECK(outcomes.at(0).passed);
    CHECK(session.query("SHOW bytea_output").ok());
    CHECK(session.query("COMMIT").tag == "COMMIT");
    CHECK(pair.here.query("SELECT * FROM t") == "1");
}

TEST_CASE("across: whatever the rows, two databases are judged as one would be") {
    Pair pair;
    std::mt19937 random(20260115);
    const auto any = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
    const std::vector<std::string> texts = {"NULL", "''", "' '", "'a'", "'A'", "'ä'", "'a b'", "E'a\\\\b'", "'\"'", "'10'", "'9'"};
    const auto rows = [&](int most) {
        std::string values;
        for (int i = 1 + any(most); i > 0; --i)
            values += (values.empty() ? "VALUES (" : ", (") + (any(4) == 0 ? "NULL::int" : std::to_string(any(12)) + "::int") + ", " +
                      texts[static_cast<std::size_t>(any(static_cast<int>(texts.size())))] + "::text)";
        return values;
    };
    const auto compiled = [&](const std::string& left, const std::string& sign, const std::string& right) {
        return "plan p \"\"\ndatabase erp\nvalidate v { $$ " + left + " $$ " + sign + " $$ " + right + " $$ }";
    };
    int passed = 0;
    for (int round = 0; round < 200; ++round) {
        const bool within = any(2) == 0;
        const std::string left = rows(3);
        // Often the same rows once more, some of them twice.
        const std::string right = any(2) == 0 ? rows(30) : any(2) == 0 ? left + ", " + rows(4).substr(7) : "SELECT * FROM (" + left + ") r ORDER BY random()";
        INFO(left << "\n" << (within ? "within" : "=") << "\n" << right);
        const auto plan = compiler::compile("p.cairn", compiled(left, within ? "within" : "=", right), compiler::file_loader("."), {});
        REQUIRE_FALSE(plan.graph.items.empty());
        Asked one;
        one.sources = plan.sources;
        one.checks = std::get<compiler::ValidateItem>(plan.graph.items[0].body).checks;
        const auto expected = only(pair.here, one);
        const auto seen = pair.ask(left, right, within);
        CHECK(seen.passed == expected.passed);
        passed += seen.passed ? 1 : 0;
    }
    CHECK(passed > 40);
    CHECK(passed < 160);
}

}  // namespace cairn::cluster
