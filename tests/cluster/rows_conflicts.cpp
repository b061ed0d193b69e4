// Rows that others have written since the step are listed and left alone; a table that is no longer what it was is refused.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <tuple>

#include "tests/cluster/rows_harness.hpp"

namespace {

using namespace cairn::cluster;
using cairn::undo::Kept;
using cairn::undo::OnConflict;
using cairn::undo::RestoreResult;

}  // namespace

TEST_CASE("rows: each kind of later write is a conflict, and nothing is changed", "[rows]") {
    RowsLab lab(ten);
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = 0 WHERE id < 5", "DELETE FROM t WHERE id > 8", "INSERT INTO t VALUES (20, 20), (21, 21)"}});
    lab.execute("UPDATE t SET a = 100 WHERE id = 1");   // changed, changed since
    lab.execute("DELETE FROM t WHERE id = 2");          // changed, gone since
    lab.execute("INSERT INTO t VALUES (9, 900)");       // gone, put in since
    lab.execute("UPDATE t SET a = 200 WHERE id = 20");  // put in, changed since
    lab.execute("DELETE FROM t WHERE id = 21");         // put in, gone since
    lab.execute("UPDATE t SET a = 7 WHERE id = 7");     // not ours
    const auto now = lab.contents();

    SECTION("stop") {
        const auto r = lab.restore(kept);
        CHECK(r.conflict_count == 5);
        CHECK(r.restored == 0);
        CHECK(listed(r) ==
              "public.t (id)=(1): (1,1) / (1,100)\n"
              "public.t (id)=(2): (2,2) / no row\n"
              "public.t (id)=(9): (9,9) / (9,900)\n"
              "public.t (id)=(20): no row / (20,200)\n"
              "public.t (id)=(21): no row / no row\n");
        CHECK(lab.contents() == now);
        const auto said = cairn::undo::conflicts_found(r);
        CHECK(said.code == 820);
        CHECK(said.message.find("public.t (id)=(1): kept (1,1), now (1,100)") != std::string::npos);
    }
    SECTION("skip gives the rest back") {
        const auto r = lab.restore(kept, OnConflict::skip);
        CHECK(r.conflict_count == 5);
        CHECK(lab.query("SELECT id, a FROM t ORDER BY id") == "1|100\n3|3\n4|4\n5|5\n6|6\n7|7\n8|8\n9|900\n10|10\n20|200");
    }
    SECTION("force overwrites") {
        const auto r = lab.restore(kept, OnConflict::force);
        CHECK(r.conflict_count == 5);
        CHECK(lab.query("SELECT id, a FROM t ORDER BY id") == "1|1\n2|2\n3|3\n4|4\n5|5\n6|6\n7|7\n8|8\n9|9\n10|10");
    }
}

TEST_CASE("rows: a hundred conflicts are listed, and all are counted", "[rows]") {
    RowsLab lab("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 250) i");
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = 0"}});
    lab.execute("UPDATE t SET a = 1");
    const auto r = lab.restore(kept);
    CHECK(r.conflict_count == 250);
    CHECK(r.conflicts.size() == 100);
    CHECK(cairn::undo::conflicts_found(r).message.find("and 150 more") != std::string::npos);
}

TEST_CASE("rows: others' writes between two steps of the run are not lost to the second step's undo", "[rows]") {
    RowsLab lab(ten);
    SECTION("a row that both steps change") {
        const auto first = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = 0 WHERE id < 5"}});
        lab.execute("UPDATE t SET a = 77 WHERE id = 3");
        const auto second = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = -1"}});
        CHECK(lab.restore(second).conflict_count == 0);
        CHECK(lab.query("SELECT a FROM t WHERE id = 3") == "77");
        CHECK(listed(lab.restore(first)) == "public.t (id)=(3): (3,3) / (3,77)\n");
    }
    SECTION("a row that the second step takes away") {
        const auto first = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = 0 WHERE id < 5"}});
        const auto second = lab.apply({.tables = {"t"}, .statements = {"DELETE FROM t WHERE id < 3"}});
        const auto third = lab.apply({.tables = {"t"}, .statements = {"INSERT INTO t VALUES (1, 5)"}});
        CHECK(lab.restore(third).conflict_count == 0);
        CHECK(lab.restore(second).conflict_count == 0);
        CHECK(lab.restore(first).conflict_count == 0);
        CHECK(lab.query("SELECT sum(a) FROM t") == "55");
    }
    SECTION("a row of others that the second step takes away and gives back") {
        const auto first = lab.apply({.tables = {"t"}, .statements = {"DELETE FROM t WHERE id = 4"}});
        lab.execute("INSERT INTO t VALUES (4, 444)");
        const auto second = lab.apply({.tables = {"t"}, .statements = {"DELETE FROM t"}});
        CHECK(lab.restore(second).conflict_count == 0);
        CHECK(listed(lab.restore(first)) == "public.t (id)=(4): (4,4) / (4,444)\n");
    }
}

TEST_CASE("rows: others' writes between three stretches are found under the one that they came after", "[rows]") {
    const bool keyed = GENERATE(true, false);
    RowsLab lab(std::string("CREATE TABLE t (id int") + (keyed ? " PRIMARY KEY" : "") + ", a int); INSERT INTO t SELECT i, i FROM generate_series(1, 10) i");
    const auto first = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = 100 WHERE id < 5"}});
    lab.execute("UPDATE t SET a = 77 WHERE id = 9; UPDATE t SET a = 100 WHERE id = 4");  // 4: the same, but theirs
    const auto second = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = 200 WHERE id IN (2, 3, 9)"}});
    lab.execute("DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (3, 200)");
    const auto third = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = a + 1 WHERE id = 10", "UPDATE t SET a = a + 1 WHERE id IN (2, 3)"}});
    CHECK(lab.restore(third).conflict_count == 0);
    CHECK(lab.query("SELECT string_agg(a::text, ' ' ORDER BY id) FROM t") == "100 200 200 100 5 6 7 8 200 10");
    const auto of_second = lab.restore(second);
    CHECK(of_second.conflict_count == 1);
    if (keyed) CHECK(listed(of_second) == "public.t (id)=(3): (3,100) / (3,200)\n");
    (void)lab.restore(second, OnConflict::force);
    CHECK(lab.query("SELECT a FROM t WHERE id = 9") == "77");
    const auto of_first = lab.restore(first);
    CHECK(of_first.conflict_count > 0);
    if (keyed) CHECK(listed(of_first) == "public.t (id)=(4): (4,4) / (4,100)\npublic.t (id)=(3): (3,3) / (3,100)\n");
}

TEST_CASE("rows: others' writes to some of many rows that a step has put in", "[rows]") {
    RowsLab lab("CREATE TABLE t (id int PRIMARY KEY, a int)");
    const auto first = lab.apply({.tables = {"t"}, .statements = {"INSERT INTO t SELECT i, i FROM generate_series(1, 2000) i"}});
    lab.execute("UPDATE t SET a = 0 WHERE id = 7; DELETE FROM t WHERE id = 1999");
    const std::string both = "public.t (id)=(7): no row / (7,0)\npublic.t (id)=(1999): no row / no row\n";
    SECTION("stop, twice") {
        CHECK(listed(lab.restore(first)) == both);
        CHECK(listed(lab.restore(first)) == both);
        CHECK(lab.query("SELECT count(*) FROM t") == "1999");
    }
    SECTION("skip") {
        CHECK(listed(lab.restore(first, OnConflict::skip)) == both);
        CHECK(lab.query("SELECT * FROM t") == "7|0");
    }
    SECTION("force") {
        CHECK(listed(lab.restore(first, OnConflict::force)) == both);
        CHECK(lab.query("SELECT count(*) FROM t") == "0");
    }
    SECTION("a table that is gone") {
        lab.execute("DROP TABLE t");
        CHECK(listed(lab.restore(first, OnConflict::skip)).starts_with("public.t as a whole: 2000 rows / "));
    }
    SECTION("and a later step over the same rows") {
        const auto second = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = -1"}});
        lab.execute("UPDATE t SET a = 5 WHERE id = 8");
        const auto third = lab.apply({.tables = {"t"}, .statements = {"DELETE FROM t WHERE id > 1000"}});
        CHECK(lab.restore(third).conflict_count == 0);
        CHECK(listed(lab.restore(second, OnConflict::skip)) == "public.t (id)=(8): (8,8) / (8,5)\n");
        CHECK(lab.restore(first, OnConflict::skip).conflict_count == 3);
        CHECK(lab.query("SELECT * FROM t ORDER BY id") == "7|0\n8|5");
    }
}

TEST_CASE("rows: so many rows put in that one array does not hold their keys, or four", "[rows]") {
    RowsLab lab("CREATE TABLE t (id int PRIMARY KEY)");
    const auto [rows, arrays, single] = GENERATE(std::tuple{"1500", "2", "0"}, std::tuple{"2000", "2", "0"}, std::tuple{"4000", "4", "0"}, std::tuple{"4500", "4", "500"});
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"SET LOCAL cairn.keys_in_array = 1000",
                                                                 fmt::format("INSERT INTO t SELECT i FROM generate_series(1, {}) i", rows)}});
    const auto& table = kept.rows.at(0).kept_table;
    CHECK(lab.query("SELECT count(*) FILTER (WHERE cairn_op = 'P'), count(*) FILTER (WHERE cairn_op = 'i') FROM " + table) == fmt::format("{}|{}", arrays, single));
    CHECK(std::to_string(lab.restore(kept).restored) == rows);
    CHECK(lab.query("SELECT count(*) FROM t") == "0");
}

TEST_CASE("rows: without a key a row that is no longer there keeps the table as it is", "[rows]") {
    RowsLab lab("CREATE TABLE t (a int, b text); INSERT INTO t SELECT i / 2, 'x' FROM generate_series(1, 9) i");
    const auto statements = GENERATE(std::vector<std::string>{"UPDATE t SET b = 'y' WHERE a < 3"},
                                     std::vector<std::string>{"SAVEPOINT s", "UPDATE t SET b = 'y' WHERE a < 2", "RELEASE s", "UPDATE t SET b = 'y' WHERE a = 2"});
    const auto kept = lab.apply({.tables = {"t"}, .statements = statements});
    SECTION("another row is no matter") {
        lab.execute("UPDATE t SET b = 'z' WHERE a = 4; INSERT INTO t VALUES (1, 'y')");
        CHECK(lab.restore(kept).conflict_count == 0);
        CHECK(lab.query("SELECT a, b, count(*) FROM t GROUP BY 1, 2 ORDER BY 1, 2") == "0|x|1\n1|x|2\n1|y|1\n2|x|2\n3|x|2\n4|z|2");
    }
    lab.execute("UPDATE t SET b = 'z' WHERE ctid = (SELECT max(ctid) FROM t WHERE a = 1 AND b = 'y')");
    const auto now = lab.contents();
    SECTION("stop") {
        CHECK(listed(lab.restore(kept)) == "public.t (1,y): no such row / one that the step has left is changed or gone\n");
        CHECK(lab.contents() == now);
    }
    SECTION("skip leaves the table alone, and says so") {
        const auto r = lab.restore(kept, OnConflict::skip);
        REQUIRE(r.conflict_count == 2);
        CHECK(r.conflicts[1].key == "as a whole");
        CHECK(lab.contents() == now);
    }
    SECTION("force") {
        CHECK(lab.restore(kept, OnConflict::force).conflict_count == 1);
        CHECK(lab.query("SELECT count(*) FROM t WHERE b = 'x'") == "9");
    }
    SECTION("a second step over it does not hide it") {
        const auto second = lab.apply({.tables = {"t"}, .statements = {"DELETE FROM t"}});
        CHECK(lab.restore(second).conflict_count == 0);
        CHECK(lab.restore(kept).conflict_count > 0);
        CHECK(lab.contents() == now);
    }
}

TEST_CASE("rows: what another has taken away is found in the one table among those that are as they were left", "[rows]") {
    RowsLab lab(std::string(ten) + "; CREATE TABLE n AS TABLE t; CREATE TABLE u (id int PRIMARY KEY, a int UNIQUE); INSERT INTO u VALUES (1, 1), (2, 2)");
    const auto kept = lab.apply({.tables = {"t", "n", "u"}, .statements = {"UPDATE t SET a = 0 WHERE id < 9", "INSERT INTO t VALUES (11, 0)",
                                                                           "UPDATE n SET a = 0", "UPDATE u SET a = 9 WHERE id = 1", "UPDATE u SET a = 1 WHERE id = 2", "UPDATE u SET a = 2 WHERE id = 1"}});
    SECTION("none") {
        CHECK(lab.restore(kept).conflict_count == 0);
        CHECK(lab.query("SELECT (SELECT sum(a) FROM t), (SELECT sum(a) FROM n), (SELECT a FROM u WHERE id = 1)") == "55|55|1");
    }
    SECTION("a changed row") {
        lab.execute("DELETE FROM t WHERE id = 3");
        const auto now = lab.contents();
        CHECK(listed(lab.restore(kept)) == "public.t (id)=(3): (3,3) / no row\n");
        CHECK(lab.contents() == now);
        CHECK(lab.restore(kept, OnConflict::skip).conflict_count == 1);
        CHECK(lab.query("SELECT (SELECT sum(a) FROM t), (SELECT sum(a) FROM n), (SELECT a FROM u WHERE id = 1)") == "52|55|1");
    }
    SECTION("a new row, and one of a table without a key") {
        lab.execute("UPDATE t SET a = 5 WHERE id = 11; DELETE FROM n WHERE id = 1");
        const auto now = lab.contents();
        CHECK(lab.restore(kept).conflict_count == 2);
        CHECK(lab.contents() == now);
        CHECK(lab.restore(kept, OnConflict::skip).conflict_count == 3);
        CHECK(lab.query("SELECT (SELECT sum(a) FROM t), (SELECT sum(a) FROM n), (SELECT a FROM u WHERE id = 1)") == "60|0|1");
    }
}

TEST_CASE("rows: others' rows that refer to what the step put in are not taken along", "[rows]") {
    const std::string action = GENERATE("ON DELETE CASCADE", "ON DELETE SET NULL", "ON DELETE NO ACTION", "ON DELETE RESTRICT");
    RowsLab lab("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p " + action + "); INSERT INTO p VALUES (1)");
    const auto kept = lab.apply({.tables = {"p"}, .statements = {"INSERT INTO p VALUES (2), (3)"}});
    lab.execute("INSERT INTO c VALUES (10, 2)");
    const auto now = lab.contents();
    SECTION("stop") {
        CHECK(listed(lab.restore(kept)) == "public.p (id)=(2): no row / public.c refers to it: (10,2)\n");
        CHECK(lab.contents() == now);
    }
    SECTION("skip") {
        CHECK(lab.restore(kept, OnConflict::skip).conflict_count == 1);
        CHECK(lab.query("SELECT id FROM p ORDER BY 1") == "1\n2");
        CHECK(lab.query("SELECT * FROM c") == "10|2");
    }
    SECTION("force, as far as the key acts") {
        const auto r = lab.restore(kept, OnConflict::force);
        CHECK(r.gave_back);
        const bool acts = action == "ON DELETE CASCADE" || action == "ON DELETE SET NULL";
        CHECK(r.conflict_count == 1);
        CHECK(r.conflicts.at(0).stays == !acts);
        CHECK(lab.query("SELECT id FROM p ORDER BY 1") == (acts ? "1" : "1\n2"));
    }
}

TEST_CASE("rows: what would have no parent is a conflict", "[rows]") {
    RowsLab lab("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (10, 1), (11, 2)");
    const auto kept = lab.apply({.tables = {"c"}, .statements = {"DELETE FROM c"}});
    lab.execute("DELETE FROM p WHERE id = 1");
    const auto now = lab.contents();
    SECTION("stop") {
        CHECK(listed(lab.restore(kept)) == "public.c (id)=(10): (10,1) / its row in public.p is not there (c_p_fkey)\n");
        CHECK(lab.contents() == now);
    }
    SECTION("skip, and force, which can't put it in either") {
        const auto r = lab.restore(kept, GENERATE(OnConflict::skip, OnConflict::force));
        CHECK(r.conflict_count == 1);
        CHECK(r.conflicts.at(0).stays);
        CHECK(lab.query("SELECT * FROM c") == "11|2");
    }
}

TEST_CASE("rows: unique values of deleted rows that others have taken", "[rows]") {
    const std::string key = GENERATE(" PRIMARY KEY", "");
    RowsLab lab("CREATE TABLE t (id int" + key + ", u text UNIQUE); INSERT INTO t SELECT i, 'u' || i FROM generate_series(1, 5) i");
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"DELETE FROM t WHERE id < 4"}});
    lab.execute("INSERT INTO t VALUES (9, 'u2')");
    const auto now = lab.contents();
    SECTION("stop") {
        const auto r = lab.restore(kept);
        CHECK_FALSE(r.gave_back);
        REQUIRE(r.conflict_count == 1);
        CHECK(r.conflicts[0].now == "another row has its unique values");
        CHECK(lab.contents() == now);
    }
    SECTION("skip, force") {
        const auto r = lab.restore(kept, GENERATE(OnConflict::skip, OnConflict::force));
        CHECK(r.gave_back);
        CHECK(r.conflict_count == 1);
        CHECK(lab.query("SELECT id, u FROM t ORDER BY 1") == "1|u1\n3|u3\n4|u4\n5|u5\n9|u2");
    }
}

TEST_CASE("rows: a unique value that others have taken is a conflict", "[rows]") {
    RowsLab lab("CREATE TABLE t (id int PRIMARY KEY, u text UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET u = u || u"}});
    lab.execute("INSERT INTO t VALUES (3, 'a')");
    const auto now = lab.contents();
    SECTION("stop") {
        CHECK(listed(lab.restore(kept)) == "public.t (id)=(1): (1,a) / another row has its unique values\n");
        CHECK(lab.contents() == now);
    }
    SECTION("skip") {
        CHECK(lab.restore(kept, OnConflict::skip).conflict_count == 1);
        CHECK(lab.query("SELECT id, u FROM t ORDER BY 1") == "1|aa\n2|b\n3|a");
    }
}

TEST_CASE("rows: sequences are put back, unless others have drawn from them", "[rows]") {
    RowsLab lab("CREATE TABLE t (id serial PRIMARY KEY, a int); INSERT INTO t (a) VALUES (1), (2)");
    const auto before = lab.contents();
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"INSERT INTO t (a) VALUES (3), (4)"}});
    SECTION("put back") {
        (void)lab.restore(kept);
        CHECK(lab.contents() == before);
    }
    SECTION("drawn from since") {
        lab.execute("INSERT INTO t (a) VALUES (5)");
        (void)lab.restore(kept);
        CHECK(lab.query("SELECT last_value FROM t_id_seq") == "5");
    }
}
