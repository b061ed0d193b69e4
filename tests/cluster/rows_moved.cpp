// Rows that the step gave other keys, and that others have written since.
#include <catch2/catch.hpp>

#include "tests/cluster/rows_harness.hpp"

namespace {

using namespace cairn::cluster;
using cairn::undo::OnConflict;

}  // namespace

TEST_CASE("rows: a row that got another key comes back only where others have left it", "[rows]") {
    // Two such rows, of which one is written since; in a tree of partitions the statement's rows are one to each other.
    const bool tree = GENERATE(false, true);
    RowsLab lab(std::string("CREATE TABLE t (id int PRIMARY KEY, a text)") +
                (tree ? " PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (50); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (50) TO (1000)" : "") +
                "; INSERT INTO t SELECT i, 'x' || i FROM generate_series(1, 3) i");
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET id = id + 100 WHERE id < 2", "UPDATE t SET id = id + 100 WHERE id = 2"}});
    const auto rows = [&] { return lab.query("SELECT string_agg(id || a, ' ' ORDER BY id) FROM t"); };
    SECTION("deleted") {
        lab.execute("DELETE FROM t WHERE id = 101");
        CHECK(lab.restore(kept).conflict_count == 1);
        SECTION("skip") {
            const auto r = lab.restore(kept, OnConflict::skip);
            CHECK(r.conflict_count == 2);
            CHECK(rows() == "2x2 3x3");
        }
        SECTION("force") {
            const auto r = lab.restore(kept, OnConflict::force);
            CHECK(rows() == "1x1 2x2 3x3");
            CHECK_FALSE(cairn::undo::leaves_something(r, OnConflict::force));
        }
    }
    SECTION("moved on") {
        lab.execute("UPDATE t SET id = 109 WHERE id = 101");
        SECTION("skip") {
            (void)lab.restore(kept, OnConflict::skip);
            CHECK(rows() == "2x2 3x3 109x1");
        }
        SECTION("force") {
            const auto r = lab.restore(kept, OnConflict::force);
            CHECK(rows() == "1x1 2x2 3x3 109x1");
            CHECK(cairn::undo::leaves_something(r, OnConflict::force));
            CHECK(r.conflicts.back().key == "(id)=(101)");
            CHECK(r.conflicts.back().now.starts_with("gone from the key that the step gave it"));
        }
    }
    SECTION("its old key taken") {
        lab.execute("INSERT INTO t VALUES (1, 'other')");
        (void)lab.restore(kept, OnConflict::skip);
        CHECK(rows() == "1other 2x2 3x3 101x1");
    }
}

TEST_CASE("rows: of many rows that one UPDATE gave other keys, those that others have written are told from the rest", "[rows]") {
    RowsLab lab("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 10) i");
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET id = id + 100"}});
    lab.execute("DELETE FROM t WHERE id = 104; UPDATE t SET a = 77 WHERE id = 107");
    const auto r = lab.restore(kept, OnConflict::skip);
    CHECK(r.conflict_count == 4);
    CHECK(lab.query("SELECT string_agg(id || '=' || a, ' ' ORDER BY id) FROM t") == "1=1 2=2 3=3 5=5 6=6 8=8 9=9 10=10 107=77");
}

TEST_CASE("rows: a unique value that others have taken is a conflict, whenever it is checked", "[rows]") {
    const std::string when = GENERATE("", "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED");
    RowsLab lab("CREATE TABLE t (id int PRIMARY KEY, u int UNIQUE " + when + "); INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)");
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"DELETE FROM t WHERE id = 1", "UPDATE t SET u = u + 10 WHERE id = 2"}});
    lab.execute("INSERT INTO t VALUES (7, 1)");
    const auto stopped = lab.restore(kept);
    CHECK_FALSE(stopped.gave_back);
    CHECK(stopped.conflict_count == 1);
    const auto r = lab.restore(kept, GENERATE(OnConflict::skip, OnConflict::force));
    CHECK(r.gave_back);
    REQUIRE(r.conflicts.size() == 1);
    CHECK(r.conflicts[0].now == "another row has its unique values");
    CHECK(lab.query("SELECT string_agg(id || '=' || u, ' ' ORDER BY id) FROM t") == "2=2 3=3 7=1");
}
