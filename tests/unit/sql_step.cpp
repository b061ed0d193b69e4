// What one statement of a step makes known to those after it.
#include <catch2/catch.hpp>

#include <string>

#include "compiler/sql/facts.hpp"

using namespace cairn::sql;

namespace {

// The way back of the last statement of `sql`.
Reversal last(const std::string& sql) {
    const Analysis analysis = analyse(sql);
    REQUIRE_FALSE(analysis.failure);
    return analysis.statements.back().reversal;
}

// All of the way back, in the order in which it is run.
std::string undo(const std::string& sql) {
    const Analysis analysis = analyse(sql);
    REQUIRE_FALSE(analysis.failure);
    std::string out;
    for (auto facts = analysis.statements.rbegin(); facts != analysis.statements.rend(); ++facts) {
        CHECK(facts->reversal != Reversal::unknown);
        for (const Inverse& inverse : facts->inverse) out += inverse.sql + ";";
    }
    return out;
}

constexpr auto within = Reversal::within_created;
constexpr auto unknown = Reversal::unknown;

}  // namespace

TEST_CASE("what happens to a table the step created goes with the table") {
    const std::string made = "CREATE TABLE n (id int);";
    for (const char* sql :
         {"CREATE INDEX ON n (id)", "CREATE UNIQUE INDEX i ON n (id)",
          "INSERT INTO n SELECT id FROM t",
          "ALTER TABLE n ADD CHECK (id > 0), ALTER id TYPE bigint", "UPDATE n SET id = 1",
          "DELETE FROM n", "TRUNCATE n", "GRANT SELECT ON n TO joe",
          "COMMENT ON COLUMN n.id IS 'x'", "ALTER TABLE n ENABLE ROW LEVEL SECURITY",
          "CREATE POLICY p ON n USING (true)",
          "CREATE TRIGGER t BEFORE INSERT ON n FOR EACH ROW EXECUTE FUNCTION f()",
          "ALTER TABLE n OWNER TO joe"}) {
        INFO(sql);
        CHECK(last(made + sql) == within);
    }
}

TEST_CASE("what may have been there before is not the step's own") {
    CHECK(last("CREATE TABLE IF NOT EXISTS n (id int); INSERT INTO n VALUES (1)") == unknown);
    CHECK(last("CREATE TABLE n (id int); INSERT INTO public.n VALUES (1)") == unknown);
    CHECK(last("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'; "
               "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 2'") == unknown);
}

TEST_CASE("rows that lead out of the step's own tables do not stay inside") {
    CHECK(last("CREATE VIEW v AS SELECT * FROM t; DELETE FROM v") == unknown);
    CHECK(last("CREATE TABLE n (id int); CREATE TRIGGER g BEFORE INSERT ON n FOR EACH ROW EXECUTE "
               "FUNCTION f(); "
               "INSERT INTO n VALUES (1)") == unknown);
    CHECK(last("CREATE TABLE n (id int PRIMARY KEY); ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY "
               "(a) REFERENCES n "
               "ON DELETE CASCADE; DELETE FROM n") == unknown);
    CHECK(last("CREATE TABLE n PARTITION OF p DEFAULT; INSERT INTO n VALUES (1)") == unknown);
    CHECK(last("CREATE TABLE n (id int); TRUNCATE n CASCADE") == unknown);
    CHECK(last("CREATE TABLE n (id int); INSERT INTO n SELECT f()") == unknown);
    CHECK(last("CREATE TABLE n (id int); WITH d AS (DELETE FROM t RETURNING id) INSERT INTO n "
               "SELECT * FROM d") == unknown);
    CHECK(last("CREATE TABLE n (id int) PARTITION BY RANGE (id); ALTER TABLE n ATTACH PARTITION t "
               "DEFAULT") == unknown);
}

TEST_CASE("after another search path a name may mean another object") {
    CHECK(last("CREATE TABLE n (id int); SET search_path = other; INSERT INTO n VALUES (1)") ==
          unknown);
    CHECK(last("CREATE TABLE n (id int); SELECT set_config('search_path', 'x', true); DELETE FROM "
               "n") == unknown);
    CHECK(last("CREATE TABLE n (id int); SET work_mem = '4MB'; INSERT INTO n VALUES (1)") ==
          within);
}

TEST_CASE("new names are followed") {
    CHECK(last("CREATE TABLE n (id int); ALTER TABLE n RENAME TO m; INSERT INTO m VALUES (1)") ==
          within);
    CHECK(last("CREATE TABLE n (id int); ALTER TABLE n RENAME TO m; INSERT INTO n VALUES (1)") ==
          unknown);
    CHECK(last("CREATE TABLE app.n (id int); ALTER TABLE app.n SET SCHEMA s; INSERT INTO s.n "
               "VALUES (1)") == within);
    CHECK(
        undo("CREATE TABLE n (id int); ALTER TABLE t RENAME TO t_old; ALTER TABLE n RENAME TO t") ==
        "ALTER TABLE t RENAME TO n;ALTER TABLE t_old RENAME TO t;DROP TABLE n;");
}

TEST_CASE("what a step creates and drops again needs no way back") {
    CHECK(undo("CREATE TABLE n (id int); INSERT INTO n VALUES (1); DROP TABLE n").empty());
    CHECK(undo("CREATE TABLE n (id int); ALTER TABLE n RENAME TO m; DROP TABLE m").empty());
    CHECK(undo("CREATE TABLE n (id int); CREATE VIEW v AS SELECT 1; DROP TABLE n") ==
          "DROP VIEW v;");
    CHECK(last("CREATE TABLE n (id int); DROP TABLE n CASCADE") == unknown);
    CHECK(last("CREATE TABLE n (id int); DROP TABLE n, t") == unknown);
    CHECK(last("CREATE TABLE n (id int); DROP TABLE n; INSERT INTO n VALUES (1)") == unknown);
}

TEST_CASE("a column the step added takes its changes along") {
    const std::string added = "ALTER TABLE t ADD COLUMN c int;";
    CHECK(last(added + "ALTER TABLE t ALTER c SET NOT NULL, ALTER c SET DEFAULT 1") == within);
    CHECK(last(added + "COMMENT ON COLUMN t.c IS 'x'") == within);
    CHECK(last(added + "ALTER TABLE t ALTER d SET NOT NULL") == unknown);
    CHECK(undo("ALTER TABLE t ADD COLUMN c int, ADD CONSTRAINT k PRIMARY KEY (c)") ==
          "ALTER TABLE t DROP CONSTRAINT k;ALTER TABLE t DROP COLUMN c;");
}

TEST_CASE("a constraint the step added may be validated") {
    CHECK(last("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE "
               "CONSTRAINT c") == within);
    CHECK(last("ALTER TABLE t VALIDATE CONSTRAINT c") == unknown);
}
