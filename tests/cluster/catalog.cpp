// The state of a database: whatever a user can change shows, and what is as before compares equal.
// catalog/changes.cases has a change a line, for each kind of object.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "runtime/catalog/state_reader.hpp"
#include "tests/cluster/cases.hpp"
#include "tests/cluster/harness.hpp"

using namespace cairn;
using catalog::Likeness;
using cluster::Database;

namespace {

std::string lines(const catalog::Difference& difference) {
    std::string text;
    for (const auto& line : difference.lines) text += line + "\n";
    return text;
}

}  // namespace

TEST_CASE(
    "every change of a definition or a row shows under its object, and what is undone compares "
    "exact") {
    Database database;
    database.execute(cluster::test_file("catalog/changes.sql"));
    database.execute(
        "CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, "
        "slot_name = NONE)");
    auto before = state_of(database);
    for (const auto& [number, change, parts] : cluster::read_cases("catalog/changes.cases")) {
        INFO("line " << number << ": " << change);
        database.execute(parts.at(0));
        const auto changed = state_of(database);
        const auto difference = catalog::compare(before, changed);
        INFO(lines(difference));
        CHECK(difference.likeness == Likeness::differs);
        CHECK(std::any_of(difference.lines.begin(), difference.lines.end(),
                          [&](const auto& line) { return line.starts_with(parts.at(1)); }));
        if (parts.size() == 2) {
            before = changed;
            continue;
        }
        database.execute(parts.at(2));
        const auto back = catalog::compare(before, state_of(database));
        INFO("after: " << lines(back));
        CHECK(back.likeness == Likeness::exact);
        CHECK(back.lines.empty());
    }
}

TEST_CASE("two databases made by the same statements are alike, whatever their OIDs") {
    Database one, two;
    two.execute("CREATE TABLE first (a int); DROP TABLE first");
    for (auto* database : {&one, &two}) database->execute(cluster::test_file("catalog/changes.sql"));
    const auto difference = catalog::compare(state_of(one), state_of(two));
    CHECK(lines(difference) == "");
    CHECK(difference.likeness == Likeness::exact);
}

TEST_CASE("a re-created column differs by its position only, if its values are back") {
    Database database;
    database.execute("CREATE TABLE t (a int, b text, c date); INSERT INTO t VALUES (1, 'x', NULL)");
    const auto before = state_of(database);
    database.execute("ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN b text");
    CHECK(catalog::compare(before, state_of(database)).likeness == Likeness::differs);
    database.execute("UPDATE t SET b = 'x'");
    const auto difference = catalog::compare(before, state_of(database));
    CHECK(difference.likeness == Likeness::column_order);
    CHECK(lines(difference) == "column order public.t: a, b, c -> a, c, b\n");
}

TEST_CASE("a column more is one line of difference, not two") {
    Database database;
    database.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)");
    const auto before = state_of(database);
    database.execute("ALTER TABLE t ADD COLUMN b text");
    CHECK(lines(catalog::compare(before, state_of(database))) ==
          "column public.t.b: (none) -> text\n");
    database.execute("DELETE FROM t WHERE a = 1");
    CHECK(lines(catalog::compare(before, state_of(database))) ==
          "column public.t.b: (none) -> text\nrows of public.t: 2 rows -> 1 row\n");
}

TEST_CASE("the digest tells apart what hash functions of PostgreSQL fold together") {
    Database database;
    const auto differ = [&](const std::string& type, const std::string& one,
                            const std::string& other) {
        INFO(type << ": " << one << " against " << other);
        database.execute("DROP TABLE IF EXISTS t; CREATE TABLE t (a int, v " + type + ")");
        database.execute("INSERT INTO t VALUES (1, " + one + ")");
        const auto before = state_of(database);
        database.execute("UPDATE t SET v = " + other);
        CHECK(catalog::compare(before, state_of(database)).likeness == Likeness::differs);
    };
    differ("bigint", "1", "4294967296");
    differ("numeric", "1.0", "1.00");
    differ("text", "''", "NULL");
    differ("text", "'='", "''");
    differ("float8", "0.1", "0.1 + 1e-17 + 2e-17");
    differ("float8", "'0'", "'-0'");
    differ("json", "'{\"a\":1}'", "'{\"a\": 1}'");
    differ("xml", "'<a/>'", "'<b/>'");
    differ("point", "'(1,2)'", "'(1,3)'");
    differ("bit(3)", "'101'", "'111'");
    differ("tsvector", "'a'", "'b'");
    differ("timestamptz", "'2025-01-01 00:00+00'", "'2025-01-01 00:00:00.000001+00'");
    differ("int[]", "'{1,NULL}'", "'{1}'");
    differ("bpchar", "'a '", "'a'");
    differ("int[]", "'[0:0]={1}'", "'{1}'");
    database.execute(
        "CREATE TYPE version AS (major int, minor int); "
        "CREATE FUNCTION shown(v version) RETURNS text LANGUAGE sql AS 'SELECT v.major::text'; "
        "CREATE CAST (version AS text) WITH FUNCTION shown AS ASSIGNMENT");
    differ("version", "'(1,2)'", "'(1,3)'");
    differ("version", "'(,)'", "NULL");
}

TEST_CASE("duplicate rows and values that change places show") {
    Database database;
    database.execute(
        "CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 2), (1, 2), (3, 4), (3, 4)");
    const auto before = state_of(database);
    const auto after = [&](const std::string& sql) {
        database.execute("BEGIN; " + sql + "; COMMIT");
        return catalog::compare(before, state_of(database)).likeness;
    };
    CHECK(after("UPDATE t SET a = b, b = a") == Likeness::differs);
    CHECK(after("UPDATE t SET a = b, b = a") == Likeness::exact);
    CHECK(after("DELETE FROM t; INSERT INTO t VALUES (5, 6), (5, 6), (3, 4), (3, 4)") ==
          Likeness::differs);
    CHECK(after("DELETE FROM t; INSERT INTO t VALUES (3, 4), (1, 2), (3, 4), (1, 2)") ==
          Likeness::exact);
}

TEST_CASE("a sequence that has moved on is a note, one that has fallen back a difference") {
    Database database;
    database.execute("CREATE SEQUENCE s; SELECT nextval('s'), nextval('s')");
    const auto before = state_of(database);
    database.execute("SELECT nextval('s')");
    auto difference = catalog::compare(before, state_of(database));
    CHECK(difference.likeness == Likeness::exact);
    REQUIRE(difference.notes.size() == 1);
    CHECK(difference.notes[0] == "value of sequence public.s: 2 called -> 3 called");
    database.execute("SELECT setval('s', 1)");
    difference = catalog::compare(before, state_of(database));
    CHECK(difference.likeness == Likeness::differs);
    CHECK(lines(difference) == "value of sequence public.s: 2 called -> 1 called\n");
}

TEST_CASE("the schema cairn and temporary tables are left out") {
    Database database;
    const auto before = state_of(database);
    database.execute(
        "CREATE SCHEMA cairn; CREATE TABLE cairn.runs (id int); COMMENT ON TABLE cairn.runs IS 'x';"
        "CREATE FUNCTION cairn.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TEMP TABLE mine "
        "(a int)");
    CHECK(lines(catalog::compare(before, state_of(database))) == "");
}

TEST_CASE("a table that may not be read, or only in part, is an error and not an empty table") {
    Database database;
    database.execute(
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1); ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
        "GRANT SELECT ON t TO pg_monitor");
    auto session = database.connect();
    REQUIRE(session.query("SET ROLE pg_monitor").ok());
    const auto state = catalog::read_state(session);
    REQUIRE(std::holds_alternative<compiler::Diagnostic>(state));
    CHECK(std::get<compiler::Diagnostic>(state).code == 635);
    CHECK_THAT(std::get<compiler::Diagnostic>(state).message,
               Catch::Contains("row-level security"));
    CHECK(session.query("SELECT 1").ok());
}

TEST_CASE("what is read again by what has moved equals what is read as a whole") {
    Database database;
    auto reading = database.connect();
    auto whole = database.connect();
    cairn::catalog::StateReader reader;
    const auto agrees = [&](const std::string& after) {
        INFO(after);
        if (!after.empty()) database.execute(after);
        auto again = reader.read(reading);
        REQUIRE(std::holds_alternative<const catalog::State*>(again));
        auto anew = cairn::catalog::read_state(whole);
        REQUIRE(std::holds_alternative<catalog::State>(anew));
        const auto& state = *std::get<const catalog::State*>(again);
        CHECK(state.objects == std::get<catalog::State>(anew).objects);
        CHECK(state.contents == std::get<catalog::State>(anew).contents);
    };
    agrees("");
    agrees("CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE t (id serial PRIMARY KEY, m mood, "
           "c regclass, v text); CREATE TABLE u (a int, b int)");
    agrees("INSERT INTO t (m, c, v) SELECT 'sad', 'u', n FROM generate_series(1, 100) n; "
           "INSERT INTO u SELECT n, n FROM generate_series(1, 100) n");
    agrees("");
    agrees("UPDATE u SET b = b + 1 WHERE a = 7");
    agrees("DELETE FROM u WHERE a = 8");
    agrees("BEGIN; DELETE FROM u; ROLLBACK");
    agrees("BEGIN; DELETE FROM u WHERE a = 9; INSERT INTO u VALUES (9, 10); COMMIT");
    agrees("BEGIN; SAVEPOINT s; UPDATE u SET b = 0; ROLLBACK TO s; UPDATE u SET b = 1 WHERE a = 1; COMMIT");
    agrees("SELECT nextval('t_id_seq')");
    agrees("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'");
    agrees("ALTER TABLE u RENAME TO w");
    agrees("ALTER TABLE w RENAME COLUMN b TO c");
    agrees("ALTER TABLE w ADD COLUMN d int DEFAULT 4");
    agrees("ALTER TABLE w ALTER COLUMN d TYPE text USING d || '!'");
    agrees("ALTER TABLE w DROP COLUMN d");
    agrees("VACUUM FULL w");
    agrees("TRUNCATE w");
    agrees("DROP TABLE w; CREATE TABLE w (a int); INSERT INTO w VALUES (5)");
    agrees("SELECT lo_from_bytea(4711, 'abc')");
    agrees("SELECT lo_put(4711, 1, 'x')");
    agrees("CREATE MATERIALIZED VIEW mv AS SELECT a FROM w");
    agrees("UPDATE w SET a = 6; REFRESH MATERIALIZED VIEW mv");
    agrees("COMMENT ON TABLE w IS 'w'; GRANT SELECT ON w TO PUBLIC");
    agrees("DROP TABLE w CASCADE; DROP TABLE t");
}
