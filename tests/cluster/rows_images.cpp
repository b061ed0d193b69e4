// What DROP TABLE, DROP COLUMN and ALTER TYPE take of rows comes back once the schema has been led back.
#include <catch2/catch.hpp>

#include "tests/cluster/rows_harness.hpp"

namespace {

using namespace cairn::cluster;
using cairn::undo::KeptRows;
using cairn::undo::OnConflict;

constexpr const char* keyed = "CREATE TABLE t (id int PRIMARY KEY, a text, b numeric NOT NULL); INSERT INTO t SELECT i, 'a' || i, i * 1.50 FROM generate_series(1, 20) i; INSERT INTO t VALUES (0, NULL, 0)";

}  // namespace

TEST_CASE("rows: a dropped table gets its rows back", "[rows]") {
    const std::string made = GENERATE("CREATE TABLE t (id int PRIMARY KEY, a int GENERATED ALWAYS AS (id * 2) STORED, n bigint GENERATED ALWAYS AS IDENTITY)",
                                      "CREATE TABLE t (id int, a int GENERATED ALWAYS AS (id * 2) STORED, n bigint GENERATED ALWAYS AS IDENTITY)",
                                      "CREATE TABLE t (id int, n int) PARTITION BY LIST (id); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t2 PARTITION OF t DEFAULT");
    RowsLab lab(made + "; INSERT INTO t (id) SELECT generate_series(1, 20)");
    const auto before = lab.query("SELECT t::text FROM t ORDER BY 1");
    const auto kept = lab.apply({.tables = {}, .statements = {"DROP TABLE t"}, .images = {"t"}});
    REQUIRE(kept.rows.size() == 1);
    CHECK(kept.rows[0].how == KeptRows::How::table);
    const auto r = lab.restore(kept, OnConflict::stop, {made});
    CHECK(r.conflict_count == 0);
    CHECK(r.restored == 20);
    CHECK(lab.query("SELECT t::text FROM t ORDER BY 1") == before);
}

TEST_CASE("rows: an earlier step's rows find the table that the run has made again", "[rows]") {
    RowsLab lab(keyed);
    const auto before = lab.contents();
    const auto first = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = 'changed' WHERE id < 5", "DELETE FROM t WHERE id = 6"}});
    lab.execute("UPDATE t SET a = 'theirs' WHERE id = 3");
    const auto second = lab.apply({.tables = {}, .statements = {"DROP TABLE t"}, .images = {"t"}});
    CHECK(lab.restore(second, OnConflict::stop, {"CREATE TABLE t (id int PRIMARY KEY, a text, b numeric NOT NULL)"}).conflict_count == 0);
    const auto r = lab.restore(first);
    REQUIRE(r.conflict_count == 1);
    CHECK(r.conflicts[0].now == "(3,theirs,4.50)");
    CHECK(lab.restore(first, OnConflict::force).conflict_count == 1);
    CHECK(lab.contents() == before);
}

TEST_CASE("rows: dropped columns get their values back", "[rows]") {
    RowsLab lab(keyed);
    const auto before = lab.contents();
    const auto kept = lab.apply({.tables = {}, .statements = {"ALTER TABLE t DROP COLUMN a"}, .columns = {{"t", {"a"}}}});
    const std::string back = "ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN a text, ADD COLUMN b numeric; UPDATE t SET b = CASE id WHEN 0 THEN 0 ELSE id * 1.50 END";
    SECTION("nobody came") {
        CHECK(lab.restore(kept, OnConflict::stop, {back}).conflict_count == 0);
        CHECK(lab.contents() == before);
    }
    SECTION("rows changed, gone and put in since keep what others gave them") {
        lab.execute("UPDATE t SET b = 7 WHERE id = 7; DELETE FROM t WHERE id = 0; INSERT INTO t VALUES (100, 1)");
        CHECK(lab.restore(kept, OnConflict::stop, {"ALTER TABLE t ADD COLUMN a text"}).conflict_count == 0);
        CHECK(lab.query("SELECT id, b, a FROM t WHERE id IN (0, 7, 9, 100) ORDER BY 1") == "7|7|a7\n9|13.50|a9\n100|1|NULL");
    }
    SECTION("a row that is gone while another has come may have another key") {
        lab.execute("UPDATE t SET id = 100 WHERE id = 8");
        const auto r = lab.restore(kept, OnConflict::stop, {"ALTER TABLE t ADD COLUMN a text"});
        REQUIRE(r.conflict_count == 1);
        CHECK(r.conflicts[0].key == "(id)=(8)");
        CHECK(r.conflicts[0].kept == "(8,a8)");
        CHECK(lab.restore(kept, OnConflict::skip, {"ALTER TABLE t ADD COLUMN a text"}).conflict_count == 1);
        CHECK(lab.query("SELECT id, b, a FROM t WHERE id IN (8, 9, 100) ORDER BY 1") == "9|13.50|a9\n100|12.00|NULL");
    }
}

TEST_CASE("rows: a column that may not be null has no value for a row that was put in since", "[rows]") {
    RowsLab lab(keyed);
    const auto kept = lab.apply({.tables = {}, .statements = {"ALTER TABLE t DROP COLUMN b"}, .columns = {{"t", {"b"}}}});
    lab.execute("INSERT INTO t VALUES (100, 'new')");
    const auto r = lab.restore(kept, OnConflict::stop, {"ALTER TABLE t ADD COLUMN b numeric"});
    REQUIRE(r.conflict_count == 1);
    CHECK(r.conflicts[0].key == "(100,new,)");
    CHECK(r.conflicts[0].now == "put in since, without a value for a column that comes back NOT NULL");
}

TEST_CASE("rows: without a key, values of columns find their rows by the rest of them", "[rows]") {
    RowsLab lab("CREATE TABLE t (a int, b text, c float8); INSERT INTO t SELECT i / 3, 'v' || i, i FROM generate_series(1, 20) i; INSERT INTO t VALUES (NULL, NULL, '-0'), (NULL, 'x', NULL)");
    const auto before = lab.query("SELECT a, b, c FROM t ORDER BY t::text");
    const auto kept = lab.apply({.tables = {}, .statements = {"ALTER TABLE t DROP COLUMN b, DROP COLUMN c"}, .columns = {{"t", {"b", "c"}}}});
    const std::string back = "ALTER TABLE t ADD COLUMN b text, ADD COLUMN c float8";
    SECTION("nobody came") {
        CHECK(lab.restore(kept, OnConflict::stop, {back}).conflict_count == 0);
        CHECK(lab.query("SELECT a, b, c FROM t ORDER BY t::text") == before);
    }
    SECTION("one more of a kind, and which one is new can't be told") {
        lab.execute("INSERT INTO t VALUES (3), (99)");
        const auto r = lab.restore(kept, OnConflict::stop, {back});
        REQUIRE(r.conflict_count == 1);
        CHECK(r.conflicts[0].key == "(3)");
        CHECK(r.conflicts[0].kept == "3 rows like this");
        CHECK(r.conflicts[0].now == "4 rows like this");
    }
}

TEST_CASE("rows: a column that was retyped with a loss gets its values back", "[rows]") {
    RowsLab lab(keyed);
    const auto before = lab.contents();
    const auto kept = lab.apply({.tables = {}, .statements = {"ALTER TABLE t ALTER b TYPE int USING b::int"}, .columns = {{"t", {"b"}}}});
    const std::string back = "ALTER TABLE t ALTER b TYPE numeric USING b::numeric";
    SECTION("nobody came") {
        CHECK(lab.restore(kept, OnConflict::stop, {back}).conflict_count == 0);
        CHECK(lab.contents() == before);
    }
    lab.execute("UPDATE t SET b = 70 WHERE id = 7; DELETE FROM t WHERE id = 8; INSERT INTO t VALUES (100, 'new', 1)");
    SECTION("changed since: listed") {
        const auto r = lab.restore(kept, OnConflict::stop, {back});
        REQUIRE(r.conflict_count == 2);
        CHECK(r.conflicts[0].key == "(id)=(8)");
        CHECK(r.conflicts[0].now.starts_with("no row; rows with other keys"));
        CHECK(r.conflicts[1].key == "(id)=(7)");
        CHECK(r.conflicts[1].now == "(7,a7,70)");
    }
    SECTION("skip") {
        (void)lab.restore(kept, OnConflict::skip, {back});
        CHECK(lab.query("SELECT id, b FROM t WHERE id IN (7, 8, 9, 100) ORDER BY 1") == "7|70\n9|13.50\n100|1");
    }
    SECTION("force") {
        (void)lab.restore(kept, OnConflict::force, {back});
        CHECK(lab.query("SELECT id, b FROM t WHERE id IN (7, 8, 9, 100) ORDER BY 1") == "7|10.50\n9|13.50\n100|1");
    }
}

TEST_CASE("rows: where the other type has the value still, a changed key loses nothing", "[rows]") {
    RowsLab lab("CREATE TABLE t (id int PRIMARY KEY, n int, s varchar(9)); INSERT INTO t SELECT i, i, 's' || i FROM generate_series(1, 9) i");
    const auto kept = lab.apply({.tables = {}, .statements = {"ALTER TABLE t ALTER n TYPE bigint, ALTER s TYPE text"}, .columns = {{"t", {"n", "s"}}}});
    lab.execute("UPDATE t SET id = 70 WHERE id = 7");
    CHECK(lab.restore(kept, OnConflict::stop, {"ALTER TABLE t ALTER n TYPE int, ALTER s TYPE varchar(9)"}).conflict_count == 0);
    CHECK(lab.query("SELECT * FROM t WHERE id > 8 ORDER BY 1") == "9|9|s9\n70|7|s7");
}

TEST_CASE("rows: code that changes columns and rows at once is kept by the whole table", "[rows]") {
    RowsLab lab("CREATE TABLE t (id int PRIMARY KEY, a text, b numeric NOT NULL); INSERT INTO t SELECT i, 'a' || i, i * 1.50 FROM generate_series(1, 20) i");
    const auto before = lab.query("SELECT id, a, b FROM t ORDER BY 1");
    const auto kept = lab.apply({.tables = {"t"},
                                 .statements = {"DO $$ BEGIN DELETE FROM t WHERE id > 15; ALTER TABLE t DROP COLUMN a, ALTER b TYPE int; UPDATE t SET b = 0 WHERE id < 3; INSERT INTO t VALUES (50, 5); END $$"},
                                 .opaque = true});
    CHECK(lab.restore(kept, OnConflict::stop, {"ALTER TABLE t ADD COLUMN a text, ALTER b TYPE numeric"}).conflict_count == 0);
    CHECK(lab.query("SELECT id, a, b FROM t ORDER BY 1") == before);
}

TEST_CASE("rows: no cast leads back, and the kept values do", "[rows]") {
    RowsLab lab("CREATE TABLE t (id int PRIMARY KEY, b int NOT NULL UNIQUE, m money); INSERT INTO t SELECT i, 100 - i, i FROM generate_series(1, 20) i");
    const auto before = lab.contents();
    const auto kept = lab.apply({.tables = {}, .statements = {"ALTER TABLE t DROP CONSTRAINT t_b_key, ALTER b TYPE boolean USING b > 90"}, .columns = {{"t", {"b"}}}});
    const std::vector<std::string> back{"ALTER TABLE public.t ALTER COLUMN b TYPE integer USING b::text::integer", "ALTER TABLE t ADD UNIQUE (b)"};
    const auto r = lab.restore(kept, OnConflict::stop, back);
    CHECK(r.conflict_count == 0);
    CHECK(lab.contents() == before);
}

TEST_CASE("rows: a key that was retyped, and a table that refers to it", "[rows]") {
    RowsLab lab("CREATE TABLE p (id int PRIMARY KEY, v text); CREATE TABLE c (p int REFERENCES p, n int, PRIMARY KEY (p, n)); INSERT INTO p SELECT i, 'same' FROM generate_series(20, 1, -1) i; "
                "INSERT INTO c SELECT i % 20 + 1, i / 20 FROM generate_series(1, 50) i; DELETE FROM p WHERE id NOT IN (SELECT p FROM c)");
    const auto before = lab.contents();
    const auto kept = lab.apply({.tables = {}, .statements = {"ALTER TABLE c DROP CONSTRAINT c_p_fkey", "ALTER TABLE p ALTER id TYPE uuid USING md5((-id)::text)::uuid",
                                 "ALTER TABLE c ALTER p TYPE uuid USING md5((-p)::text)::uuid, ALTER n TYPE boolean USING n > 100, DROP CONSTRAINT c_pkey"}, .columns = {{"p", {"id"}}, {"c", {"p", "n"}}}});
    const std::vector<std::string> back{"ALTER TABLE public.c ALTER COLUMN p TYPE integer USING p::text::integer", "ALTER TABLE public.p ALTER COLUMN id TYPE integer USING id::text::integer"};
    (void)back;
    REQUIRE(kept.rows.size() == 2);
    SECTION("the parent") {
        const auto r = lab.restore({.rows = {kept.rows[0].table == "public.p" ? kept.rows[0] : kept.rows[1]}, .sequences = {}}, OnConflict::stop, {back[1]});
        CHECK(r.conflict_count == 0);
        CHECK(lab.query("SELECT count(*), min(id), max(id) FROM p") == "20|1|20");
    }
    SECTION("a row of others in between") {
        lab.execute("UPDATE p SET v = 'theirs' WHERE id = md5('-7')::uuid");
        const auto r = lab.restore(kept, OnConflict::stop, {back});
        REQUIRE(r.conflict_count == 1);
        CHECK(r.conflicts[0].key == "(id)=(7)");
    }
}
