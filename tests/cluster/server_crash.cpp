// The server killed in mid-step, the connection cut during COMMIT: looked up, never repeated.
#include <catch2/catch.hpp>

#include "tests/cluster/cutting_proxy.hpp"
#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

constexpr const char* plan = R"(plan steps "Steps"
database erp
defaults { retry 8 }
step one { $$ INSERT INTO trace VALUES ('one') $$  rollback none "a trace" }
step two { $$ INSERT INTO trace VALUES ('two') $$  rollback none "a trace" }
step three { $$ CREATE INDEX CONCURRENTLY trace_step ON trace (step) $$ }
)";

std::string trace(Database& database) { return database.query("SELECT string_agg(step, ' ' ORDER BY step) FROM trace"); }

}  // namespace

TEST_CASE("the server is killed in mid-step and restarted: the run finishes") {
    auto server = own_server();
    Folder folder;
    folder.write("steps.cairn", plan);
    const std::string conninfo = server.conninfo("postgres");
    auto query = [&](const std::string& sql) {
        auto session = std::get<cairn::postgres::Session>(cairn::postgres::Session::connect(conninfo, "test"));
        const auto answer = session.query(sql);
        REQUIRE(answer.ok());
        return answer.rows.empty() ? "" : answer.rows[0][0].value_or("NULL");
    };
    query("CREATE TABLE trace (step text)");
    query("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN "
          "IF NEW.step = 'two' THEN PERFORM pg_advisory_xact_lock(7); END IF; RETURN NEW; END $f$");
    query("CREATE TRIGGER slow BEFORE INSERT ON trace FOR EACH ROW EXECUTE FUNCTION slow()");
    // Held by a session that dies with the server.
    auto holder = std::get<cairn::postgres::Session>(cairn::postgres::Session::connect(conninfo, "test"));
    REQUIRE(holder.query("SELECT pg_advisory_lock(7)").ok());
    Cairn runner(folder, {"apply", "steps.cairn", "--db", "erp=" + conninfo}, {{"CAIRN_BACKOFF", "50ms"}});
    await("the runner is in step two", [&] {
        return query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'") == "1";
    });
    server.stop_immediate();
    REQUIRE(std::holds_alternative<std::monostate>(server.restart()));
    Ran ran = runner.wait();
    INFO(ran.out << ran.err);
    if (ran.exit != 0) {
        ran = run_cairn(folder, {"resume", "--db", "erp=" + conninfo});
        INFO(ran.out << ran.err);
        CHECK(ran.exit == 0);
    }
    CHECK(query("SELECT string_agg(step, ' ' ORDER BY step) FROM trace") == "one two");
    CHECK(query("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0");
    CHECK(query("SELECT count(*) FROM pg_class WHERE relname = 'trace_step'") == "1");
}

TEST_CASE("the server is killed and stays away: the run says so, and is resumed when it is back") {
    auto server = own_server();
    Folder folder;
    folder.write("steps.cairn", plan);
    const std::string conninfo = server.conninfo("postgres");
    auto session = std::get<cairn::postgres::Session>(cairn::postgres::Session::connect(conninfo, "test"));
    REQUIRE(session.script("CREATE TABLE trace (step text)").ok());
    REQUIRE(session.script("BEGIN; LOCK TABLE trace").ok());
    Cairn runner(folder, {"apply", "steps.cairn", "--db", "erp=" + conninfo}, {{"CAIRN_BACKOFF", "5ms"}});
    auto watcher = std::get<cairn::postgres::Session>(cairn::postgres::Session::connect(conninfo, "test"));
    await("the runner waits for the lock", [&] {
        return watcher.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").affected == 1;
    });
    server.stop_immediate();
    const Ran ran = runner.wait();
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 8);
    CHECK_THAT(ran.err, Catch::Contains("C0701") || Catch::Contains("C0709"));
    REQUIRE(std::holds_alternative<std::monostate>(server.restart()));
    const Ran resumed = run_cairn(folder, {"resume", "--db", "erp=" + conninfo});
    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit == 0);
}

TEST_CASE("the connection is cut during a delayed COMMIT: fenced, looked up, never repeated") {
    const bool commit_goes_through = GENERATE(true, false);
    Database database;
    Folder folder;
    folder.write("steps.cairn", plan);
    database.execute("CREATE TABLE trace (step text); "
                     "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN "
                     "IF NEW.step = 'two' THEN PERFORM pg_advisory_xact_lock(7); END IF; RETURN NEW; END $f$; "
                     "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON trace DEFERRABLE INITIALLY DEFERRED "
                     "FOR EACH ROW EXECUTE FUNCTION slow()");
    auto holder = database.connect();
    REQUIRE(holder.query("SELECT pg_advisory_lock(7)").ok());
    CuttingProxy proxy(server().socket_folder());
    const std::string conninfo = "host=" + proxy.folder() + " dbname=" + database.name() + " user=postgres";
    Cairn runner(folder, {"apply", "steps.cairn", "--db", "erp=" + conninfo}, {{"CAIRN_BACKOFF", "20ms"}});
    await("the COMMIT of step two waits", [&] {
        return database.query("SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event = 'advisory' AND state = 'active'") == "1";
    });
    proxy.cut();
    if (commit_goes_through) {
        REQUIRE(holder.query("SELECT pg_advisory_unlock(7)").ok());
    } else {  // until the fence has ended the transaction that hung in its COMMIT
        await("the cut-off session is ended", [&] {
            return database.query("SELECT count(*) FROM cairn.lease WHERE token >= 2") == "1";
        });
        REQUIRE(holder.query("SELECT pg_advisory_unlock(7)").ok());
    }
    const Ran ran = runner.wait();
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
    CHECK(trace(database) == "one two");
    CHECK(database.query("SELECT count(*) FROM cairn.event WHERE item = 'two' AND event = 'done'") == "1");
}
