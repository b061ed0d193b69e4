// What a rehearsal starts from, a fixture or a live database, and that nothing stays of its server.
#include <catch2/catch.hpp>

#include <csignal>

#include <filesystem>

#include "tests/cluster/rehearse_harness.hpp"

using namespace cairn::cluster;

TEST_CASE("a start with roles can be made anew") {
    const auto result = rehearsed(head + R"(
        step good { $$ CREATE TABLE good (id int); GRANT SELECT ON good TO app_reader $$ }
        step bad { $$ CREATE TABLE bad (id int) $$ rollback $$ SELECT 1/0 $$ }
    )",
                                  hundred_users + "CREATE ROLE app_reader; GRANT SELECT ON users TO app_reader;");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 3);
    CHECK(result.item("good").at("rollback") == "exact");
    CHECK(result.item("bad").at("rollback") == "failed");
}

TEST_CASE("a fixture that fails is an error of the plan, with its file and line") {
    const auto result = rehearsed(head + "step a { $$ CREATE TABLE a (id int) $$ }",
                                  "CREATE TABLE one (a int);\n\nINSERT INTO two VALUES (1);\n");
    CHECK(result.ran.exit == 1);
    CHECK_THAT(result.ran.out + result.ran.err,
               Catch::Contains("p.cairn.sql") && Catch::Contains("line 3") &&
                   Catch::Contains("two") && Catch::Contains("C0780"));
}

TEST_CASE("cairn.toml names the fixture where there is none beside the plan") {
    const Folder folder;
    folder.write("p.cairn", head + "step a { $$ ALTER TABLE users ADD COLUMN phone text $$ }");
    folder.write("data/start.sql", hundred_users);
    folder.write("cairn.toml", "[rehearse.erp]\nfixture = \"data/start.sql\"\n");
    const auto ran = run_cairn(folder, {"rehearse", "p.cairn"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
    CHECK_THAT(ran.out, Catch::Contains("proved"));
}

TEST_CASE("a fixture that is not there is an error before anything runs") {
    const std::string plan = head + "step a { $$ CREATE TABLE a (id int) $$ }";
    const auto missing = rehearsed(plan, "", "[rehearse.erp]\nfixture = \"nowhere.sql\"\n");
    CHECK(missing.ran.exit == 1);
    CHECK_THAT(missing.ran.out + missing.ran.err,
               Catch::Contains("C0781") && Catch::Contains("nowhere.sql"));
}

TEST_CASE("a profile's database is taken over: its schema whole, some rows, and no key broken") {
    Database live;
    live.execute(R"(
        CREATE TYPE mood AS ENUM ('sad', 'glad');
        CREATE TABLE parents (id int PRIMARY KEY, name text, twice int GENERATED ALWAYS AS (id * 2) STORED);
        CREATE TABLE children (id serial PRIMARY KEY, parent int REFERENCES parents, m mood, "Note" text);
        CREATE TABLE grandchildren (child int NOT NULL REFERENCES children);
        CREATE TABLE parted (k int, v text) PARTITION BY RANGE (k);
        CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (100);
        INSERT INTO parents SELECT n, E'a\tb\\c' FROM generate_series(1, 500) n;
        INSERT INTO children (parent, m, "Note") SELECT 501 - n, 'glad', NULL FROM generate_series(1, 500) n;
        INSERT INTO grandchildren SELECT n FROM generate_series(1, 500) n;
        INSERT INTO parted SELECT n, n FROM generate_series(1, 50) n;
        CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM parents;
        CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''fired''; END';
        CREATE TRIGGER noted BEFORE INSERT ON children FOR EACH ROW EXECUTE FUNCTION noted();
        ALTER TABLE children ENABLE ROW LEVEL SECURITY;
        CREATE POLICY all_of_them ON children USING (true);
    )");
    const Folder folder;
    folder.write("p.cairn", head + R"(
        validate taken {
            rows of parents = 300
            "consistent" $$ SELECT * FROM children c WHERE NOT EXISTS (SELECT FROM parents p WHERE p.id = c.parent) $$ returns nothing
            "and their children" $$ SELECT * FROM grandchildren g WHERE NOT EXISTS (SELECT FROM children c WHERE c.id = g.child) $$ returns nothing
            rows of children >= 100
            rows of grandchildren >= 50
            rows of parted = 50
            "values" $$ SELECT DISTINCT name FROM parents $$ = $$ SELECT E'a\tb\\c' $$
            "generated" $$ SELECT * FROM parents WHERE twice <> id * 2 $$ returns nothing
            "sequence" $$ SELECT last_value FROM children_id_seq $$ = 500
            "view" $$ SELECT count FROM counted $$ = 300
            policy all_of_them on children exists
            foreign keys valid
        }
        step more { $$ ALTER TABLE children ADD COLUMN more int $$ }
    )");
    const std::string toml =
        "[profile.staging.db]\nerp = \"" + live.conninfo() + "\"\n[rehearse.erp]\nprofile = \"staging\"\n";
    folder.write("cairn.toml", toml + "rows = 300\n");
    const auto ran = run_cairn(folder, {"rehearse", "p.cairn"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
    CHECK_THAT(ran.err, Catch::Contains("profile staging"));
    CHECK(live.query("SELECT count(*) FROM children") == "500");
    CHECK(live.query("SELECT to_regnamespace('cairn')") == "NULL");

    folder.write("cairn.toml", toml + "rows = \"many\"\n");
    const auto wrong = run_cairn(folder, {"rehearse", "p.cairn"});
    CHECK(wrong.exit == 1);
    CHECK_THAT(wrong.err, Catch::Contains("C0604") && Catch::Contains("rows"));
    folder.write("cairn.toml", "[rehearse.erp]\nprofile = \"nowhere\"\n");
    const auto unknown = run_cairn(folder, {"rehearse", "p.cairn"});
    CHECK(unknown.exit == 1);
    CHECK_THAT(unknown.err, Catch::Contains("C0607"));
    folder.write("cairn.toml", "[profile.staging.db]\nerp = \"host=/nowhere dbname=x\"\n[rehearse.erp]\nprofile = \"staging\"\n");
    const auto away = run_cairn(folder, {"rehearse", "p.cairn"});
    CHECK(away.exit == 8);
    CHECK_THAT(away.err, Catch::Contains("C0701"));
}

TEST_CASE("a TMPDIR that can't hold a socket is passed over") {
    const Folder folder;
    folder.write("p.cairn", head + "step a { $$ CREATE TABLE a (id int) $$ }");
    const auto ran =
        run_cairn(folder, {"rehearse", "p.cairn"}, {{"TMPDIR", "/" + std::string(120, 'x')}});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
}

TEST_CASE("an interrupt ends a rehearsal and its server") {
    const Folder folder;
    // The server's own account writes there.
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    folder.write("p.cairn", head + "step nap { $$ COPY (SELECT pg_backend_pid()) TO '" +
                                folder.path() +
                                "/pid'; SELECT pg_sleep(600) $$ rollback none \"a nap\" }");
    Cairn program(folder, {"rehearse", "p.cairn"});
    await("the step under way",
          [&] { return folder.read("pid").ends_with('\n') || !program.running(); });
    program.signal(SIGINT);
    const auto ran = program.wait();
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 4);
    REQUIRE(folder.read("pid") != "");
    CHECK_FALSE(std::filesystem::exists("/proc/" + std::to_string(std::stoi(folder.read("pid")))));
}

TEST_CASE("a rehearsal leaves nothing behind it in the plan's folder") {
    const Folder folder;
    folder.write(
        "p.cairn",
        "plan p \"a plan\"\nrun say { command \"touch\" \"said\"  rollback none \"said\" }\n");
    const auto ran = run_cairn(folder, {"rehearse", "p.cairn"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/said"));
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/.cairn"));
}
