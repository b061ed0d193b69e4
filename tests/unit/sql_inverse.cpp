// The way back by rule. Each of these pairs was run on a PostgreSQL 15.20 server: after the
// statement and its inverse, pg_dump --schema-only gave what it gave before.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "compiler/sql/facts.hpp"

using namespace cairn::sql;

namespace {

struct Undone {
    const char* sql;
    const char* inverse;
};

const std::vector<Undone> undone = {
    {"CREATE TABLE app.n1 (id serial PRIMARY KEY, a int REFERENCES app.a, x int GENERATED ALWAYS "
     "AS IDENTITY)",
     "DROP TABLE app.n1"},
    {"CREATE TABLE IF NOT EXISTS app.n1 (id int)", "DROP TABLE app.n1"},
    {"CREATE TABLE app.n6 AS SELECT * FROM app.a", "DROP TABLE app.n6"},
    {"CREATE UNLOGGED TABLE app.\"N 7\" ()", "DROP TABLE app.\"N 7\""},
    {"SELECT 1 AS one INTO app.n8", "DROP TABLE app.n8"},
    {"CREATE TABLE app.n9 () INHERITS (app.parent)", "DROP TABLE app.n9"},
    {"CREATE TABLE app.n10 (LIKE app.a INCLUDING ALL)", "DROP TABLE app.n10"},
    {"CREATE INDEX i1 ON app.a (s)", "DROP INDEX app.i1"},
    {"CREATE UNIQUE INDEX IF NOT EXISTS i2 ON app.a (s)", "DROP INDEX app.i2"},
    {"CREATE INDEX \"I 3\" ON ONLY app.part (k)", "DROP INDEX app.\"I 3\""},
    {"CREATE INDEX i4 ON app.part (k)", "DROP INDEX app.i4"},
    {"CREATE INDEX CONCURRENTLY i5 ON app.a (n)", "DROP INDEX CONCURRENTLY app.i5"},
    {"CREATE VIEW app.v2 AS SELECT * FROM app.a", "DROP VIEW app.v2"},
    {"CREATE RECURSIVE VIEW app.v3 (n) AS VALUES (1) UNION ALL SELECT n+1 FROM v3 WHERE n < 10",
     "DROP VIEW app.v3"},
    {"CREATE MATERIALIZED VIEW IF NOT EXISTS app.mv2 AS SELECT 1 AS x",
     "DROP MATERIALIZED VIEW app.mv2"},
    {"CREATE SEQUENCE app.q2 OWNED BY app.a.id", "DROP SEQUENCE app.q2"},
    {"CREATE SCHEMA s2", "DROP SCHEMA s2"},
    {"CREATE SCHEMA IF NOT EXISTS \"S 3\" AUTHORIZATION joe", "DROP SCHEMA \"S 3\""},
    {"CREATE SCHEMA AUTHORIZATION joe", "DROP SCHEMA joe"},
    {"CREATE TYPE app.t1 AS ENUM ('a', 'b')", "DROP TYPE app.t1"},
    {"CREATE TYPE app.t2 AS (a int, b text)", "DROP TYPE app.t2"},
    {"CREATE TYPE app.t3 AS RANGE (subtype = numeric)", "DROP TYPE app.t3"},
    {"CREATE TYPE app.t4", "DROP TYPE app.t4"},
    {"CREATE DOMAIN app.d1 AS int CHECK (VALUE > 0)", "DROP DOMAIN app.d1"},
    {"CREATE FUNCTION app.f1(a int, OUT b int, VARIADIC c text[]) LANGUAGE sql AS 'select 1'",
     "DROP FUNCTION app.f1(integer, VARIADIC text[])"},
    {"CREATE FUNCTION app.f2(a int DEFAULT 1, INOUT b numeric(5,2) DEFAULT 2) LANGUAGE sql AS "
     "'select 1.0'",
     "DROP FUNCTION app.f2(integer, numeric)"},
    {"CREATE FUNCTION app.f3() RETURNS TABLE (a int, b text) LANGUAGE sql AS 'select 1, "
     "NULL::text'",
     "DROP FUNCTION app.f3()"},
    {"CREATE FUNCTION app.f4(app.mood, app.a, timestamptz, varchar(3), char, bit varying, "
     "\"char\", interval, double precision[], int[][], real, name) RETURNS void LANGUAGE sql AS ''",
     "DROP FUNCTION app.f4(app.mood, app.a, timestamptz, character varying, character, bit "
     "varying, \"char\", interval, double precision[], integer[][], real, name)"},
    {"CREATE PROCEDURE app.p1(a int, INOUT b text) LANGUAGE sql AS 'select b'",
     "DROP PROCEDURE app.p1(integer, text)"},
    {"CREATE PROCEDURE app.p2(OUT a int, b int) LANGUAGE sql AS 'select b'",
     "DROP PROCEDURE app.p2(OUT integer, integer)"},
    {"CREATE AGGREGATE app.ag1(int) (sfunc = int4pl, stype = int)",
     "DROP AGGREGATE app.ag1(integer)"},
    {"CREATE AGGREGATE app.ag2(*) (sfunc = int8inc, stype = bigint, initcond = '0')",
     "DROP AGGREGATE app.ag2(*)"},
    {"CREATE TRIGGER t1 BEFORE INSERT ON app.c FOR EACH ROW EXECUTE FUNCTION app.f()",
     "DROP TRIGGER t1 ON app.c"},
    {"CREATE CONSTRAINT TRIGGER \"t 2\" AFTER INSERT ON app.c FOR EACH ROW EXECUTE FUNCTION "
     "app.f()",
     "DROP TRIGGER \"t 2\" ON app.c"},
    {"CREATE RULE r1 AS ON UPDATE TO app.c DO INSTEAD NOTHING", "DROP RULE r1 ON app.c"},
    {"CREATE POLICY p1 ON app.c USING (true)", "DROP POLICY p1 ON app.c"},
    {"CREATE EXTENSION pg_trgm SCHEMA app", "DROP EXTENSION pg_trgm"},
    {"CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\"", "DROP EXTENSION \"uuid-ossp\""},
    {"CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public", "DROP EXTENSION pgcrypto"},
    {"CREATE COLLATION app.co (locale = 'C')", "DROP COLLATION app.co"},
    {"CREATE COLLATION IF NOT EXISTS app.co2 FROM \"C\"", "DROP COLLATION app.co2"},
    {"CREATE STATISTICS app.st2 ON id, n FROM app.c", "DROP STATISTICS app.st2"},
    {"CREATE PUBLICATION p1 FOR TABLE app.a", "DROP PUBLICATION p1"},
    {"CREATE ROLE r_one LOGIN IN ROLE joe", "DROP ROLE r_one"},
    {"CREATE USER r_two", "DROP ROLE r_two"},
    {"CREATE EVENT TRIGGER et ON ddl_command_start EXECUTE FUNCTION app.ef()",
     "DROP EVENT TRIGGER et"},
    {"CREATE SERVER srv FOREIGN DATA WRAPPER w", "DROP SERVER srv"},
    {"CREATE FOREIGN TABLE app.ft (id int) SERVER s0", "DROP FOREIGN TABLE app.ft"},
    {"ALTER TABLE app.a ADD COLUMN z int REFERENCES app.a, ADD y serial CHECK (y > 0), ADD "
     "CONSTRAINT yz UNIQUE (y, z)",
     "ALTER TABLE app.a DROP CONSTRAINT yz; ALTER TABLE app.a DROP COLUMN y; ALTER TABLE app.a "
     "DROP COLUMN z"},
    {"ALTER TABLE app.a ADD COLUMN IF NOT EXISTS zz text NOT NULL DEFAULT 'x'",
     "ALTER TABLE app.a DROP COLUMN zz"},
    {"ALTER TABLE ONLY app.c ADD COLUMN z int", "ALTER TABLE app.c DROP COLUMN z"},
    {"ALTER TABLE app.part ADD COLUMN z int DEFAULT 5", "ALTER TABLE app.part DROP COLUMN z"},
    {"ALTER TABLE app.parent ADD COLUMN z int", "ALTER TABLE app.parent DROP COLUMN z"},
    {"ALTER TABLE app.c ADD CONSTRAINT \"C 1\" CHECK (n > 0), ADD CONSTRAINT c2 FOREIGN KEY (n) "
     "REFERENCES app.a NOT VALID",
     "ALTER TABLE app.c DROP CONSTRAINT c2; ALTER TABLE app.c DROP CONSTRAINT \"C 1\""},
    {"ALTER TABLE app.c ADD CONSTRAINT c3 UNIQUE NULLS NOT DISTINCT (n)",
     "ALTER TABLE app.c DROP CONSTRAINT c3"},
    {"ALTER TABLE app.c ADD CONSTRAINT c4 EXCLUDE USING btree (n WITH =)",
     "ALTER TABLE app.c DROP CONSTRAINT c4"},
    {"ALTER TABLE app.part ADD CONSTRAINT c6 CHECK (id > 0)",
     "ALTER TABLE app.part DROP CONSTRAINT c6"},
    {"ALTER FOREIGN TABLE app.ft0 ADD COLUMN z int", "ALTER FOREIGN TABLE app.ft0 DROP COLUMN z"},
    {"ALTER TYPE app.comp ADD ATTRIBUTE z int", "ALTER TYPE app.comp DROP ATTRIBUTE z"},
    {"ALTER TABLE app.a RENAME TO \"A 2\"", "ALTER TABLE app.\"A 2\" RENAME TO a"},
    {"ALTER TABLE app.a RENAME COLUMN n TO \"order\"",
     "ALTER TABLE app.a RENAME COLUMN \"order\" TO n"},
    {"ALTER TABLE app.a RENAME n TO m", "ALTER TABLE app.a RENAME COLUMN m TO n"},
    {"ALTER TABLE app.a RENAME CONSTRAINT a_n_check TO x",
     "ALTER TABLE app.a RENAME CONSTRAINT x TO a_n_check"},
    {"ALTER INDEX app.c_n RENAME TO c_m", "ALTER INDEX app.c_m RENAME TO c_n"},
    {"ALTER VIEW app.v RENAME TO v9", "ALTER VIEW app.v9 RENAME TO v"},
    {"ALTER VIEW app.v RENAME COLUMN id TO idx", "ALTER VIEW app.v RENAME COLUMN idx TO id"},
    {"ALTER MATERIALIZED VIEW app.mv RENAME TO mv9",
     "ALTER MATERIALIZED VIEW app.mv9 RENAME TO mv"},
    {"ALTER MATERIALIZED VIEW app.mv RENAME COLUMN id TO idx",
     "ALTER MATERIALIZED VIEW app.mv RENAME COLUMN idx TO id"},
    {"ALTER SEQUENCE app.q RENAME TO q9", "ALTER SEQUENCE app.q9 RENAME TO q"},
    {"ALTER TABLE app.q RENAME TO q9", "ALTER TABLE app.q9 RENAME TO q"},
    {"ALTER TYPE app.mood RENAME TO mood9", "ALTER TYPE app.mood9 RENAME TO mood"},
    {"ALTER TYPE app.comp RENAME ATTRIBUTE a TO b", "ALTER TYPE app.comp RENAME ATTRIBUTE b TO a"},
    {"ALTER TYPE app.mood RENAME VALUE 'ok' TO 'o''k'",
     "ALTER TYPE app.mood RENAME VALUE 'o''k' TO 'ok'"},
    {"ALTER DOMAIN app.dom RENAME TO dom9", "ALTER DOMAIN app.dom9 RENAME TO dom"},
    {"ALTER DOMAIN app.dom RENAME CONSTRAINT dc TO dd",
     "ALTER DOMAIN app.dom RENAME CONSTRAINT dd TO dc"},
    {"ALTER SCHEMA other RENAME TO other9", "ALTER SCHEMA other9 RENAME TO other"},
    {"ALTER FUNCTION app.f() RENAME TO f9", "ALTER FUNCTION app.f9() RENAME TO f"},
    {"ALTER AGGREGATE app.agg(*) RENAME TO agg9", "ALTER AGGREGATE app.agg9(*) RENAME TO agg"},
    {"ALTER AGGREGATE app.agg(*) SET SCHEMA other", "ALTER AGGREGATE other.agg(*) SET SCHEMA app"},
    {"ALTER PROCEDURE app.pr(int) RENAME TO pr9", "ALTER PROCEDURE app.pr9(integer) RENAME TO pr"},
    {"ALTER ROUTINE app.pr(int) RENAME TO pr9", "ALTER ROUTINE app.pr9(integer) RENAME TO pr"},
    {"ALTER TRIGGER tr ON app.a RENAME TO tr9", "ALTER TRIGGER tr9 ON app.a RENAME TO tr"},
    {"ALTER RULE ru ON app.c RENAME TO ru9", "ALTER RULE ru9 ON app.c RENAME TO ru"},
    {"ALTER POLICY po ON app.a RENAME TO po9", "ALTER POLICY po9 ON app.a RENAME TO po"},
    {"ALTER PUBLICATION pub RENAME TO pub9", "ALTER PUBLICATION pub9 RENAME TO pub"},
    {"ALTER EVENT TRIGGER et0 RENAME TO et9", "ALTER EVENT TRIGGER et9 RENAME TO et0"},
    {"ALTER SERVER s0 RENAME TO s9", "ALTER SERVER s9 RENAME TO s0"},
    {"ALTER COLLATION app.co0 RENAME TO co9", "ALTER COLLATION app.co9 RENAME TO co0"},
    {"ALTER STATISTICS app.st RENAME TO st9", "ALTER STATISTICS app.st9 RENAME TO st"},
    {"ALTER FOREIGN TABLE app.ft0 RENAME TO ft9", "ALTER FOREIGN TABLE app.ft9 RENAME TO ft0"},
    {"ALTER FOREIGN TABLE app.ft0 RENAME COLUMN id TO x",
     "ALTER FOREIGN TABLE app.ft0 RENAME COLUMN x TO id"},
    {"ALTER TABLE app.a SET SCHEMA other", "ALTER TABLE other.a SET SCHEMA app"},
    {"ALTER VIEW app.v SET SCHEMA other", "ALTER VIEW other.v SET SCHEMA app"},
    {"ALTER SEQUENCE app.q SET SCHEMA other", "ALTER SEQUENCE other.q SET SCHEMA app"},
    {"ALTER TYPE app.mood SET SCHEMA other", "ALTER TYPE other.mood SET SCHEMA app"},
    {"ALTER DOMAIN app.dom SET SCHEMA other", "ALTER DOMAIN other.dom SET SCHEMA app"},
    {"ALTER FUNCTION app.f() SET SCHEMA other", "ALTER FUNCTION other.f() SET SCHEMA app"},
    {"ALTER PROCEDURE app.pr(int) SET SCHEMA other",
     "ALTER PROCEDURE other.pr(integer) SET SCHEMA app"},
    {"ALTER STATISTICS app.st SET SCHEMA other", "ALTER STATISTICS other.st SET SCHEMA app"},
    {"ALTER COLLATION app.co0 SET SCHEMA other", "ALTER COLLATION other.co0 SET SCHEMA app"},
    {"ALTER TABLE app.c ADD COLUMN IF NOT EXISTS n int", "ALTER TABLE app.c DROP COLUMN n"},
};

StatementFacts facts_of(const std::string& sql) {
    const Analysis analysis = analyse(sql);
    REQUIRE_FALSE(analysis.failure);
    REQUIRE(analysis.statements.size() == 1);
    return analysis.statements[0];
}

}  // namespace

TEST_CASE("what a statement creates is dropped, what it renames is renamed back") {
    for (const Undone& pair : undone) {
        INFO(pair.sql);
        const StatementFacts facts = facts_of(pair.sql);
        CHECK(facts.reversal == Reversal::by_rule);
        std::string inverse;
        for (const Inverse& i : facts.inverse) inverse += (inverse.empty() ? "" : "; ") + i.sql;
        CHECK(inverse == pair.inverse);
    }
}

TEST_CASE("an inverse names the object whose identity it stands on") {
    const auto object = [](const char* sql) { return facts_of(sql).inverse.at(0).object; };
    CHECK(object("CREATE TABLE s.t (a int)") == ObjectName{"relation", "s.t", ""});
    CHECK(object("ALTER TABLE t ADD COLUMN \"A\" int") == ObjectName{"column", "t", "A"});
    CHECK(object("ALTER TABLE t RENAME a TO \"order\"") == ObjectName{"column", "t", "order"});
    CHECK(object("CREATE POLICY p ON s.t USING (true)") == ObjectName{"policy", "s.t", "p"});
    CHECK(object("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'select 1'") ==
          ObjectName{"function", "f(integer)", ""});
    CHECK(object("ALTER TYPE s.m RENAME VALUE 'a' TO 'b'") == ObjectName{"enum_value", "s.m", "b"});
    CHECK(object("CREATE INDEX i ON s.t (a)") == ObjectName{"relation", "s.i", ""});
}

TEST_CASE("what IF NOT EXISTS may have found is undone only if it was created") {
    CHECK(facts_of("CREATE TABLE IF NOT EXISTS t (a int)").inverse.at(0).only_if_created);
    CHECK(facts_of("ALTER TABLE t ADD COLUMN IF NOT EXISTS a int").inverse.at(0).only_if_created);
    // Another statement of the step may make what this one did not find to rename.
    CHECK(facts_of("ALTER TABLE IF EXISTS t RENAME TO u").reversal == Reversal::unknown);
    CHECK(facts_of("CREATE TABLE n PARTITION OF p DEFAULT").reversal == Reversal::unknown);
    CHECK(facts_of("ALTER TABLE IF EXISTS t ADD COLUMN a int").reversal == Reversal::unknown);
    CHECK(facts_of("ALTER TYPE t ADD ATTRIBUTE a int CASCADE").reversal == Reversal::unknown);
    CHECK_FALSE(facts_of("CREATE TABLE t (a int)").inverse.at(0).only_if_created);
}

TEST_CASE("tables and columns are guarded against rows of others") {
    CHECK(facts_of("CREATE TABLE t (a int)").inverse.at(0).guard_rows);
    CHECK(facts_of("ALTER TABLE t ADD COLUMN a int").inverse.at(0).guard_rows);
    CHECK_FALSE(facts_of("CREATE INDEX i ON t (a)").inverse.at(0).guard_rows);
    CHECK_FALSE(facts_of("CREATE VIEW v AS SELECT 1").inverse.at(0).guard_rows);
}

TEST_CASE("subcommands are undone from the last to the first") {
    const StatementFacts facts =
        facts_of("ALTER TABLE t ADD COLUMN a int, ADD CONSTRAINT c CHECK (a > 0)");
    REQUIRE(facts.inverse.size() == 2);
    CHECK(facts.inverse[0].sql == "ALTER TABLE t DROP CONSTRAINT c");
    CHECK(facts.inverse[1].sql == "ALTER TABLE t DROP COLUMN a");
}

TEST_CASE("where no rule leads back, the reason is said") {
    const auto why = [](const char* sql) {
        const StatementFacts facts = facts_of(sql);
        CHECK(facts.reversal == Reversal::unknown);
        CHECK(facts.inverse.empty());
        return facts.why_not;
    };
    CHECK(why("CREATE INDEX ON t (a)") == "the server chooses the name of the index: name it");
    CHECK(why("ALTER TABLE t ADD CHECK (a > 0)") ==
          "the server chooses the name of the constraint: name it");
    CHECK(why("ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (id)") ==
          "a primary key also makes its columns NOT NULL, and whether they were before it can't be "
          "known");
    CHECK(why("ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i") ==
          "the constraint takes over index `i`, and dropping it would drop the index");
    CHECK(why("CREATE OR REPLACE VIEW v AS SELECT 1") ==
          "OR REPLACE may overwrite a definition that can't be known before the run");
    CHECK(why("ALTER TABLE t SET SCHEMA s") == "write the schema it is moved from: `schema.name`");
    CHECK(why("ALTER FUNCTION f RENAME TO g") == "write the function's argument types");
    CHECK(why("ALTER TYPE m ADD VALUE 'x'") == "PostgreSQL can't take a value out of an enum");
    CHECK(why("DROP TABLE t") == "what it drops can't be built again from the statement");
    CHECK(why("UPDATE t SET a = 1") == "it changes rows of `t`");
    CHECK(why("WITH d AS (DELETE FROM t RETURNING 1) SELECT * FROM d") ==
          "it changes rows of `t`");
    CHECK(why("DO $$ BEGIN END $$") == "`DO` is code that may change anything");
    CHECK(why("SELECT app.fix_all()") == "`app.fix_all()` is code that may change anything");
    CHECK(why("SELECT setval('q', 1)") == "`setval()` is code that may change anything");
    CHECK(why("CREATE SCHEMA s CREATE TABLE t (a int)") ==
          "the schema's objects are created with it: create them in statements of their own");
    CHECK(why("CREATE EXTENSION x CASCADE") ==
          "CASCADE creates other extensions too: create each in a statement of its own");
    CHECK(why("ALTER TABLE t ALTER a SET NOT NULL") ==
          "whether `a` was NOT NULL before can't be known");
    CHECK(why("ALTER TABLE t ALTER a SET DEFAULT 1") == "the default of `a` before can't be known");
    CHECK(why("ALTER TABLE t ADD COLUMN a int, ALTER b SET NOT NULL") ==
          "whether `b` was NOT NULL before can't be known");
    CHECK(why("REFRESH MATERIALIZED VIEW v") == "the rows it replaces are not kept");
    CHECK_FALSE(why("GRANT SELECT ON t TO joe").empty());
    CHECK_FALSE(why("ALTER TABLE t ENABLE ROW LEVEL SECURITY").empty());
    CHECK_FALSE(why("CREATE DATABASE d").empty());
    CHECK_FALSE(why("EXPLAIN ANALYZE DELETE FROM t").empty());
    CHECK_FALSE(why("EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1").empty());
    CHECK_FALSE(why("COPY t TO PROGRAM 'x'").empty());
    CHECK_FALSE(why("CREATE TABLE t AS EXECUTE p").empty());
}

TEST_CASE("what gives nothing back needs no undo") {
    for (const char* sql :
         {"SELECT 1", "SELECT random(), now(), count(*) FROM t", "ANALYZE t", "VACUUM",
          "REINDEX TABLE t", "SET search_path = app", "SET LOCAL lock_timeout = '1s'",
          "LOCK TABLE t", "EXPLAIN DELETE FROM t", "PREPARE p AS DELETE FROM t", "NOTIFY c",
          "CREATE TEMP TABLE t (a int)", "CLUSTER t",
          "SELECT pg_catalog.set_config('search_path', '', false)", "COPY t TO STDOUT",
          "CHECKPOINT"}) {
        INFO(sql);
        CHECK(facts_of(sql).reversal == Reversal::nothing_to_do);
    }
}

TEST_CASE("what stays inside a created object goes with it, unless it may refer to something younger") {
    const auto last = [](const std::string& sql) { return analyse(sql).statements.back(); };
    const std::string tables = "CREATE TABLE a (id int, b int); CREATE TABLE b (id int PRIMARY KEY); ";
    CHECK(last(tables + "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b").why_not ==
          "it may refer to `b`, which the step has made after `a`");
    CHECK(last(tables + "CREATE SEQUENCE q; ALTER TABLE a ALTER id SET DEFAULT nextval('q')").reversal == Reversal::unknown);
    CHECK(last("CREATE TABLE a (id int); CREATE EXTENSION x; CREATE INDEX ON a (id)").reversal == Reversal::unknown);
    CHECK(last("CREATE TABLE a (id int); CREATE ROLE joe; ALTER TABLE a OWNER TO joe").reversal == Reversal::unknown);
    for (const std::string& sql : {tables + "ALTER TABLE b ADD FOREIGN KEY (id) REFERENCES a",
                                   tables + "CREATE INDEX ON a (id)", tables + "GRANT SELECT ON a, b TO joe",
                                   tables + "INSERT INTO a SELECT id FROM b",
                                   tables + "DROP TABLE b; COMMENT ON TABLE a IS 'b'",
                                   std::string("ALTER TABLE t ADD c int, ADD d int; ALTER TABLE t ALTER c SET DEFAULT 1"),
                                   std::string("CREATE EXTENSION x; CREATE TABLE a (id int); CREATE INDEX ON a (id)")}) {
        INFO(sql);
        CHECK(last(sql).reversal == Reversal::within_created);
    }
}
