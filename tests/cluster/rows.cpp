// What statements change in rows, by whatever way, and that it comes back as it was: contents of every table compared as text.
#include <catch2/catch.hpp>

#include "tests/cluster/rows_harness.hpp"

namespace {

using namespace cairn::cluster;
using cairn::undo::OnConflict;

struct Case {
    const char* name;
    const char* setup;
    std::vector<std::string> tables, statements;
    bool opaque = false;
    std::vector<std::string> images{};
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {"an UPDATE, with a key",
         "CREATE TABLE t (id int PRIMARY KEY, a int, b text); INSERT INTO t SELECT i, i, 'row ' || i FROM generate_series(1, 100) i",
         {"t"}, {"UPDATE t SET a = a + 1, b = NULL WHERE id > 50"}},
        {"an INSERT, with a key", "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1)", {"t"},
         {"INSERT INTO t SELECT i, i FROM generate_series(2, 50) i"}},
        {"an INSERT of many rows", "CREATE TABLE t (a int, id bigint, b text, PRIMARY KEY (id, a)); INSERT INTO t VALUES (1, 1, 'x')", {"t"},
         {"INSERT INTO t SELECT 2, i, i FROM generate_series(1, 2500) i"}},
        {"an INSERT of many rows, and changes of them",
         "CREATE TABLE t (a int, id bigint, b text, PRIMARY KEY (id, a)); INSERT INTO t VALUES (1, 1, 'x')", {"t"},
         {"SAVEPOINT s", "INSERT INTO t SELECT 3, i, i FROM generate_series(1, 1500) i", "ROLLBACK TO s", "SAVEPOINT s2",
          "INSERT INTO t SELECT 2, i, i FROM generate_series(1, 2500) i", "RELEASE s2", "UPDATE t SET b = 'y' WHERE id < 10",
          "DELETE FROM t WHERE id BETWEEN 5 AND 15", "UPDATE t SET a = 7 WHERE id = 20", "INSERT INTO t SELECT 8, i, i FROM generate_series(1, 1200) i"}},
        {"an INSERT of many rows, keys that can't be packed",
         "CREATE TABLE t (id text PRIMARY KEY, n uuid UNIQUE, b text)", {"t"},
         {"INSERT INTO t SELECT i, gen_random_uuid(), i FROM generate_series(1, 1500) i"}},
        {"a DELETE, with a key", "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 50) i", {"t"},
         {"DELETE FROM t WHERE a % 2 = 0"}},
        {"several statements over the same rows",
         "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 20) i", {"t"},
         {"UPDATE t SET a = -a WHERE id < 10", "DELETE FROM t WHERE id BETWEEN 5 AND 15", "INSERT INTO t VALUES (5, 500), (100, 100)",
          "UPDATE t SET a = 7 WHERE id IN (5, 100, 1)", "DELETE FROM t WHERE id = 100", "INSERT INTO t VALUES (200, 0)", "UPDATE t SET id = 201 WHERE id = 200"}},
        {"keys that move up by one", "CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY IMMEDIATE, a int, u int UNIQUE); "
                                     "INSERT INTO t SELECT i, i, i FROM generate_series(1, 20) i", {"t"}, {"UPDATE t SET id = id + 1"}},
        {"keys changed, immediate", "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(20, 1, -1) i", {"t"},
         {"UPDATE t SET id = id + 1, a = 0", "UPDATE t SET id = -id WHERE id < 5"}},
        {"unique values that wander from row to row",
         "CREATE TABLE t (id int PRIMARY KEY, u int UNIQUE); INSERT INTO t SELECT i, 21 - i FROM generate_series(1, 20) i", {"t"},
         {"UPDATE t SET u = u + 1"}},
        {"a unique value handed to a new row", "CREATE TABLE t (id int PRIMARY KEY, u text UNIQUE); INSERT INTO t VALUES (1, 'x')", {"t"},
         {"UPDATE t SET u = 'y'", "INSERT INTO t VALUES (2, 'x')"}},
        {"no key: duplicates are counted",
         "CREATE TABLE t (a int, b text); INSERT INTO t SELECT i % 3, 'x' FROM generate_series(1, 30) i; INSERT INTO t VALUES (NULL, NULL)", {"t"},
         {"UPDATE t SET a = a + 1 WHERE a < 2", "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)", "INSERT INTO t VALUES (1, 'x'), (9, NULL), (9, NULL)",
          "UPDATE t SET b = 'y' WHERE a = 9", "DELETE FROM t WHERE a IS NULL"}},
        {"no key: the first statement in a subtransaction, more of them after it",
         "CREATE TABLE t (a int, b text); INSERT INTO t SELECT i % 3, 'x' FROM generate_series(1, 30) i", {"t"},
         {"SAVEPOINT one", "UPDATE t SET a = a + 1 WHERE a < 2", "ROLLBACK TO one", "UPDATE t SET b = 'y' WHERE a = 1", "RELEASE one",
          "INSERT INTO t VALUES (1, 'y'), (7, NULL)", "DELETE FROM t WHERE a = 2"}},
        {"no key, and no column", "CREATE TABLE t (); INSERT INTO t DEFAULT VALUES", {"t"},
         {"INSERT INTO t DEFAULT VALUES", "INSERT INTO t DEFAULT VALUES", "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)"}},
        {"no key: a column whose type is not built in",
         "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TABLE t (m mood, n int); INSERT INTO t VALUES ('glad', 1), ('glad', 1), (NULL, 2)", {"t"},
         {"UPDATE t SET m = 'sad' WHERE n = 1"}},
        {"TRUNCATE, with and without a key, with CASCADE and sequences",
         "CREATE TABLE p (id serial PRIMARY KEY, a text); CREATE TABLE c (p int REFERENCES p, n bigserial); "
         "INSERT INTO p (a) VALUES ('one'), ('two'); INSERT INTO c (p) VALUES (1), (1), (2)", {"p"},
         {"TRUNCATE p RESTART IDENTITY CASCADE", "INSERT INTO p (a) VALUES ('new')"}},
        {"foreign keys: CASCADE, SET NULL, SET DEFAULT, two deep",
         "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE ON UPDATE CASCADE); "
         "CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b ON DELETE SET NULL, v text); "
         "CREATE TABLE d (a int DEFAULT 1 REFERENCES a ON DELETE SET DEFAULT); "
         "INSERT INTO a VALUES (1), (2), (3); INSERT INTO b SELECT i, 1 + i % 3 FROM generate_series(1, 9) i; "
         "INSERT INTO c SELECT i, i, 'v' || i FROM generate_series(1, 9) i; INSERT INTO d VALUES (1), (2), (1)", {"a"},
         {"DELETE FROM a WHERE id = 2", "UPDATE a SET id = 30 WHERE id = 3"}},
        {"a table that refers to itself, and a cycle of two",
         "CREATE TABLE e (id int PRIMARY KEY, boss int REFERENCES e ON DELETE CASCADE); INSERT INTO e VALUES (1, NULL), (2, 1), (3, 2), (4, 3); "
         "CREATE TABLE x (id int PRIMARY KEY, y int); CREATE TABLE y (id int PRIMARY KEY, x int REFERENCES x); "
         "ALTER TABLE x ADD FOREIGN KEY (y) REFERENCES y; INSERT INTO x VALUES (1, NULL); INSERT INTO y VALUES (1, 1); UPDATE x SET y = 1", {"e", "x", "y"},
         {"DELETE FROM e WHERE id = 2", "UPDATE x SET y = NULL", "DELETE FROM y", "DELETE FROM x", "INSERT INTO x VALUES (2, NULL)",
          "INSERT INTO y VALUES (2, 2)", "UPDATE x SET y = 2"}},
        {"a new parent for the children: nothing cascades on the way back",
         "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE); "
         "INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 2)", {"p", "c"},
         {"INSERT INTO p VALUES (3)", "UPDATE c SET p = 3", "DELETE FROM p WHERE id < 3"}},
        {"MERGE, ON CONFLICT, and data-changing CTEs",
         "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 10) i; CREATE TABLE old (id int, a int)", {"t", "old"},
         {"MERGE INTO t USING (SELECT generate_series(5, 15) AS i) s ON t.id = s.i WHEN MATCHED AND s.i < 7 THEN DELETE "
          "WHEN MATCHED THEN UPDATE SET a = 0 WHEN NOT MATCHED THEN INSERT VALUES (s.i, 99)",
          "INSERT INTO t VALUES (1, 1), (5, 5), (77, 77) ON CONFLICT (id) DO UPDATE SET a = t.a + 1000",
          "WITH gone AS (DELETE FROM t WHERE id < 4 RETURNING *) INSERT INTO old SELECT * FROM gone",
          "WITH moved AS (DELETE FROM t WHERE id > 8 RETURNING *) INSERT INTO t SELECT id, a + 1 FROM moved"}},
        {"user triggers that change the same rows, others, and replace",
         "CREATE TABLE t (id int PRIMARY KEY, a int, n int DEFAULT 0); CREATE TABLE log (what text, at int); "
         "INSERT INTO t SELECT i, i FROM generate_series(1, 6) i; "
         "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
         "IF pg_trigger_depth() < 2 THEN UPDATE t SET n = n + 1 WHERE id IN (NEW.id, NEW.id % 6 + 1); INSERT INTO log VALUES (TG_OP, NEW.id); END IF; RETURN NULL; END $$; "
         "CREATE FUNCTION replace() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM t WHERE id = NEW.id; RETURN NEW; END $$; "
         "CREATE TRIGGER note AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION note(); "
         "CREATE TRIGGER replace BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION replace(); ALTER TABLE t ENABLE ALWAYS TRIGGER note", {"t"},
         {"UPDATE t SET a = -a", "INSERT INTO t VALUES (3, 33), (4, 44), (10, 10)", "UPDATE t SET id = 11 WHERE id = 10"}},
        {"partitions: rows that move, keys that change, leaves named, a TRUNCATE of one",
         "CREATE TABLE m (id int, r int, v text, PRIMARY KEY (id, r)) PARTITION BY LIST (r); CREATE TABLE m1 PARTITION OF m FOR VALUES IN (1); "
         "CREATE TABLE m2 (v text, r int NOT NULL, id int NOT NULL); ALTER TABLE m ATTACH PARTITION m2 FOR VALUES IN (2); "
         "CREATE TABLE m3 PARTITION OF m FOR VALUES IN (3) PARTITION BY RANGE (id); CREATE TABLE m3a PARTITION OF m3 DEFAULT; "
         "INSERT INTO m SELECT i, 1 + i % 3, 'v' || i FROM generate_series(1, 30) i", {"m1", "m"},
         {"UPDATE m SET r = r % 3 + 1 WHERE id < 10", "UPDATE m1 SET v = 'leaf' WHERE id > 10", "DELETE FROM m WHERE id = 20", "INSERT INTO m VALUES (100, 2, 'new')",
          "TRUNCATE m3a", "UPDATE m SET id = id + 1000"}},
        {"partitions without a key", "CREATE TABLE m (id int, r int) PARTITION BY LIST (r); CREATE TABLE m1 PARTITION OF m FOR VALUES IN (1); "
                                     "CREATE TABLE m2 PARTITION OF m FOR VALUES IN (2); INSERT INTO m SELECT i / 2, 1 + i % 2 FROM generate_series(1, 30) i", {"m"},
         {"UPDATE m SET r = 3 - r WHERE id < 10", "DELETE FROM m2 WHERE id = 12", "INSERT INTO m VALUES (1, 1), (1, 1)"}},
        {"inheritance: heirs have columns of their own",
         "CREATE TABLE p (id int PRIMARY KEY, a int); CREATE TABLE h (extra text, PRIMARY KEY (id)) INHERITS (p); CREATE TABLE k (more int[]) INHERITS (h); "
         "INSERT INTO p VALUES (1, 1), (2, 2); INSERT INTO h VALUES (3, 3, 'e'), (4, 4, 'f'); INSERT INTO k VALUES (5, 5, 'g', '{1,2}'), (5, 5, 'g', '{1,2}')", {"p"},
         {"UPDATE p SET a = a + 10", "DELETE FROM p WHERE id IN (1, 4)", "UPDATE p SET id = id + 100 WHERE id IN (2, 5)", "INSERT INTO h VALUES (9, 9, 'n')",
          "UPDATE h SET extra = 'x'", "TRUNCATE ONLY k"}},
        {"inheritance: the key of just one row", "CREATE TABLE p (id int PRIMARY KEY, a int); CREATE TABLE h (PRIMARY KEY (id)) INHERITS (p); INSERT INTO p VALUES (1, 1), (2, 2)", {"p"},
         {"UPDATE ONLY p SET id = 3 WHERE id = 1"}},
        {"identity and generated columns",
         "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED); "
         "CREATE TABLE u (id int GENERATED ALWAYS AS IDENTITY, a int, b int GENERATED ALWAYS AS (a * 2) STORED); "
         "INSERT INTO t (a) SELECT generate_series(1, 10); INSERT INTO u (a) SELECT generate_series(1, 10)", {"t", "u"},
         {"DELETE FROM t WHERE a < 4", "UPDATE t SET a = 100 WHERE a = 5", "INSERT INTO t (a) VALUES (50)", "DELETE FROM u WHERE a < 4", "UPDATE u SET a = 100 WHERE a = 5",
          "INSERT INTO u (a) VALUES (50)"}},
        {"quoted names, and a column called as nothing should be",
         "CREATE SCHEMA \"My \"\"S\"; CREATE TABLE \"My \"\"S\".\"T'%s\" (\"select\" int PRIMARY KEY, \"k\" int, \"t\" text, \"c_1\" int, \"xmax%s\" text, \"o'o\" int); "
         "INSERT INTO \"My \"\"S\".\"T'%s\" SELECT i, i, 'v', i, NULL, 1 FROM generate_series(1, 9) i", {"\"My \"\"S\".\"T''%s\""},
         {"UPDATE \"My \"\"S\".\"T'%s\" SET k = 0, \"o'o\" = 2 WHERE \"select\" < 5", "TRUNCATE \"My \"\"S\".\"T'%s\""}},
        {"values that text loses: -0, NaN, scale, equal keys of another form",
         "CREATE TABLE f (k numeric PRIMARY KEY, d float8, e float4, j jsonb, z bytea, r int4range, i interval, ts timestamptz); "
         "INSERT INTO f VALUES (1.0, '-0', 'NaN', '{\"b\": 1.00, \"a\": null}', '\\x00ff', '[1,5)', '1 mon -1 day', 'infinity'), (2.00, 1e-310, 3.4e38, 'null', '', 'empty', '0', '-infinity'), "
         "(3, 0.1::float8 + 0.2, 'Infinity', '[]', NULL, NULL, NULL, NULL)", {"f"},
         {"UPDATE f SET k = 1.000, d = 0, e = 0 WHERE k = 1", "UPDATE f SET j = NULL, r = NULL"}},
        {"types that are not built in",
         "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN pos AS int CHECK (value > 0); CREATE TYPE pair AS (a float8, b text); CREATE TYPE fr AS RANGE (subtype = float8); "
         "CREATE TABLE t (k mood PRIMARY KEY, p pos, q pair, r pair[], s fr, w mood[]); CREATE TABLE n (k mood, q pair); "
         "INSERT INTO t VALUES ('sad', 1, (0.1, 'x,\"y'), ARRAY[(1e-310, NULL)::pair, NULL], '[0.1,0.3)', '{ok,NULL}'), ('ok', NULL, (NULL, NULL), NULL, 'empty', '{}'); "
         "INSERT INTO n SELECT k, q FROM t; INSERT INTO n VALUES (NULL, NULL), (NULL, NULL)", {"t", "n"},
         {"UPDATE t SET p = 5, q = NULL, r = NULL, s = NULL, w = NULL", "DELETE FROM t WHERE k = 'ok'", "UPDATE n SET q = (0, 'z')", "DELETE FROM n WHERE k IS NULL"}},
        {"a DO block over everything, seen by the alarm only",
         "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE u (a int); INSERT INTO t SELECT i, i FROM generate_series(1, 30) i; INSERT INTO u SELECT generate_series(1, 5)", {},
         {"DO $$ BEGIN FOR i IN 1..30 LOOP UPDATE t SET a = a + 1 WHERE id = i; END LOOP; TRUNCATE u; INSERT INTO u VALUES (0); "
          "BEGIN INSERT INTO t VALUES (1, 1); EXCEPTION WHEN unique_violation THEN INSERT INTO t VALUES (31, 31); END; END $$"}, true},
        {"code that switches triggers off", "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 30) i", {"t"},
         {"DO $$ BEGIN ALTER TABLE t DISABLE TRIGGER ALL; UPDATE t SET a = 0; DELETE FROM t WHERE id < 5; ALTER TABLE t ENABLE TRIGGER ALL; END $$"}, true},
        {"session_replication_role", "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 30) i", {"t"},
         {"SET LOCAL session_replication_role = replica", "UPDATE t SET a = 0", "SET LOCAL session_replication_role = DEFAULT"}},
        {"an image that is compared, with and without a key",
         "CREATE TABLE t (id int PRIMARY KEY, a float8); INSERT INTO t SELECT i, i FROM generate_series(1, 30) i; INSERT INTO t VALUES (0, '-0'); "
         "CREATE TABLE u (a json); INSERT INTO u VALUES ('1'), ('1'), (NULL), ('{\"x\": 1 }')", {},
         {"UPDATE t SET a = 0 WHERE id < 5", "DELETE FROM t WHERE id > 20", "INSERT INTO t VALUES (50, 1)", "DELETE FROM u WHERE a IS NULL", "UPDATE u SET a = '1'", "INSERT INTO u VALUES ('2')"},
         false, {"t", "u"}},
        {"rules and views", "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE l (id int); INSERT INTO t SELECT i, i FROM generate_series(1, 9) i; "
                            "CREATE RULE r AS ON DELETE TO t DO ALSO INSERT INTO l VALUES (OLD.id); CREATE VIEW v AS SELECT id, a FROM t WHERE a > 3", {"v"},
         {"UPDATE v SET a = a + 5 WHERE id > 5", "DELETE FROM v WHERE id = 4"}},
        {"deferred constraints", "CREATE TABLE p (id int PRIMARY KEY, u int UNIQUE DEFERRABLE INITIALLY DEFERRED); "
                                 "CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p DEFERRABLE INITIALLY DEFERRED); INSERT INTO p VALUES (1, 1), (2, 2); INSERT INTO c VALUES (1, 1)", {"p", "c"},
         {"INSERT INTO c VALUES (2, 3)", "INSERT INTO p VALUES (3, 3)", "UPDATE p SET u = 3 - u WHERE id < 3", "DELETE FROM p WHERE id = 1", "UPDATE c SET p = 2 WHERE id = 1"}},
        {"a collation that takes two texts for one",
         "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE TABLE t (k text COLLATE ci PRIMARY KEY, v text COLLATE \"C\"); "
         "INSERT INTO t VALUES ('Ab', 'x'), ('c', 'y')", {"t"}, {"UPDATE t SET k = upper(k), v = 'z'", "DELETE FROM t WHERE k = 'C'", "INSERT INTO t VALUES ('D', 'd')"}},
    };
    return all;
}

}  // namespace

TEST_CASE("rows: what a step changes comes back as it was", "[rows]") {
    for (const auto& c : cases()) {
        DYNAMIC_SECTION(c.name) {
            RowsLab lab(c.setup);
            const std::string before = lab.contents();
            const auto kept = lab.apply({.tables = c.tables, .statements = c.statements, .images = c.images, .opaque = c.opaque});
            CHECK(lab.contents() != before);
            const auto result = lab.restore(kept);
            for (const auto& conflict : result.conflicts) UNSCOPED_INFO(conflict.table << " " << conflict.key << ": kept " << conflict.kept << ", now " << conflict.now);
            CHECK(result.conflict_count == 0);
            CHECK(lab.contents() == before);
            CHECK(lab.query("SELECT count(*) FROM pg_class WHERE relnamespace = 'cairn'::regnamespace AND relname LIKE 'kept%'") == "0");
        }
    }
}
