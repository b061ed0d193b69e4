// Steps that go in batches: ranges of a key, what they count, and which key will do.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/cluster/batch_harness.hpp"

using namespace cairn::cluster;

TEST_CASE("a batch changes every row once, in ranges of the size asked for") {
    Batch batch(counting);
    const Ran ran = batch.run({"apply", "b.cairn"});
    INFO(ran.err);
    REQUIRE(ran.exit == 0);
    CHECK(batch.database.query("SELECT min(n), max(n), count(DISTINCT xmin::text) FROM t") == "1|1|10");
    CHECK(batch.database.query("SELECT state, rows FROM cairn.item") == "done|95");
    CHECK(batch.database.query("SELECT min(c), max(c) FROM (SELECT count(*) AS c FROM t GROUP BY xmin::text) x") == "5|10");
}

TEST_CASE("a batch goes by a key of any type") {
    // Server defaults that shape text must not shape the ranges.
    const std::string settings = "ALTER DATABASE \"{}\" SET DateStyle = 'SQL, DMY'; ALTER DATABASE \"{}\" SET extra_float_digits = -10; ";
    struct Key {
        const char *type, *value;
    };
    for (const Key key : {Key{"uuid", "md5(i::text)::uuid"}, Key{"text", "md5(i::text) || '''\\'"}, Key{"timestamptz", "'2026-01-01'::timestamptz + i * '1.000001 h'::interval"},
                          Key{"date", "'2026-01-01'::date + i"}, Key{"float8", "CASE i WHEN 1 THEN 'NaN' WHEN 2 THEN '-inf' ELSE sqrt(i) END"},
                          Key{"numeric(20,6)", "i / 7.0"}, Key{"interval", "i * '1 day 0.000001 s'::interval"}, Key{"bytea", "decode(md5(i::text), 'hex')"},
                          Key{"int[]", "ARRAY[i % 5, i]"}, Key{"inet", "'10.0.0.0'::inet + i"}, Key{"char(8)", "i::text"}, Key{"\"char\"", "i::\"char\""},
                          Key{"int4range", "int4range(i, i + 2)"}, Key{"mood", "(enum_range(NULL::mood))[i]"}, Key{"shout", "'A' || i"},
                          Key{"text COLLATE \"C\"", "md5(i::text)"}, Key{"oid", "i + 4000000000"}, Key{"bit(12)", "i::bit(12)"}, Key{"jsonb", "to_jsonb(i)"}}) {
        INFO(key.type);
        Batch batch("batch on \"Ta b.key\" by 7 $$ UPDATE \"Ta b\" x SET n = n + 1 WHERE :batch(x) $$ rollback none \"x\"",
                    "CREATE TYPE mood AS ENUM ('z', 'y', 'x', 'w', 'v', 'u', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n'); "
                    "CREATE DOMAIN shout AS text CHECK (value = upper(value)); " +
                        fmt::format("CREATE TABLE \"Ta b\" (n int DEFAULT 0, key {} PRIMARY KEY); INSERT INTO \"Ta b\" (key) SELECT {} FROM generate_series(1, 20) i",
                                    key.type, key.value));
        batch.folder.write("b.cairn", "plan b\ndatabase erp\nstep s { batch on '\"Ta b\".key' by 7 $$ UPDATE \"Ta b\" x SET n = n + 1 WHERE :batch(x) $$ "
                                      "rollback none \"x\" }\n");
        batch.database.execute(fmt::format(fmt::runtime(settings), batch.database.name(), batch.database.name()));
        const Ran ran = batch.run({"apply", "b.cairn"});
        INFO(ran.err);
        CHECK(ran.exit == 0);
        CHECK(batch.database.query("SELECT min(n), max(n), count(*), count(DISTINCT xmin::text) FROM \"Ta b\"") == "1|1|20|3");
    }
}

TEST_CASE("a batch ends with the last key that was there when it began") {
    // The trigger plays a session that writes behind the end all the time.
    Batch batch(counting, batch_table(30) + "; CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN "
                                             "INSERT INTO t (id) SELECT max(id) + 1 FROM t; RETURN NULL; END $f$; "
                                             "CREATE TRIGGER more AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION more()");
    const Ran ran = batch.run({"apply", "b.cairn"});
    INFO(ran.err);
    REQUIRE(ran.exit == 0);
    CHECK(batch.database.query("SELECT count(*) FILTER (WHERE n = 1), count(*) FILTER (WHERE n = 0) FROM t") == "30|30");
}

TEST_CASE("an empty table is a batch without ranges") {
    Batch batch(counting, "CREATE TABLE t (id int PRIMARY KEY, n int)");
    CHECK(batch.run({"apply", "b.cairn"}).exit == 0);
    CHECK(batch.database.query("SELECT state, rows FROM cairn.item") == "done|NULL");
}

TEST_CASE("a batch whose statement fails stops at its range, and goes on from there when mended") {
    Batch batch(counting, batch_table() + "; ALTER TABLE t ADD CHECK (n = 0 OR id <> 150)");
    const Ran failed = batch.run({"apply", "b.cairn"});
    CHECK(failed.exit == 4);
    CHECK(failed.err.find("C0708") != std::string::npos);
    CHECK(failed.err.find("b.cairn:5:") != std::string::npos);  // points into the plan, not into what was filled in
    CHECK(batch.database.query("SELECT count(*), max(id) FROM t WHERE n = 1") == "40|120");
    batch.database.execute("ALTER TABLE t DROP CONSTRAINT t_check");
    const Ran resumed = batch.run({"resume"});
    INFO(resumed.err);
    CHECK(resumed.exit == 0);
    CHECK(batch.database.query("SELECT min(n), max(n) FROM t") == "1|1");
}

TEST_CASE("a written rollback of a batch runs when ranges have committed, and not when none has") {
    const char* step = "batch on t.id by 10\n$$ UPDATE t SET n = n + 1 WHERE :batch $$\nrollback $$ UPDATE t SET n = n - 1 WHERE n > 0 $$";
    SECTION("some have") {
        Batch batch(step, batch_table() + "; ALTER TABLE t ADD CHECK (n = 0 OR id <> 150)");
        REQUIRE(batch.run({"apply", "b.cairn"}).exit == 4);
        CHECK(batch.run({"rollback"}).exit == 0);
        CHECK(batch.database.query("SELECT min(n), max(n) FROM t") == "0|0");
        CHECK(batch.database.query("SELECT state FROM cairn.item") == "rolled_back");
    }
    SECTION("none has") {
        Batch batch(step, batch_table() + "; ALTER TABLE t ADD CHECK (n = 0 OR id <> 3); UPDATE t SET n = 5 WHERE id > 200");
        REQUIRE(batch.run({"apply", "b.cairn"}).exit == 4);
        CHECK(batch.run({"rollback"}).exit == 0);
        CHECK(batch.database.query("SELECT min(n), max(n) FROM t") == "0|5");
    }
}

TEST_CASE("a batch by a key that no index supports is refused, and so is one that is not there or may be NULL") {
    struct Case {
        const char *before, *code, *says;
    };
    for (const Case c : {Case{"CREATE TABLE t (id int, n int)", "C0881", "CREATE UNIQUE INDEX CONCURRENTLY ON t (id);"},
                         Case{"CREATE TABLE t (id int NOT NULL, n int); CREATE INDEX ON t (id)", "C0881", "no unique index"},
                         Case{"CREATE TABLE t (id int NOT NULL, n int); CREATE UNIQUE INDEX ON t (id) WHERE n > 0", "C0881", "no unique index"},
                         Case{"CREATE TABLE t (id int NOT NULL, n int, UNIQUE (n, id))", "C0881", "no unique index"},
                         Case{"CREATE TABLE t (id int UNIQUE, n int)", "C0882", "ALTER TABLE t ALTER COLUMN id SET NOT NULL;"},
                         Case{"CREATE TABLE t (n int)", "C0880", "no such column"}, Case{"SELECT", "C0880", "there is none"}}) {
        Batch batch(counting, c.before);
        const Ran ran = batch.run({"apply", "b.cairn"});
        INFO(c.before << "\n" << ran.err);
        CHECK(ran.exit == 1);
        CHECK(batch.database.query("SELECT count(*) FROM cairn.run") == "0");
        CHECK(ran.err.find(c.code) != std::string::npos);
        CHECK(ran.err.find(c.says) != std::string::npos);
    }
}

TEST_CASE("the key that an earlier step makes is looked at when the batch's turn has come") {
    Batch batch(counting, "CREATE TABLE t (id int NOT NULL, n int DEFAULT 0); INSERT INTO t (id) SELECT generate_series(1, 20)");
    const std::string head = "plan b\ndatabase erp\n", step = fmt::format("step s {{ {} }}\n", counting);
    SECTION("made") {
        batch.folder.write("b.cairn", head + "step key { $$ ALTER TABLE t ADD PRIMARY KEY (id) $$ }\n" + step);
        CHECK(batch.run({"apply", "b.cairn"}).exit == 0);
        CHECK(batch.database.query("SELECT min(n), max(n) FROM t") == "1|1");
    }
    SECTION("not made after all") {
        batch.folder.write("b.cairn", head + "step key { $$ CREATE INDEX ON t (id) $$ }\n" + step);
        const Ran ran = batch.run({"apply", "b.cairn"});
        CHECK(ran.exit == 4);
        CHECK(ran.err.find("C0881") != std::string::npos);
    }
}
