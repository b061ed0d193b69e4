// The harness keeps its own promises: tests that lean on it would not notice.
#include <catch2/catch.hpp>

#include <csignal>

#include <filesystem>

#include "tests/cluster/harness.hpp"

using namespace cairn::cluster;

TEST_CASE("a fresh database is empty and has one server with the next") {
    Database one, two;
    one.execute("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL)");
    CHECK(one.query("SELECT * FROM t ORDER BY a") == "1|x\n2|NULL");
    CHECK(two.query("SELECT count(*) FROM pg_class WHERE relname = 't'") == "0");
    CHECK(one.conninfo() != two.conninfo());
}

TEST_CASE("a test's folder goes with all in it") {
    std::string path;
    {
        const Folder folder;
        path = folder.path();
        folder.write("a/b.txt", "text");
        CHECK(folder.read("a/b.txt") == "text");
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("the program is run with its arguments and no stray addresses") {
    const Folder folder;
    const auto ran = run_cairn(folder, {"check", "missing.cairn"}, {{"CAIRN_ERP", "dbname=x"}});
    CHECK(ran.exit == 1);
    CHECK_THAT(ran.out + ran.err, Catch::Contains("missing.cairn"));
}
