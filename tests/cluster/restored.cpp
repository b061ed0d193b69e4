// A database that was restored from a dump holds the journal, but not what its undo trail points to.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "runtime/rehearse/client_program.hpp"
#include "tests/cluster/harness.hpp"

TEST_CASE("a rollback in a database that was restored from a dump does nothing and says why") {
    using namespace cairn::cluster;
    Database there, copy;
    there.execute("CREATE TABLE t (id int PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'x')");
    Folder folder;
    folder.write("p.cairn", head + "step a { $$ UPDATE t SET b = 'y' $$ }\nstep b { $$ CREATE TABLE made (a int) $$ }\n");
    const auto at = [](const Database& database) { return "erp=" + database.conninfo(); };
    REQUIRE(run_cairn(folder, {"apply", "p.cairn", "--db", at(there)}).exit == 0);
    using cairn::rehearse::program;
    const std::string dump = "'" + program(server().bin(), "pg_dump") + "' '" + there.conninfo() + "' | '" + program(server().bin(), "psql") +
                             "' -X -q -v ON_ERROR_STOP=1 '" + copy.conninfo() + "' >/dev/null";
    REQUIRE(std::system(dump.c_str()) == 0);

    for (const char* how : {"stop", "skip", "force"}) {
        const auto ran = run_cairn(folder, {"rollback", "--db", at(copy), "--on-conflict", how});
        INFO(ran.err);
        CHECK(ran.exit == 6);
        CHECK_THAT(ran.err, Catch::Contains("error[C0830]: this database was restored from a dump after run"));
        CHECK_THAT(ran.err, Catch::Contains("help: roll it back where it was applied; or keep what it has done here: cairn finalize"));
    }
    CHECK(copy.query("SELECT b FROM t") == "y");
    CHECK(run_cairn(folder, {"finalize", "--db", at(copy)}).exit == 0);
    CHECK(copy.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'cairn' AND tablename LIKE 'kept%'") == "0");
    // What is applied to the copy can be taken back there.
    folder.write("q.cairn", "plan q \"q\"\ndatabase erp\nstep a { $$ UPDATE t SET b = 'z' $$ }\n");
    CHECK(run_cairn(folder, {"apply", "q.cairn", "--db", at(copy)}).exit == 0);
    CHECK(run_cairn(folder, {"rollback", "--db", at(copy)}).exit == 0);
    CHECK(copy.query("SELECT b FROM t") == "y");
    CHECK(run_cairn(folder, {"rollback", "--db", at(there)}).exit == 0);
    CHECK(there.query("SELECT b FROM t") == "x");
}
