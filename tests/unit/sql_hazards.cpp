#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "compiler/sql/facts.hpp"

using namespace cairn::sql;

namespace {

// `501 add column x …` of every hazard of every statement, in order; lock timeouts are taken as
// set.
std::vector<std::string> hazards(const std::string& sql, bool has_lock_timeout = true) {
    const Analysis analysis = analyse(sql, {.has_lock_timeout = has_lock_timeout});
    REQUIRE_FALSE(analysis.failure);
    std::vector<std::string> out;
    for (const StatementFacts& facts : analysis.statements) {
        for (const Hazard& hazard : facts.hazards) {
            REQUIRE(hazard.begin < hazard.end);
            REQUIRE(hazard.end <= facts.end - facts.begin);
            out.push_back(std::to_string(hazard.code) + " " +
                          sql.substr(facts.begin + hazard.begin, hazard.end - hazard.begin));
        }
    }
    return out;
}

Hazard first(const std::string& sql) {
    return analyse(sql, {.has_lock_timeout = true}).statements.at(0).hazards.at(0);
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("rewrites point at their subcommand") {
    CHECK(hazards("ALTER TABLE t ADD COLUMN a int, ALTER COLUMN b TYPE bigint") ==
          List{"501 ALTER COLUMN b TYPE bigint"});
    CHECK(hazards("ALTER TABLE s.t ADD a uuid DEFAULT gen_random_uuid()") ==
          List{"501 ADD a uuid DEFAULT gen_random_uuid()"});
    CHECK(hazards("ALTER TABLE t ADD a timestamptz DEFAULT now(), ADD b int DEFAULT 5").empty());
    CHECK(hazards("ALTER TABLE t ADD a int DEFAULT app.next()") ==
          List{"501 ADD a int DEFAULT app.next()"});
    CHECK(hazards("ALTER TABLE t ADD a bigserial") == List{"501 ADD a bigserial"});
    CHECK(hazards("ALTER TABLE t ADD a int GENERATED ALWAYS AS IDENTITY") ==
          List{"501 ADD a int GENERATED ALWAYS AS IDENTITY"});
    CHECK(hazards("ALTER TABLE t ADD a int GENERATED ALWAYS AS (b + 1) STORED").size() == 1);
    CHECK(hazards("ALTER TABLE t SET LOGGED") == List{"501 SET LOGGED"});
    CHECK(hazards("VACUUM FULL t") == List{"501 FULL"});
    CHECK(hazards("VACUUM (FULL, ANALYZE) t").size() == 1);
    CHECK(hazards("CLUSTER t USING i") == List{"501 t"});
}

TEST_CASE("scans under a strong lock") {
    CHECK(hazards("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0), ADD CONSTRAINT d CHECK (a > 1) "
                  "NOT VALID") == List{"502 ADD CONSTRAINT c CHECK (a > 0)"});
    CHECK(hazards("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u") ==
          List{"502 ADD FOREIGN KEY (a) REFERENCES u"});
    CHECK(hazards("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u NOT VALID").empty());
    CHECK(hazards("ALTER TABLE t ALTER a SET NOT NULL") == List{"502 ALTER a SET NOT NULL"});
    CHECK(first("ALTER TABLE t ALTER a SET NOT NULL").help ==
          "ALTER TABLE t ADD CONSTRAINT a_not_null CHECK (a IS NOT NULL) NOT VALID");
    CHECK(hazards("ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)").size() == 1);
    CHECK(hazards("ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i").empty());
    CHECK(hazards("CREATE INDEX i ON s.t (a)") == List{"502 s.t"});
    CHECK(hazards("CREATE INDEX CONCURRENTLY i ON s.t (a)").empty());
    CHECK(hazards("REINDEX TABLE t") == List{"502 t"});
    CHECK(hazards("REINDEX TABLE CONCURRENTLY t").empty());
    CHECK(hazards("ALTER TABLE t VALIDATE CONSTRAINT c").empty());
    CHECK(hazards("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE "
                  "CONSTRAINT c") == List{"502 VALIDATE CONSTRAINT c"});
    CHECK(hazards("ALTER TABLE t ADD a int REFERENCES u").empty());
    CHECK(hazards("ALTER TABLE t ADD a int DEFAULT 1 REFERENCES u").size() == 1);
    CHECK(hazards("ALTER TABLE p ATTACH PARTITION t DEFAULT") ==
          List{"502 ATTACH PARTITION t DEFAULT"});
    CHECK(hazards("REFRESH MATERIALIZED VIEW v") == List{"502 v"});
    CHECK(hazards("ALTER DOMAIN d SET NOT NULL") == List{"502 d"});
}

TEST_CASE("a table that the step created can be locked, read and emptied at will") {
    for (const char* sql :
         {"CREATE INDEX ON n (a)",
          "ALTER TABLE n ALTER a SET NOT NULL, ADD CHECK (a > 0), ADD b serial", "TRUNCATE n",
          "DELETE FROM n", "UPDATE n SET a = 1", "ALTER TABLE n RENAME a TO b",
          "ALTER TABLE n RENAME TO m", "DROP TABLE n", "ALTER TABLE n DROP COLUMN a",
          "LOCK TABLE n", "ALTER TABLE n ADD c int NOT NULL"}) {
        INFO(sql);
        CHECK(hazards(std::string("CREATE TABLE n (a int);") + sql, false).empty());
        CHECK(hazards(std::string("CREATE TABLE IF NOT EXISTS n (a int);") + sql, false).empty());
    }
}

TEST_CASE("rows changed while an earlier statement holds a strong lock") {
    CHECK(hazards("ALTER TABLE t ADD a int; UPDATE t SET a = 1 WHERE b") == List{"503 t"});
    CHECK(hazards("ALTER TABLE t ADD a int; INSERT INTO u SELECT * FROM v") == List{"503 u"});
    CHECK(hazards("ALTER TABLE t ADD a int; INSERT INTO u VALUES (1), (2)").empty());
    CHECK(hazards("UPDATE t SET a = 1 WHERE b; ALTER TABLE t ADD c int").empty());
    CHECK(hazards("CREATE TABLE n (a int); INSERT INTO n SELECT * FROM t").empty());
}

TEST_CASE("a strong lock without a lock timeout is told once for each table") {
    CHECK(hazards("ALTER TABLE t ADD a int; ALTER TABLE t ADD b int", false) == List{"504 t"});
    CHECK(hazards("SET LOCAL lock_timeout = '1s'; ALTER TABLE t ADD a int", false).empty());
    CHECK(hazards("ALTER TABLE t ADD a int", true).empty());
    CHECK(hazards("CREATE TABLE n (a int REFERENCES public.t)", false) == List{"504 public.t"});
    CHECK(
        hazards("VACUUM t; ANALYZE t; INSERT INTO t VALUES (1); SELECT * FROM t FOR UPDATE", false)
            .empty());
}

TEST_CASE("indexes built concurrently") {
    CHECK(hazards("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)") ==
          List{"505 IF NOT EXISTS"});
    CHECK(first("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)").help ==
          "CREATE INDEX CONCURRENTLY i");
    CHECK(hazards("CREATE INDEX CONCURRENTLY ON t (a)") == List{"506 CONCURRENTLY"});
    CHECK(hazards("DROP INDEX CONCURRENTLY i, j") == List{"516 DROP INDEX CONCURRENTLY i, j"});
}

TEST_CASE("loss of rows points at the table") {
    CHECK(hazards("DROP TABLE a, s.b") == List{"507 a", "507 s.b"});
    CHECK(hazards("TRUNCATE a") == List{"507 a"});
    CHECK(hazards("DELETE FROM \"A\"") == List{"507 \"A\""});
    CHECK(hazards("UPDATE a SET b = 1") == List{"507 a"});
    CHECK(hazards("DELETE FROM a WHERE b").empty());
    CHECK(hazards("WITH d AS (DELETE FROM a RETURNING *) SELECT * FROM d") == List{"507 a"});
    CHECK(hazards("ALTER TABLE a DROP COLUMN b, DROP CONSTRAINT c") == List{"507 DROP COLUMN b"});
    CHECK(analyse("DELETE FROM a WHERE b").statements[0].losing_rows);
    CHECK(analyse("ALTER TABLE a DROP COLUMN b").statements[0].losing_rows);
    CHECK_FALSE(analyse("DROP VIEW v").statements[0].losing_rows);
}

TEST_CASE("CASCADE points at its word") {
    CHECK(hazards("DROP TABLE a CASCADE") == List{"507 a", "508 CASCADE"});
    CHECK(hazards("DROP SCHEMA s CASCADE") == List{"508 CASCADE"});
    CHECK(hazards("DROP FUNCTION f() CASCADE") == List{"508 CASCADE"});
    CHECK(hazards("TRUNCATE a CASCADE") == List{"507 a", "508 CASCADE"});
    CHECK(hazards("ALTER TABLE a DROP CONSTRAINT c CASCADE") ==
          List{"508 DROP CONSTRAINT c CASCADE"});
}

TEST_CASE("names that applications use") {
    CHECK(hazards("ALTER TABLE t RENAME a TO b") == List{"509 a"});
    CHECK(hazards("ALTER TABLE t RENAME TO u") == List{"509 t"});
    CHECK(hazards("ALTER TABLE s.t SET SCHEMA u") == List{"509 s.t"});
    CHECK(hazards("ALTER TABLE t RENAME CONSTRAINT a TO b").empty());
    CHECK(hazards("ALTER TABLE t ADD a int; ALTER TABLE t RENAME a TO b").empty());
}

TEST_CASE("what fails or misleads") {
    CHECK(hazards("ALTER TABLE t ADD a int NOT NULL") == List{"510 ADD a int NOT NULL"});
    CHECK(hazards("ALTER TABLE t ADD a int NOT NULL DEFAULT 0").empty());
    CHECK(hazards("CREATE PUBLICATION p FOR ALL TABLES") == List{"512 ALL TABLES"});
    CHECK(hazards("CREATE PUBLICATION p FOR TABLE t").empty());
    CHECK(hazards("COPY t TO '/tmp/t.csv'") == List{"513 TO"});
    CHECK(hazards("COPY t FROM PROGRAM 'curl x'") == List{"513 PROGRAM"});
    CHECK(hazards("SET session_replication_role = replica") ==
          List{"514 SET session_replication_role = replica"});
    CHECK(hazards("ALTER TABLE t DISABLE TRIGGER ALL") == List{"514 DISABLE TRIGGER ALL"});
    CHECK(hazards("ALTER TABLE t DISABLE TRIGGER USER").empty());
    CHECK(hazards("CREATE UNLOGGED TABLE t (a int)") == List{"515 UNLOGGED"});
}
