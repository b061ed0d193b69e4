#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

#include "compiler/sql/facts.hpp"

using namespace cairn::sql;

namespace {

StatementFacts facts_of(const std::string& sql) {
    const Analysis analysis = analyse(sql);
    REQUIRE_FALSE(analysis.failure);
    REQUIRE(analysis.statements.size() == 1);
    return analysis.statements[0];
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("statements are named by their command tag") {
    for (const char* tag : {"CREATE TABLE", "CREATE INDEX", "ALTER TABLE", "DROP MATERIALIZED VIEW",
                            "CREATE TABLE AS", "UPDATE"}) {
        const std::string wanted = tag;
        const std::string sql = wanted == "CREATE TABLE"      ? "CREATE TABLE t ()"
                                : wanted == "CREATE INDEX"    ? "CREATE INDEX ON t (a)"
                                : wanted == "ALTER TABLE"     ? "ALTER TABLE t RENAME a TO b"
                                : wanted == "CREATE TABLE AS" ? "CREATE TABLE t AS SELECT 1"
                                : wanted == "UPDATE"          ? "UPDATE t SET a = 1"
                                                              : "DROP MATERIALIZED VIEW v";
        CHECK(facts_of(sql).kind == wanted);
    }
    CHECK(facts_of("ALTER TYPE t RENAME TO u").kind == "ALTER TYPE");
    CHECK(facts_of("ROLLBACK TO SAVEPOINT s").kind == "ROLLBACK TO");
    CHECK(facts_of("COMMENT ON TABLE t IS 'x'").kind == "COMMENT");
}

TEST_CASE("transaction control and settings are recognised") {
    for (const char* sql : {"BEGIN", "COMMIT", "SAVEPOINT s", "PREPARE TRANSACTION 'x'",
                            "COMMIT PREPARED 'x'", "END", "ABORT"}) {
        CHECK(facts_of(sql).transaction_control);
    }
    CHECK(facts_of("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").set_transaction);
    CHECK(facts_of("SET transaction_read_only = on").set_transaction);
    CHECK_FALSE(facts_of("SET TRANSACTION READ ONLY").is_setting);
    CHECK(facts_of("SET search_path = a").is_setting);
    CHECK(facts_of("RESET ALL").is_setting);
    CHECK(facts_of("SET ROLE joe").is_setting);
    CHECK_FALSE(facts_of("SELECT 1").is_setting);
}

TEST_CASE("common table expressions are not relations") {
    const StatementFacts facts =
        facts_of("WITH a AS (SELECT * FROM t), b AS (SELECT * FROM a) SELECT * FROM a, b, s.a, c");
    CHECK(facts.reads == Names{"t", "s.a", "c"});
    CHECK(facts_of("WITH t AS (SELECT * FROM t) SELECT * FROM t").reads == Names{"t"});
    CHECK(facts_of("WITH RECURSIVE t AS (SELECT 1 UNION SELECT * FROM t) SELECT * FROM t")
              .reads.empty());
    CHECK(facts_of("SELECT (WITH a AS (SELECT 1) SELECT * FROM a), * FROM a").reads == Names{"a"});
}

TEST_CASE("relations are found wherever they stand") {
    const StatementFacts facts = facts_of(
        "INSERT INTO \"T\" SELECT * FROM a JOIN b USING (id) WHERE x IN (SELECT y FROM c)");
    CHECK(facts.reads == Names{"a", "b", "c"});
    CHECK(facts.writes == Names{"\"T\""});
    CHECK(facts_of("UPDATE t SET a = (SELECT 1 FROM u) FROM v").reads == Names{"u", "v"});
    CHECK(facts_of("MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE").writes == Names{"t"});
    CHECK(facts_of("CREATE TABLE t (a int REFERENCES s.u, LIKE v)").reads == Names{"v", "s.u"});
    CHECK(facts_of("CREATE VIEW v AS SELECT * FROM t").reads == Names{"t"});
    CHECK(facts_of("SELECT * INTO n FROM t").writes == Names{"n"});
    CHECK(facts_of("COPY (SELECT * FROM t) TO STDOUT").reads == Names{"t"});
    CHECK(facts_of("EXPLAIN DELETE FROM t").writes.empty());
}

TEST_CASE("only queries that change nothing may stand in a check") {
    CHECK(facts_of("SELECT * FROM t").is_query);
    CHECK(facts_of("VALUES (1)").is_query);
    CHECK(facts_of("TABLE t").is_query);
    CHECK_FALSE(facts_of("SELECT * FROM t FOR UPDATE").is_query);
    CHECK_FALSE(facts_of("SELECT 1 INTO t").is_query);
    CHECK_FALSE(facts_of("WITH d AS (DELETE FROM t RETURNING 1) SELECT * FROM d").is_query);
    CHECK_FALSE(facts_of("SHOW work_mem").is_query);
}

TEST_CASE("opaque code") {
    CHECK(facts_of("DO $$ BEGIN END $$").opaque);
    CHECK(facts_of("CALL p()").opaque);
    CHECK(facts_of("EXECUTE p").opaque);
    CHECK(facts_of("SELECT app.f(lower(x)), count(*), g(1) FROM t").calls == Names{"app.f", "g"});
    CHECK_FALSE(
        facts_of(
            "SELECT pg_catalog.lower(x), random(), clock_timestamp(), jsonb_build_object() FROM t")
            .opaque);
    CHECK_FALSE(
        facts_of("SELECT coalesce(a, b), extract(year FROM d), x AT TIME ZONE 'UTC', now() FROM t")
            .opaque);
    CHECK(facts_of("SELECT pg_terminate_backend(1)").opaque);
    CHECK(facts_of("SELECT lo_unlink(1)").opaque);
    CHECK_FALSE(facts_of("CREATE VIEW v AS SELECT f(1)").opaque);
    CHECK(facts_of("CREATE TABLE t AS SELECT f(1)").opaque);
}

TEST_CASE("a client's stream is recognised") {
    CHECK(facts_of("COPY t FROM STDIN").copies_client);
    CHECK(facts_of("COPY t TO STDOUT").copies_client);
    CHECK_FALSE(facts_of("COPY t TO '/tmp/x'").copies_client);
    CHECK_FALSE(facts_of("COPY t FROM PROGRAM 'x'").copies_client);
}

TEST_CASE("statements that can't be in a transaction block") {
    const auto kind = [](const char* sql) { return facts_of(sql).non_transactional; };
    CHECK(kind("CREATE INDEX CONCURRENTLY i ON t (a)") ==
          NonTransactional::create_index_concurrently);
    CHECK(kind("DROP INDEX CONCURRENTLY i") == NonTransactional::drop_index_concurrently);
    CHECK(kind("REINDEX (CONCURRENTLY) TABLE t") == NonTransactional::reindex_concurrently);
    CHECK(kind("REINDEX (CONCURRENTLY off) TABLE t") == NonTransactional::no);
    CHECK(kind("REINDEX DATABASE d") == NonTransactional::repeatable);
    CHECK(kind("REINDEX SCHEMA CONCURRENTLY s") == NonTransactional::reindex_concurrently);
    CHECK(kind("ALTER TABLE p DETACH PARTITION c CONCURRENTLY") ==
          NonTransactional::detach_concurrently);
    CHECK(kind("ALTER TABLE p DETACH PARTITION c FINALIZE") == NonTransactional::no);
    CHECK(kind("VACUUM t") == NonTransactional::repeatable);
    CHECK(kind("ANALYZE t") == NonTransactional::no);
    CHECK(kind("CLUSTER") == NonTransactional::repeatable);
    CHECK(kind("CLUSTER t USING i") == NonTransactional::no);
    CHECK(kind("ALTER SYSTEM SET work_mem = '4MB'") == NonTransactional::repeatable);
    CHECK(kind("ALTER DATABASE d SET TABLESPACE x") == NonTransactional::repeatable);
    CHECK(kind("ALTER DATABASE d SET work_mem = '4MB'") == NonTransactional::no);
    CHECK(kind("CREATE DATABASE d") == NonTransactional::create_database);
    CHECK(kind("DROP DATABASE d") == NonTransactional::drop_database);
    CHECK(kind("CREATE TABLESPACE x LOCATION '/x'") == NonTransactional::create_tablespace);
    CHECK(kind("DROP TABLESPACE x") == NonTransactional::drop_tablespace);
    CHECK(kind("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p") ==
          NonTransactional::create_subscription);
    CHECK(kind("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (create_slot = false)") ==
          NonTransactional::no);
    CHECK(kind("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false)") ==
          NonTransactional::no);
    CHECK(kind("DROP SUBSCRIPTION s") == NonTransactional::drop_subscription);
    CHECK(kind("ALTER SUBSCRIPTION s REFRESH PUBLICATION") == NonTransactional::repeatable);
    CHECK(kind("ALTER TYPE m ADD VALUE 'x'") == NonTransactional::no);
    CHECK(kind("REFRESH MATERIALIZED VIEW CONCURRENTLY v") == NonTransactional::no);
}

TEST_CASE("a non-transactional statement names what it is about") {
    const StatementFacts index = facts_of("CREATE UNIQUE INDEX CONCURRENTLY \"I\" ON s.t (a)");
    CHECK(index.subject == ObjectName{"relation", "s.\"I\"", ""});
    CHECK(index.subject_relation == "s.t");
    CHECK_FALSE(facts_of("CREATE INDEX CONCURRENTLY ON s.t (a)").subject);
    CHECK(facts_of("DROP INDEX CONCURRENTLY s.i").subject == ObjectName{"relation", "s.i", ""});
    CHECK(facts_of("REINDEX INDEX CONCURRENTLY s.i").subject == ObjectName{"relation", "s.i", ""});
    CHECK_FALSE(facts_of("REINDEX INDEX CONCURRENTLY s.i").subject_relation);
    CHECK(facts_of("REINDEX TABLE CONCURRENTLY s.t").subject_relation == "s.t");
    const StatementFacts detach = facts_of("ALTER TABLE s.p DETACH PARTITION s.c CONCURRENTLY");
    CHECK(detach.subject == ObjectName{"relation", "s.c", ""});
    CHECK(detach.subject_relation == "s.p");
    CHECK(facts_of("CREATE DATABASE \"D\"").subject == ObjectName{"database", "\"D\"", ""});
}

TEST_CASE("statements may be analysed by several threads at once") {
    std::vector<std::thread> threads;
    std::vector<std::size_t> found(4);
    for (std::size_t i = 0; i < found.size(); ++i) {
        threads.emplace_back([&found, i] {
            for (int n = 0; n < 200; ++n) {
                found[i] +=
                    analyse("CREATE TABLE t (a int); SELECT * FROM u; SELEC 1").statements.size();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(found == std::vector<std::size_t>(4, 400));
}
