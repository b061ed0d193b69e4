// A batch gives its rows back: whatever it has changed, as far as it came, and nothing of others.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/cluster/batch_harness.hpp"

using namespace cairn::cluster;

TEST_CASE("a batch gives its rows back") {
    for (const char* statement : {"UPDATE t SET n = n + 1, v = upper(v), m = 'b', w = NULL WHERE :batch AND id % 2 = 0", "DELETE FROM t WHERE :batch AND id % 2 = 0",
                                  "DELETE FROM t x USING generate_series(1, 10) i WHERE :batch AND x.id = i * 3", "UPDATE t SET n = 1 WHERE :batch AND false"}) {
        INFO(statement);
        Batch batch(fmt::format("batch on t.id by 10\n$$ {} $$", statement), batch_table_of_all_kinds());
        batch.database.execute(fmt::format("ALTER DATABASE \"{}\" SET DateStyle = 'SQL, DMY'", batch.database.name()));
        const auto before = state_of(batch.database);
        REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
        const Ran back = batch.run({"rollback"});
        INFO(back.err);
        CHECK(back.exit == 0);
        batch.is_as(before);
        CHECK(batch.database.query("SELECT state FROM cairn.item") == "rolled_back");
        CHECK(batch.database.query("SELECT count(*) FROM cairn.undo") == "0");
    }
}

TEST_CASE("a batch that has failed on its way gives back the ranges that have committed") {
    Batch batch(std::string(keeping) , batch_table_of_all_kinds() + "; ALTER TABLE t ADD CONSTRAINT c CHECK (n = 0 OR id < 60)");
    const auto before = state_of(batch.database);
    REQUIRE(batch.run({"apply", "b.cairn"}).exit == 4);
    CHECK(batch.database.query("SELECT count(*) FROM t WHERE n = 1") == "5");
    CHECK(batch.run({"rollback"}).exit == 0);
    batch.is_as(before);
}

TEST_CASE("the rollback of a batch does not overwrite what others have written since") {
    Batch batch(keeping, batch_table_of_all_kinds());
    const auto before = state_of(batch.database);
    REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
    batch.database.execute("UPDATE t SET n = 77 WHERE id = 36");  // in the second range of three
    SECTION("it stops there") {
        const Ran stopped = batch.run({"rollback"});
        CHECK(stopped.exit == 6);
        CHECK(stopped.err.find("C0820") != std::string::npos);
        CHECK(stopped.err.find("(id)=(36)") != std::string::npos);
        CHECK(batch.database.query("SELECT n FROM t WHERE id = 36") == "77");
        CHECK(batch.database.query("SELECT count(*) FROM t WHERE n = 1") == "9");  // the third range is back
    }
    SECTION("skip leaves the row") {
        CHECK(batch.run({"rollback", "--on-conflict", "skip"}).exit == 0);
        CHECK(batch.database.query("SELECT id, n FROM t WHERE n <> 0") == "36|77");
        CHECK(batch.database.query("SELECT count(*) FROM cairn.event WHERE event = 'conflict' AND detail LIKE '%(id)=(36)%'") == "1");
    }
    SECTION("force overwrites it") {
        CHECK(batch.run({"rollback", "--on-conflict", "force"}).exit == 0);
        batch.is_as(before);
    }
}

TEST_CASE("finalize drops what a batch has kept, and status says what it costs") {
    Batch batch(keeping, batch_table_of_all_kinds(2000));
    REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
    CHECK(batch.run({"status"}).out.find("the way back costs") != std::string::npos);
    CHECK(batch.database.query("SELECT count(*) FROM pg_class WHERE relname LIKE 'kept%batch'") == "1");
    CHECK(batch.run({"finalize"}).out.find("1 table of kept rows dropped") != std::string::npos);
    CHECK(batch.database.query("SELECT count(*) FROM pg_class WHERE relname LIKE 'kept%'") == "0");
    CHECK(batch.run({"rollback"}).exit == 1);
}

TEST_CASE("a trail that does not say where a batch's rows are is no way back") {
    Batch batch(keeping, batch_table_of_all_kinds());
    REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
    batch.database.execute("UPDATE cairn.undo SET detail = '{\"kept\": {\"rows\": [], \"sequences\": []}}' WHERE kind = 'difference'");
    const Ran back = batch.run({"rollback"});
    CHECK(back.exit == 6);
    CHECK(back.err.find("C0884") != std::string::npos);
}

TEST_CASE("a batch that changes more than rows of its range gives them back too") {
    struct Case {
        const char *before, *statement;
    };
    for (const Case& c : {Case{"CREATE TABLE c (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE); INSERT INTO c SELECT id, id FROM t", "DELETE FROM t WHERE :batch AND id % 2 = 0"},
                          Case{"CREATE TABLE gone (LIKE t)", "WITH g AS (DELETE FROM t WHERE :batch RETURNING *) INSERT INTO gone SELECT * FROM g"},
                          Case{"CREATE TABLE gone (LIKE t)", "INSERT INTO gone SELECT * FROM t WHERE :batch; DELETE FROM t WHERE :batch AND id < 40"},
                          Case{"CREATE TABLE sums (id int PRIMARY KEY, n int); INSERT INTO sums VALUES (30, 1)",
                               "MERGE INTO sums s USING (SELECT * FROM t WHERE :batch) x ON s.id = x.id WHEN MATCHED THEN UPDATE SET n = s.n + 1 WHEN NOT MATCHED THEN INSERT VALUES (x.id, 0)"},
                          Case{"CREATE TABLE seen (id int); CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO seen VALUES (NEW.id); RETURN NEW; END $f$; "
                               "CREATE TRIGGER see BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION see()", "UPDATE t SET n = n + 1 WHERE :batch"},
                          Case{"CREATE FUNCTION twice(i int) RETURNS int LANGUAGE plpgsql AS $f$ BEGIN UPDATE t SET m = 'b' WHERE id = 3; RETURN i * 2; END $f$", "UPDATE t SET n = twice(id) WHERE :batch AND id > 3"},
                          // Rows that are not of the range: copies of it do not hold them.
                          Case{"SELECT", "UPDATE t SET n = n + 1 WHERE id IN (SELECT 78 - id FROM t x WHERE :batch(x))"}}) {
        INFO(c.statement);
        Batch batch(fmt::format("batch on t.id by 10\n$$ {} $$", c.statement), batch_table_of_all_kinds() + "; " + c.before);
        const auto before = state_of(batch.database);
        const Ran ran = batch.run({"apply", "b.cairn"});
        INFO(ran.err);
        REQUIRE(ran.exit == 0);
        CHECK(batch.database.query("SELECT count(*) FROM cairn.undo WHERE kind = 'cursor'") == "3");
        CHECK_FALSE(cairn::catalog::compare(before, state_of(batch.database)).lines.empty());
        const Ran back = batch.run({"rollback"});
        INFO(back.err);
        CHECK(back.exit == 0);
        batch.is_as(before);
    }
}

TEST_CASE("a batch over a partitioned table, and one by a part of its key, give their rows back") {
    for (const char* before : {"CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 0) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (30); "
                               "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (30) TO (1000); INSERT INTO t SELECT i * 3 FROM generate_series(1, 25) i",
                               "CREATE TABLE t (id int, p int, n int DEFAULT 0, PRIMARY KEY (id, p)); INSERT INTO t SELECT i * 3, p FROM generate_series(1, 25) i, generate_series(1, 2) p"}) {
        Batch batch("batch on t.id by 10 $$ UPDATE t SET n = n + 1 WHERE :batch $$", before);
        const auto state = state_of(batch.database);
        REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
        CHECK(batch.database.query("SELECT min(n), max(n) FROM t") == "1|1");
        CHECK(batch.run({"rollback"}).exit == 0);
        batch.is_as(state);
    }
}

TEST_CASE("a step after a batch, and a batch after a step, on the same rows: all comes back, and what others wrote is found") {
    Batch batch("$$ SELECT 1 $$", batch_table_of_all_kinds());
    batch.folder.write("b.cairn", "plan b\ndatabase erp\nstep add { $$ ALTER TABLE t ADD COLUMN x int $$ }\n"
                                  "step first { batch on t.id by 10 $$ UPDATE t SET x = id, n = n + 1 WHERE :batch $$ }\n"
                                  "step second { $$ UPDATE t SET n = n * 10 WHERE id < 50 $$ }\n"
                                  "step third { batch on t.id by 7 $$ UPDATE t SET n = n + 5 WHERE :batch $$ }\n");
    const auto before = state_of(batch.database);
    REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
    CHECK(batch.database.query("SELECT min(n), max(n), count(DISTINCT x) FROM t") == "6|15|25");
    SECTION("undisturbed") {
        const Ran back = batch.run({"rollback"});
        INFO(back.err);
        CHECK(back.exit == 0);
        batch.is_as(before);
    }
    SECTION("disturbed") {
        batch.database.execute("UPDATE t SET n = 77 WHERE id = 9");
        CHECK(batch.run({"rollback"}).exit == 6);
        CHECK(batch.database.query("SELECT n FROM t WHERE id = 9") == "77");
    }
}

TEST_CASE("what others write between a batch and a later step of the run is not overwritten by the batch's way back") {
    Batch batch("$$ SELECT 1 $$", batch_table_of_all_kinds());
    batch.folder.write("b.cairn", "plan b\ndatabase erp\nstep first { batch on t.id by 10 $$ UPDATE t SET n = n + 1 WHERE :batch $$ }\n"
                                  "checkpoint half\nstep second { $$ UPDATE t SET v = 'later' WHERE id < 50 $$ }\n");
    REQUIRE(batch.run({"apply", "b.cairn", "--until", "half"}).exit == 0);
    batch.database.execute("UPDATE t SET n = 77 WHERE id = 9");
    REQUIRE(batch.run({"resume"}).exit == 0);
    const Ran back = batch.run({"rollback"});
    INFO(back.err);
    CHECK(back.exit == 6);
    CHECK(batch.database.query("SELECT n, v FROM t WHERE id = 9") == "77|it's");
}

TEST_CASE("a batch of more statements than a range's trail has room for is refused") {
    std::string statements;
    for (int i = 0; i < 256; ++i) statements += "UPDATE t SET n = f(n) WHERE :batch; ";
    Batch batch("batch on t.id by 10 $$ " + statements + "$$", batch_table(20) + "; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT $1'");
    const Ran ran = batch.run({"apply", "b.cairn"});
    CHECK(ran.exit == 4);
    CHECK(ran.err.find("C0885") != std::string::npos);
}
