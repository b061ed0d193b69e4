// Lock modes, each read from pg_locks of a PostgreSQL 15.20 server after the statement (for those
// outside of transactions: while it waited for another session), compared with what the compiler
// says of it.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/sql/facts.hpp"

using namespace cairn::sql;

namespace {

struct Measured {
    const char* sql;
    const char* locks;  // of tables, views and sequences, by name; indexes only where the statement
                        // names them
};

const std::vector<Measured> measured = {
    {"SELECT id FROM app.a", "app.a ACCESS SHARE"},
    {"SELECT id FROM app.a FOR UPDATE", "app.a ROW SHARE"},
    {"SELECT x.id FROM app.a x JOIN app.b y ON true FOR SHARE OF y",
     "app.a ACCESS SHARE; app.b ROW SHARE"},
    {"TABLE app.a", "app.a ACCESS SHARE"},
    {"INSERT INTO app.c VALUES (1)", "app.c ROW EXCLUSIVE"},
    {"INSERT INTO app.c SELECT id FROM app.loose", "app.c ROW EXCLUSIVE; app.loose ACCESS SHARE"},
    {"INSERT INTO app.b VALUES (1, NULL, 1)", "app.b ROW EXCLUSIVE"},
    {"UPDATE app.c SET n = 1 WHERE id IN (SELECT id FROM app.loose)",
     "app.c ROW EXCLUSIVE; app.loose ACCESS SHARE"},
    {"DELETE FROM app.loose USING app.c WHERE c.id = loose.id",
     "app.c ACCESS SHARE; app.loose ROW EXCLUSIVE"},
    {"MERGE INTO app.a USING app.loose l ON l.id = a.id WHEN MATCHED THEN DELETE",
     "app.a ROW EXCLUSIVE; app.loose ACCESS SHARE"},
    {"COPY app.loose TO '/tmp/cairn_c/copy'", "app.loose ACCESS SHARE"},
    {"TRUNCATE app.loose", "app.loose ACCESS EXCLUSIVE"},
    {"LOCK TABLE app.a IN SHARE MODE", "app.a SHARE"},
    {"LOCK TABLE app.a", "app.a ACCESS EXCLUSIVE"},
    {"CREATE TABLE app.n1 (id int)", "app.n1 ACCESS EXCLUSIVE"},
    {"CREATE TABLE app.n2 (id int REFERENCES app.a)",
     "app.a SHARE ROW EXCLUSIVE; app.n2 ACCESS EXCLUSIVE"},
    {"CREATE TABLE app.n3 (LIKE app.a)", "app.a ACCESS SHARE; app.n3 ACCESS EXCLUSIVE"},
    {"CREATE TABLE app.n4 () INHERITS (app.parent)",
     "app.n4 ACCESS EXCLUSIVE; app.parent SHARE UPDATE EXCLUSIVE"},
    {"CREATE TABLE app.n6 AS SELECT id FROM app.a", "app.a ACCESS SHARE; app.n6 ACCESS EXCLUSIVE"},
    {"SELECT id INTO app.n7 FROM app.a", "app.a ACCESS SHARE; app.n7 ACCESS EXCLUSIVE"},
    {"CREATE VIEW app.v2 AS SELECT id FROM app.a", "app.a ACCESS SHARE; app.v2 ACCESS EXCLUSIVE"},
    {"CREATE OR REPLACE VIEW app.v AS SELECT id FROM app.a",
     "app.a ACCESS SHARE; app.v ACCESS EXCLUSIVE"},
    {"CREATE MATERIALIZED VIEW app.mv2 AS SELECT id FROM app.a",
     "app.a ACCESS SHARE; app.mv2 ACCESS EXCLUSIVE"},
    {"CREATE SEQUENCE app.q2", "app.q2 ACCESS EXCLUSIVE"},
    {"CREATE TRIGGER t1 BEFORE INSERT ON app.c FOR EACH ROW EXECUTE FUNCTION app.f()",
     "app.c SHARE ROW EXCLUSIVE"},
    {"CREATE CONSTRAINT TRIGGER t2 AFTER INSERT ON app.c FROM app.a FOR EACH ROW EXECUTE FUNCTION "
     "app.f()",
     "app.a ACCESS SHARE; app.c SHARE ROW EXCLUSIVE"},
    {"CREATE RULE r1 AS ON UPDATE TO app.c DO INSTEAD NOTHING", "app.c ACCESS EXCLUSIVE"},
    {"CREATE RULE r2 AS ON UPDATE TO app.c DO ALSO INSERT INTO app.loose SELECT id FROM app.a",
     "app.a ACCESS SHARE; app.c ACCESS EXCLUSIVE; app.loose ROW EXCLUSIVE"},
    {"CREATE POLICY p1 ON app.c USING (id IN (SELECT id FROM app.a))",
     "app.a ACCESS SHARE; app.c ACCESS EXCLUSIVE"},
    {"ALTER POLICY po ON app.a USING (false)", "app.a ACCESS EXCLUSIVE"},
    {"CREATE STATISTICS app.st2 ON id, n FROM app.c", "app.c SHARE UPDATE EXCLUSIVE"},
    {"DROP TABLE app.loose", "app.loose ACCESS EXCLUSIVE"},
    {"DROP VIEW app.v", "app.v ACCESS EXCLUSIVE"},
    {"DROP SEQUENCE app.q", "app.q ACCESS EXCLUSIVE"},
    {"DROP TRIGGER tr ON app.a", "app.a ACCESS EXCLUSIVE"},
    {"DROP RULE ru ON app.c", "app.c ACCESS EXCLUSIVE"},
    {"DROP POLICY po ON app.a", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a ADD COLUMN z int", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.c ADD COLUMN z int REFERENCES app.a",
     "app.a SHARE ROW EXCLUSIVE; app.c ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a DROP COLUMN s", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a ALTER COLUMN s SET DEFAULT 'x'", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a ALTER COLUMN s SET NOT NULL", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a ALTER COLUMN s TYPE varchar", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a ALTER COLUMN s SET STATISTICS 10", "app.a SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.a ALTER COLUMN s SET STORAGE EXTERNAL", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a ALTER COLUMN s SET COMPRESSION pglz", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a ALTER COLUMN s SET (n_distinct = 5)", "app.a SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.a ADD CONSTRAINT k CHECK (n > 1)", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.c ADD CONSTRAINT k CHECK (n > 1) NOT VALID", "app.c ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.c ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES app.a",
     "app.a SHARE ROW EXCLUSIVE; app.c SHARE ROW EXCLUSIVE"},
    {"ALTER TABLE app.c ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES app.a NOT VALID",
     "app.a SHARE ROW EXCLUSIVE; app.c SHARE ROW EXCLUSIVE"},
    {"ALTER TABLE app.c ADD COLUMN z int, ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES app.a NOT "
     "VALID",
     "app.a SHARE ROW EXCLUSIVE; app.c ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a VALIDATE CONSTRAINT a_n_check", "app.a SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.a DROP CONSTRAINT a_n_check", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.b ALTER CONSTRAINT b_a_fk DEFERRABLE", "app.b ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a DISABLE TRIGGER tr", "app.a SHARE ROW EXCLUSIVE"},
    {"ALTER TABLE app.a ENABLE TRIGGER ALL", "app.a SHARE ROW EXCLUSIVE"},
    {"ALTER TABLE app.c DISABLE RULE ru", "app.c ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a ENABLE ROW LEVEL SECURITY", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a SET (fillfactor = 70)", "app.a SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.a SET (user_catalog_table = true)", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a RESET (fillfactor)", "app.a SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.a SET (autovacuum_enabled = false)", "app.a SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.a OWNER TO joe", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.loose SET UNLOGGED", "app.loose ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a SET WITHOUT CLUSTER", "app.a SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.a REPLICA IDENTITY FULL", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.orphan INHERIT app.parent",
     "app.orphan ACCESS EXCLUSIVE; app.parent SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.child NO INHERIT app.parent",
     "app.child ACCESS EXCLUSIVE; app.parent ACCESS SHARE"},
    {"ALTER TABLE app.a RENAME TO a2", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a RENAME COLUMN n TO m", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a RENAME CONSTRAINT a_n_check TO x", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a SET SCHEMA other", "app.a ACCESS EXCLUSIVE"},
    {"ALTER INDEX app.c_n RENAME TO c_m", "app.c_n SHARE UPDATE EXCLUSIVE"},
    {"ALTER INDEX app.c_n SET (fillfactor = 70)", "app.c_n SHARE UPDATE EXCLUSIVE"},
    {"ALTER INDEX app.c_n SET (deduplicate_items = off)", "app.c_n SHARE UPDATE EXCLUSIVE"},
    {"ALTER VIEW app.v SET (security_barrier = true)", "app.v ACCESS EXCLUSIVE"},
    {"ALTER VIEW app.v ALTER COLUMN id SET DEFAULT 1", "app.v ACCESS EXCLUSIVE"},
    {"ALTER VIEW app.v RENAME TO v3", "app.v ACCESS EXCLUSIVE"},
    {"ALTER SEQUENCE app.q RESTART", "app.q SHARE ROW EXCLUSIVE"},
    {"ALTER SEQUENCE app.q INCREMENT BY 2", "app.q SHARE ROW EXCLUSIVE"},
    {"ALTER SEQUENCE app.q OWNER TO joe", "app.q ACCESS EXCLUSIVE"},
    {"ALTER TRIGGER tr ON app.a RENAME TO tr2", "app.a ACCESS EXCLUSIVE"},
    {"ALTER RULE ru ON app.c RENAME TO ru2", "app.c ACCESS EXCLUSIVE"},
    {"ALTER POLICY po ON app.a RENAME TO po2", "app.a ACCESS EXCLUSIVE"},
    {"COMMENT ON TABLE app.a IS 'x'", "app.a SHARE UPDATE EXCLUSIVE"},
    {"COMMENT ON COLUMN app.a.n IS 'x'", "app.a SHARE UPDATE EXCLUSIVE"},
    {"COMMENT ON CONSTRAINT a_n_check ON app.a IS 'x'", "app.a ACCESS SHARE"},
    {"COMMENT ON TRIGGER tr ON app.a IS 'x'", "app.a ACCESS SHARE"},
    {"COMMENT ON RULE ru ON app.c IS 'x'", "app.c ACCESS SHARE"},
    {"COMMENT ON POLICY po ON app.a IS 'x'", "app.a ACCESS SHARE"},
    {"COMMENT ON INDEX app.c_n IS 'x'", "app.c_n SHARE UPDATE EXCLUSIVE"},
    {"COMMENT ON VIEW app.v IS 'x'", "app.v SHARE UPDATE EXCLUSIVE"},
    {"ANALYZE app.a", "app.a SHARE UPDATE EXCLUSIVE"},
    {"REINDEX TABLE app.c", "app.c SHARE"},
    {"CREATE PUBLICATION p1 FOR TABLE app.a", "app.a SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.a NO FORCE ROW LEVEL SECURITY", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.mv SET (fillfactor = 70)", "app.mv SHARE UPDATE EXCLUSIVE"},
    {"ALTER MATERIALIZED VIEW app.mv RENAME TO mv3", "app.mv ACCESS EXCLUSIVE"},
    {"EXPLAIN DELETE FROM app.c", "app.c ROW EXCLUSIVE"},
    {"EXPLAIN SELECT * FROM app.c", "app.c ACCESS SHARE"},
    {"CREATE FUNCTION app.g() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM app.a; "
     "END",
     "app.a ACCESS SHARE"},
    {"WITH x AS (DELETE FROM app.loose RETURNING id) SELECT * FROM x, app.c",
     "app.c ACCESS SHARE; app.loose ROW EXCLUSIVE"},
    {"PREPARE pr AS UPDATE app.c SET n = 1", "app.c ROW EXCLUSIVE"},
    {"DECLARE cu CURSOR FOR SELECT * FROM app.c", "app.c ACCESS SHARE"},
    {"ALTER PUBLICATION pub ADD TABLE app.a", "app.a SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.a SET TABLESPACE pg_default", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a INHERIT app.parent",
     "app.a ACCESS EXCLUSIVE; app.parent SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.a ALTER COLUMN s DROP NOT NULL", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.a FORCE ROW LEVEL SECURITY", "app.a ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.c ENABLE ALWAYS RULE ru", "app.c ACCESS EXCLUSIVE"},
};

const std::vector<Measured> measured_outside_transactions = {
    {"CREATE INDEX CONCURRENTLY ix ON app.a (s)", "app.a SHARE UPDATE EXCLUSIVE"},
    {"REINDEX TABLE CONCURRENTLY app.a", "app.a SHARE UPDATE EXCLUSIVE"},
    {"DROP INDEX CONCURRENTLY app.c_n", "app.c_n SHARE UPDATE EXCLUSIVE"},
    {"VACUUM app.loose", "app.loose SHARE UPDATE EXCLUSIVE"},
    {"VACUUM FULL app.c", "app.c ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.part DETACH PARTITION app.part_1 CONCURRENTLY",
     "app.part SHARE UPDATE EXCLUSIVE; app.part_1 ACCESS EXCLUSIVE"},
};

// The server takes more than the statement shows: what stands in the comments is known only to a
// catalog.
const std::vector<Measured> shown_in_part = {
    // The default partition is locked too.
    {"CREATE TABLE app.n5 PARTITION OF app.part FOR VALUES FROM (20) TO (30)",
     "app.n5 ACCESS EXCLUSIVE; app.part ACCESS EXCLUSIVE"},
    {"ALTER TABLE app.part ATTACH PARTITION app.loose FOR VALUES FROM (100) TO (200)",
     "app.loose ACCESS EXCLUSIVE; app.part SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.part DETACH PARTITION app.part_1",
     "app.part ACCESS EXCLUSIVE; app.part_1 ACCESS EXCLUSIVE"},
    // And the table the key points at: ROW SHARE, ACCESS EXCLUSIVE.
    {"ALTER TABLE app.b VALIDATE CONSTRAINT b_a_fk", "app.b SHARE UPDATE EXCLUSIVE"},
    {"ALTER TABLE app.b DROP CONSTRAINT b_a_fk", "app.b ACCESS EXCLUSIVE"},
    {"DROP TABLE app.b", "app.b ACCESS EXCLUSIVE"},
    // And the index's table: ACCESS EXCLUSIVE, SHARE.
    {"DROP INDEX app.c_n", "app.c_n ACCESS EXCLUSIVE"},
    {"REINDEX INDEX app.c_n", "app.c_n ACCESS EXCLUSIVE"},
    // And the tables the view is made of: ACCESS SHARE.
    {"REFRESH MATERIALIZED VIEW app.mv", "app.mv ACCESS EXCLUSIVE"},
    {"REFRESH MATERIALIZED VIEW CONCURRENTLY app.mv", "app.mv EXCLUSIVE"},
};

std::string locks_of(const std::string& sql) {
    const Analysis analysis = analyse(sql);
    REQUIRE_FALSE(analysis.failure);
    REQUIRE(analysis.statements.size() == 1);
    std::vector<std::string> locks;
    for (const Lock& lock : analysis.statements[0].locks)
        locks.push_back(lock.relation + " " + name(lock.mode));
    std::sort(locks.begin(), locks.end());
    std::string out;
    for (const std::string& lock : locks) out += (out.empty() ? "" : "; ") + lock;
    return out;
}

void check(const std::vector<Measured>& statements) {
    for (const Measured& statement : statements) {
        INFO(statement.sql);
        CHECK(locks_of(statement.sql) == statement.locks);
    }
}

}  // namespace

TEST_CASE("locks are those the server was seen to take") {
    check(measured);
}

TEST_CASE("locks of statements outside of transactions are those the server was seen to take") {
    check(measured_outside_transactions);
}

TEST_CASE("locks that only a catalog knows are left out") {
    check(shown_in_part);
}
