// Steps that go in batches: ranges of a key, their journal, kills between any two actions, and what they heed.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <memory>

#include <sys/wait.h>
#include <unistd.h>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

std::string table(int rows = 95) {
    return fmt::format("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, v text); "
                       "INSERT INTO t SELECT i * 3, 0, 'row ' || i FROM generate_series(1, {}) i; ANALYZE t",
                       rows);
}

// A database for a plan of one step; `step` is what stands in it.
struct Batch {
    Database database;
    Folder folder;

    explicit Batch(const std::string& step, const std::string& before = table()) {
        database.execute(before);
        folder.write("b.cairn", fmt::format("plan b\ndatabase erp\nstep s {{\n{}\n}}\n", step));
    }
    Ran run(std::vector<std::string> arguments, Environment environment = {}) {
        arguments.insert(arguments.end(), {"--db", "erp=" + database.conninfo()});
        environment.try_emplace("CAIRN_BACKOFF", "10ms");
        return run_cairn(folder, arguments, environment);
    }
    // What a person would do after a crash: resume; if nothing had been journalled yet, apply.
    Ran go_on() {
        Ran resumed = run({"resume"});
        return resumed.err.find("C0612") != std::string::npos ? run({"apply", "b.cairn"}) : resumed;
    }
};

constexpr const char* counting = "batch on t.id by 10\n$$ UPDATE t SET n = n + 1 WHERE :batch $$\nrollback none \"counted\"";

}  // namespace

TEST_CASE("a batch changes every row once, in ranges of the size asked for") {
    Batch batch(counting);
    const Ran ran = batch.run({"apply", "b.cairn"});
    INFO(ran.err);
    REQUIRE(ran.exit == 0);
    CHECK(batch.database.query("SELECT min(n), max(n), count(DISTINCT xmin::text) FROM t") == "1|1|10");
    CHECK(batch.database.query("SELECT state, rows FROM cairn.item") == "done|95");
    CHECK(batch.database.query("SELECT min(c), max(c) FROM (SELECT count(*) AS c FROM t GROUP BY xmin::text) x") == "5|10");
}

TEST_CASE("a batch killed between any two of its actions goes on where it was") {
    Batch traced(counting, table(25));
    REQUIRE(traced.run({"apply", "b.cairn"}, {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}}).exit == 0);
    const int points = count_lines(traced.folder.read("trace"));
    REQUIRE(points > 20);
    for (int at = 1; at <= points; ++at) {
        Batch batch(counting, table(25));
        REQUIRE(batch.run({"apply", "b.cairn"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit == 128 + SIGKILL);
        INFO("killed at fault point " << at << " of " << points);
        const Ran resumed = batch.go_on();
        INFO(resumed.err);
        CHECK((resumed.exit == 0 || resumed.exit == 1 || resumed.exit == 9));
        CHECK(batch.database.query("SELECT min(n), max(n), count(*) FROM t") == "1|1|25");
        CHECK(batch.database.query("SELECT state, rows FROM cairn.item") == "done|25");
        CHECK(batch.database.query("SELECT count(DISTINCT xmin::text) FROM t") == "3");
    }
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
    Batch batch(counting, table(30) + "; CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN "
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
    Batch batch(counting, table() + "; ALTER TABLE t ADD CHECK (n = 0 OR id <> 150)");
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
        Batch batch(step, table() + "; ALTER TABLE t ADD CHECK (n = 0 OR id <> 150)");
        REQUIRE(batch.run({"apply", "b.cairn"}).exit == 4);
        CHECK(batch.run({"rollback"}).exit == 0);
        CHECK(batch.database.query("SELECT min(n), max(n) FROM t") == "0|0");
        CHECK(batch.database.query("SELECT state FROM cairn.item") == "rolled_back");
    }
    SECTION("none has") {
        Batch batch(step, table() + "; ALTER TABLE t ADD CHECK (n = 0 OR id <> 3); UPDATE t SET n = 5 WHERE id > 200");
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

namespace {

// Three ranges that keep their rows: of all kinds of columns, some of which a copy keeps as text.
constexpr const char* keeping = "batch on t.id by 10\n$$ UPDATE t SET n = n + 1, v = upper(v), m = 'b', w = NULL WHERE :batch AND id % 2 = 0 $$";
std::string kept_table(int rows = 25) {
    return "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE DOMAIN moment AS timestamptz; " + table(rows) +
           "; ALTER TABLE t ADD m mood DEFAULT 'a', ADD w moment DEFAULT '2026-01-02 03:04:05.678901+00', ADD g int GENERATED ALWAYS AS (n * 2) STORED; "
           "ALTER TABLE t DROP COLUMN v; ALTER TABLE t ADD v text DEFAULT 'it''s'";
}

void is_as(const cairn::catalog::State& wanted, Database& database) {
    CHECK(cairn::catalog::compare(wanted, state_of(database)).lines == std::vector<std::string>{});
    CHECK(database.query("SELECT count(*) FROM pg_class WHERE relname LIKE 'kept%'") == "0");
}

}  // namespace

TEST_CASE("a batch gives its rows back") {
    for (const char* statement : {"UPDATE t SET n = n + 1, v = upper(v), m = 'b', w = NULL WHERE :batch AND id % 2 = 0", "DELETE FROM t WHERE :batch AND id % 2 = 0",
                                  "DELETE FROM t x USING generate_series(1, 10) i WHERE :batch AND x.id = i * 3", "UPDATE t SET n = 1 WHERE :batch AND false"}) {
        INFO(statement);
        Batch batch(fmt::format("batch on t.id by 10\n$$ {} $$", statement), kept_table());
        batch.database.execute(fmt::format("ALTER DATABASE \"{}\" SET DateStyle = 'SQL, DMY'", batch.database.name()));
        const auto before = state_of(batch.database);
        REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
        const Ran back = batch.run({"rollback"});
        INFO(back.err);
        CHECK(back.exit == 0);
        is_as(before, batch.database);
        CHECK(batch.database.query("SELECT state FROM cairn.item") == "rolled_back");
        CHECK(batch.database.query("SELECT count(*) FROM cairn.undo") == "0");
    }
}

TEST_CASE("a batch that has failed on its way gives back the ranges that have committed") {
    Batch batch(std::string(keeping) , kept_table() + "; ALTER TABLE t ADD CONSTRAINT c CHECK (n = 0 OR id < 60)");
    const auto before = state_of(batch.database);
    REQUIRE(batch.run({"apply", "b.cairn"}).exit == 4);
    CHECK(batch.database.query("SELECT count(*) FROM t WHERE n = 1") == "5");
    CHECK(batch.run({"rollback"}).exit == 0);
    is_as(before, batch.database);
}

TEST_CASE("a batch that keeps rows, killed between any two of its actions, goes on, and then goes back") {
    Batch traced(keeping, kept_table());
    const auto before = state_of(traced.database);
    REQUIRE(traced.run({"apply", "b.cairn"}, {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}}).exit == 0);
    const auto after = state_of(traced.database);
    const int points = count_lines(traced.folder.read("trace"));
    for (int at = 1; at <= points; ++at) {
        Batch batch(keeping, kept_table());
        REQUIRE(batch.run({"apply", "b.cairn"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit == 128 + SIGKILL);
        INFO("killed at fault point " << at << " of " << points);
        const bool goes_on = at % 2 == 0;  // else back from where it stands
        if (goes_on) {
            const Ran resumed = batch.go_on();
            CHECK((resumed.exit == 0 || resumed.exit == 1 || resumed.exit == 9));
            CHECK(cairn::catalog::compare(after, state_of(batch.database)).lines == std::vector<std::string>{});
        }
        const Ran back = batch.run({"rollback"});
        INFO(back.err);
        CHECK((back.exit == 0 || back.err.find("C0612") != std::string::npos));
        is_as(before, batch.database);
    }
}

TEST_CASE("the rollback of a batch, killed between any two of its actions, goes on; so does the batch") {
    Batch traced(keeping, kept_table());
    const auto before = state_of(traced.database);
    REQUIRE(traced.run({"apply", "b.cairn"}).exit == 0);
    const auto after = state_of(traced.database);
    REQUIRE(traced.run({"rollback"}, {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}}).exit == 0);
    const int points = count_lines(traced.folder.read("trace"));
    REQUIRE(points > 8);
    for (int at = 1; at <= points; ++at) {
        Batch batch(keeping, kept_table());
        REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
        REQUIRE(batch.run({"rollback"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit == 128 + SIGKILL);
        INFO("killed at fault point " << at << " of " << points);
        if (at % 2 == 0 && batch.database.query("SELECT state FROM cairn.run") != "rolled_back") {
            const Ran resumed = batch.run({"resume"});
            INFO(resumed.err);
            CHECK((resumed.exit == 0 || resumed.exit == 9));  // 9: the kill came before the run was told to go back
            CHECK(cairn::catalog::compare(after, state_of(batch.database)).lines == std::vector<std::string>{});
        }
        const Ran again = batch.run({"rollback"});
        INFO(again.err);
        CHECK((again.exit == 0 || again.exit == 1));  // 1: the kill came after the end was recorded
        is_as(before, batch.database);
    }
}

TEST_CASE("the rollback of a batch does not overwrite what others have written since") {
    Batch batch(keeping, kept_table());
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
        is_as(before, batch.database);
    }
}

TEST_CASE("finalize drops what a batch has kept, and status says what it costs") {
    Batch batch(keeping, kept_table(2000));
    REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
    CHECK(batch.run({"status"}).out.find("the way back costs") != std::string::npos);
    CHECK(batch.database.query("SELECT count(*) FROM pg_class WHERE relname LIKE 'kept%batch'") == "1");
    CHECK(batch.run({"finalize"}).out.find("1 table of kept rows dropped") != std::string::npos);
    CHECK(batch.database.query("SELECT count(*) FROM pg_class WHERE relname LIKE 'kept%'") == "0");
    CHECK(batch.run({"rollback"}).exit == 1);
}

TEST_CASE("a trail that does not say where a batch's rows are is no way back") {
    Batch batch(keeping, kept_table());
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
        Batch batch(fmt::format("batch on t.id by 10\n$$ {} $$", c.statement), kept_table() + "; " + c.before);
        const auto before = state_of(batch.database);
        const Ran ran = batch.run({"apply", "b.cairn"});
        INFO(ran.err);
        REQUIRE(ran.exit == 0);
        CHECK(batch.database.query("SELECT count(*) FROM cairn.undo WHERE kind = 'cursor'") == "3");
        CHECK_FALSE(cairn::catalog::compare(before, state_of(batch.database)).lines.empty());
        const Ran back = batch.run({"rollback"});
        INFO(back.err);
        CHECK(back.exit == 0);
        is_as(before, batch.database);
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
        is_as(state, batch.database);
    }
}

TEST_CASE("a watched batch, killed between any two of its actions, goes on or back") {
    const char* step = "batch on t.id by 10\n$$ WITH g AS (DELETE FROM t WHERE :batch RETURNING *) INSERT INTO gone SELECT * FROM g $$";
    const std::string made = kept_table() + "; CREATE TABLE gone (LIKE t)";
    Batch traced(step, made);
    const auto before = state_of(traced.database);
    REQUIRE(traced.run({"apply", "b.cairn"}, {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}}).exit == 0);
    const auto after = state_of(traced.database);
    const int points = count_lines(traced.folder.read("trace"));
    for (int at = 3; at <= points; at += 3) {
        Batch batch(step, made);
        REQUIRE(batch.run({"apply", "b.cairn"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit == 128 + SIGKILL);
        INFO("killed at fault point " << at << " of " << points);
        if (at % 2 == 0) {
            const Ran resumed = batch.go_on();
            CHECK((resumed.exit == 0 || resumed.exit == 1 || resumed.exit == 9));
            CHECK(cairn::catalog::compare(after, state_of(batch.database)).lines == std::vector<std::string>{});
        }
        const Ran back = batch.run({"rollback"});
        INFO(back.err);
        CHECK((back.exit == 0 || back.err.find("C0612") != std::string::npos));
        is_as(before, batch.database);
    }
}

TEST_CASE("a step after a batch, and a batch after a step, on the same rows: all comes back, and what others wrote is found") {
    Batch batch("$$ SELECT 1 $$", kept_table());
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
        is_as(before, batch.database);
    }
    SECTION("disturbed") {
        batch.database.execute("UPDATE t SET n = 77 WHERE id = 9");
        CHECK(batch.run({"rollback"}).exit == 6);
        CHECK(batch.database.query("SELECT n FROM t WHERE id = 9") == "77");
    }
}

TEST_CASE("what others write between a batch and a later step of the run is not overwritten by the batch's way back") {
    Batch batch("$$ SELECT 1 $$", kept_table());
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
    Batch batch("batch on t.id by 10 $$ " + statements + "$$", table(20) + "; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT $1'");
    const Ran ran = batch.run({"apply", "b.cairn"});
    CHECK(ran.exit == 4);
    CHECK(ran.err.find("C0885") != std::string::npos);
}

namespace {

// A batch that waits in its second range for a row that the test holds.
struct Held : Batch {
    cairn::postgres::Session blocker;
    std::unique_ptr<Cairn> runner;

    explicit Held(const std::string& step) : Batch(step, table(25)), blocker(database.connect()) {
        REQUIRE(blocker.script("BEGIN; UPDATE t SET v = 'held' WHERE id = 36").ok());
        runner = std::make_unique<Cairn>(folder, std::vector<std::string>{"apply", "b.cairn", "--db", "erp=" + database.conninfo()},
                                         Environment{{"CAIRN_BACKOFF", "10ms"}});
    }
    void await_the_second_range() {
        await("the second range waits", [&] {
            return database.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "1";
        });
    }
    void is_done() { CHECK(database.query("SELECT min(n), max(n), count(*) FROM t") == "1|1|25"); }
};

}  // namespace

TEST_CASE("a batch whose connection is lost in a range goes on with that range") {
    Held held(counting);
    held.await_the_second_range();
    held.database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()");
    REQUIRE(held.blocker.script("COMMIT").ok());
    const Ran ran = held.runner->wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    held.is_done();
}

TEST_CASE("a batch heeds an interrupt, and is resumed") {
    Held held(counting);
    held.await_the_second_range();
    held.runner->signal(SIGINT);
    const Ran ran = held.runner->wait();
    CHECK(ran.exit == 4);
    CHECK(ran.err.find("C0713") != std::string::npos);
    REQUIRE(held.blocker.script("COMMIT").ok());
    CHECK(held.database.query("SELECT count(*) FROM t WHERE n = 1") == "10");
    CHECK(held.database.query("SELECT state FROM cairn.run") == "stopped");
    CHECK(held.run({"resume"}).exit == 0);
    held.is_done();
}

TEST_CASE("a range that meets a lock timeout or a change of others is tried again, and no range before it") {
    // Without kept rows, with copies of them under REPEATABLE READ, and with triggers.
    for (const char* more : {"$$ rollback none \"counted\"", "$$", "; UPDATE t SET v = v WHERE :batch AND false $$"}) {
        INFO(more);
        Held held(fmt::format("batch on t.id by 10\nlock timeout 100ms\nretry 1000\n$$ UPDATE t SET n = n + 1 WHERE :batch {}", more));
        await("a retry", [&] {
            return held.database.query("SELECT to_regclass('cairn.event') IS NOT NULL") == "t" && held.database.query("SELECT count(*) > 0 FROM cairn.event WHERE event = 'retry'") == "t";
        });
        REQUIRE(held.blocker.script("COMMIT").ok());
        const Ran ran = held.runner->wait();
        INFO(ran.err);
        CHECK(ran.exit == 0);
        held.is_done();
        CHECK(held.database.query("SELECT v FROM t WHERE id = 36") == "held");
    }
}

TEST_CASE("ranges that take too long become smaller") {
    Batch batch("batch on t.id by 1000 $$ UPDATE t SET n = n + 1 WHERE :batch $$", table(3000));
    REQUIRE(batch.run({"apply", "b.cairn"}, {{"CAIRN_RANGE", "0"}}).exit == 0);
    CHECK(batch.database.query("SELECT min(n), max(n) FROM t") == "1|1");
    CHECK(batch.database.query("SELECT string_agg(detail ->> 'size', ' ' ORDER BY seq) LIKE '1000 500 250 125 62 31 15 10 10%' FROM cairn.undo WHERE kind = 'cursor'") == "t");
}

TEST_CASE("a batch waits for a standby that falls behind, and goes on when it has caught up") {
    cairn::scratch::Options options;
    auto server = own_server(options);
    Database database(server);
    Folder folder;
    database.execute(table(400));
    folder.write("b.cairn", "plan b\ndatabase erp\nstep s { batch on t.id by 10 pause 50ms $$ UPDATE t SET n = n + 1 WHERE :batch $$ rollback none \"x\" }\n");
    const std::string target = folder.path() + "/wal";
    const pid_t receiver = fork();
    if (receiver == 0) {
        const std::string conninfo = database.conninfo();
        execl("/bin/sh", "sh", "-c", "mkdir -p \"$1\"; exec pg_receivewal -D \"$1\" --status-interval=1 --no-sync -d \"$2\" 2>/dev/null", "sh", target.c_str(), conninfo.c_str(), nullptr);
        _exit(127);
    }
    await("the receiver streams", [&] { return database.query("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "1"; });
    Cairn runner(folder, {"apply", "b.cairn", "--db", "erp=" + database.conninfo()}, {{"CAIRN_LAG", "1500ms"}});
    await("the first range", [&] { return database.query("SELECT count(*) > 0 FROM t WHERE n = 1") == "t"; });
    kill(receiver, SIGSTOP);
    await("the batch waits", [&] { return database.query("SELECT count(*) FROM cairn.event WHERE event = 'waiting'") == "1"; });
    CHECK(database.query("SELECT count(*) > 0 FROM t WHERE n = 0") == "t");
    kill(receiver, SIGCONT);
    const Ran ran = runner.wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK(ran.err.find("behind") != std::string::npos);
    CHECK(database.query("SELECT min(n), max(n) FROM t") == "1|1");
    kill(receiver, SIGKILL);
    waitpid(receiver, nullptr, 0);
}

TEST_CASE("the rollback of a batch waits for whom it meets, and tries again") {
    Batch batch("batch on t.id by 10\nlock timeout 100ms\nretry 1000\n$$ UPDATE t SET n = n + 1 WHERE :batch $$", kept_table());
    const auto before = state_of(batch.database);
    REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
    auto blocker = batch.database.connect();
    REQUIRE(blocker.script("BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE").ok());
    Cairn runner(batch.folder, {"rollback", "--db", "erp=" + batch.database.conninfo()}, {{"CAIRN_BACKOFF", "10ms"}});
    await("the rollback waits", [&] {
        return batch.database.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "1";
    });
    await("it has given up once", [&] {
        return batch.database.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "0";
    });
    REQUIRE(blocker.script("COMMIT").ok());
    const Ran ran = runner.wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    is_as(before, batch.database);
}

TEST_CASE("deferred constraints of a batch speak up in their range") {
    Batch batch("batch on t.id by 10 $$ UPDATE t SET p = 999 WHERE :batch AND id = 36; DELETE FROM t WHERE :batch AND id = 39 $$",
                kept_table() + "; ALTER TABLE t ADD p int REFERENCES t DEFERRABLE INITIALLY DEFERRED");
    const auto before = state_of(batch.database);
    const Ran ran = batch.run({"apply", "b.cairn"});
    CHECK(ran.exit == 4);
    CHECK(ran.err.find("t_p_fkey") != std::string::npos);
    CHECK(batch.run({"rollback"}).exit == 0);
    is_as(before, batch.database);
}
