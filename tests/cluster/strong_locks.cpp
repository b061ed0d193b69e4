// `before strong locks wait`: a strong lock is asked for only when nobody who stays long is on its table.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <csignal>
#include <sstream>

#include <sys/wait.h>

#include "tests/cluster/strong_locks_harness.hpp"

using namespace cairn::cluster;
using namespace cairn::cluster::strong_locks;

TEST_CASE("strong locks: no reader waits behind a step that waits for pg_dump", "[locks]") {
    const std::string plan = GENERATE(as<std::string>{}, add_column, "step add { $$ UPDATE orders SET note = 'y' WHERE id < 100; ALTER TABLE orders ADD COLUMN kind text $$ }",
                                 "transaction { step one { $$ UPDATE orders SET note = 'y' WHERE id < 100 $$ } step add { $$ ALTER TABLE orders ADD COLUMN kind text $$ } }",
                                 "step add { $$ SET search_path = public; ALTER TABLE orders ADD COLUMN kind text $$ rollback $$ ALTER TABLE orders DROP COLUMN kind $$ }");
    INFO(plan);
    Plan p("before strong locks wait 60s", plan);
    Dump dump(p.database);
    Reader reader(p.database);
    auto cairn = p.start({"apply", "p.cairn"});
    p.await_waiting("pg_dump on orders");
    const int before = reader.reads;
    await("a hundred reads more", [&] { return reader.reads > before + 100; });
    CHECK(p.database.query(has_column) == "0");
    WARN(fmt::format("longest read {} ms, of a table that nobody touches {} ms", reader.longest.load().count(), reader.longest_calm.load().count()));
    CHECK_FALSE(reader.waited());
    dump.drain();
    const Ran ran = cairn->wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK(p.database.query(has_column) == "1");
    CHECK(ran.err.find("before it locks, for") != std::string::npos);
    CHECK(ran.err.find("pg_dump on orders, pid ") != std::string::npos);
    CHECK(p.database.query("SELECT count(*) FROM cairn.event WHERE event = 'waited' AND detail LIKE 'the way to orders is clear after%'") == "1");
    CHECK(p.database.query("SELECT count(*) FROM cairn.event WHERE event = 'retry'") == "0");
}

TEST_CASE("strong locks: without the policy readers queue, and the measure sees it", "[locks]") {
    Plan p("retry 0", "step add { lock timeout 1s $$ ALTER TABLE orders ADD COLUMN kind text $$ }");
    Dump dump(p.database);
    Reader reader(p.database);
    const Ran ran = p.run({"apply", "p.cairn"});
    reader.stop();
    INFO(ran.err);
    CHECK(ran.exit == 4);
    CHECK(reader.longest.load() > 500ms);
}

TEST_CASE("strong locks: when the time is up the step fails, and nobody has queued", "[locks]") {
    Plan p("before strong locks wait 1s", add_column);
    {
        Dump dump(p.database);
        Reader reader(p.database);
        const Ran ran = p.run({"apply", "p.cairn"});
        reader.stop();
        INFO(ran.err);
        CHECK(ran.exit == 4);
        CHECK(ran.err.find("C0724") != std::string::npos);
        CHECK(ran.err.find("`add` has waited 1s to lock orders and has given up, so that nobody queues behind it: pg_dump on orders, pid ") != std::string::npos);
        CHECK(ran.err.find("cairn resume ") != std::string::npos);
        CHECK(p.database.query(has_column) == "0");
        CHECK_FALSE(reader.waited());
    }
    CHECK(p.run({"resume"}).exit == 0);
    CHECK(p.database.query(has_column) == "1");
}

TEST_CASE("strong locks: an old transaction is waited for, one that has read something else is not", "[locks]") {
    Plan p("before strong locks wait 60s", add_column);
    auto other = p.database.connect(), far = p.database.connect();
    REQUIRE(far.script("BEGIN; SELECT * FROM calm").ok());
    REQUIRE(other.script("BEGIN; SELECT id FROM orders LIMIT 1").ok());
    auto cairn = p.start({"apply", "p.cairn"});
    p.await_waiting("transaction on orders, pid " + std::to_string(other.backend_pid()));
    CHECK(p.database.query("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0");
    REQUIRE(other.script("COMMIT").ok());
    const Ran ran = cairn->wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK(p.database.query("SELECT count(*) FROM cairn.event WHERE detail LIKE '%pid " + std::to_string(far.backend_pid()) + " %'") == "0");
}

TEST_CASE("strong locks: an index, a partition and a child are part of their table", "[locks]") {
    Plan p("before strong locks wait 60s",
           "step one { $$ DROP INDEX orders_note $$ }\nstep two { $$ ALTER TABLE parted ADD COLUMN kind text $$ }");
    p.database.execute("CREATE INDEX orders_note ON orders (left(note, 5)); CREATE TABLE parted (id int) PARTITION BY LIST (id); "
                       "CREATE TABLE part PARTITION OF parted FOR VALUES IN (1)");
    auto other = p.database.connect(), third = p.database.connect();
    REQUIRE(other.script("BEGIN; SELECT id FROM orders LIMIT 1").ok());
    REQUIRE(third.script("BEGIN; SELECT id FROM part LIMIT 1").ok());
    auto cairn = p.start({"apply", "p.cairn"});
    p.await_waiting("transaction on orders");
    REQUIRE(other.script("COMMIT").ok());
    p.await_waiting("transaction on part");
    REQUIRE(third.script("COMMIT").ok());
    const Ran ran = cairn->wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
}

TEST_CASE("strong locks: whose age may not be seen is old when it has been seen long enough", "[locks]") {
    auto own = own_server();
    Database database(own);
    database.execute(std::string(table) + "; CREATE ROLE runner LOGIN; CREATE ROLE app LOGIN; GRANT SELECT ON orders TO app; ALTER TABLE orders OWNER TO runner; GRANT CREATE ON DATABASE \"" +
                     database.name() + "\" TO runner; GRANT CREATE ON SCHEMA public TO runner");
    Folder folder;
    folder.write("p.cairn", fmt::format("plan p\ndatabase erp\ndefaults {{ lock timeout 3s before strong locks wait 2s }}\n{}\n", add_column));
    auto other = database.connect();
    REQUIRE(other.script("SET SESSION AUTHORIZATION app; BEGIN; SELECT id FROM orders LIMIT 1").ok());
    const Ran ran = run_cairn(folder, {"apply", "p.cairn", "--db", "erp=" + database.conninfo() + " options='-c role=runner'"});
    INFO(ran.err);
    CHECK(ran.exit == 4);
    CHECK(ran.err.find("C0724") != std::string::npos);
    CHECK(ran.err.find("GRANT pg_read_all_stats") != std::string::npos);
}

TEST_CASE("strong locks: a rollback waits, too", "[locks]") {
    Plan p("before strong locks wait 60s", add_column);
    REQUIRE(p.run({"apply", "p.cairn"}).exit == 0);
    Dump dump(p.database);
    Reader reader(p.database);
    auto cairn = p.start({"rollback"});
    p.await_waiting("pg_dump on orders");
    dump.drain();
    const Ran ran = cairn->wait();
    reader.stop();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK(p.database.query(has_column) == "0");
    CHECK_FALSE(reader.waited());
}

TEST_CASE("strong locks: interrupted while it waits, a run is resumed", "[locks]") {
    Plan p("before strong locks wait 60s", add_column);
    Dump dump(p.database);
    auto cairn = p.start({"apply", "p.cairn"});
    p.await_waiting("pg_dump on orders");
    cairn->signal(SIGINT);
    CHECK(cairn->wait().exit == 4);
    dump.drain();
    CHECK(p.run({"resume"}).exit == 0);
    CHECK(p.database.query(has_column) == "1");
}

TEST_CASE("strong locks: VACUUM FULL waits before it begins", "[locks]") {
    Plan p("before strong locks wait 60s", "step tidy { $$ VACUUM FULL orders $$ }");
    Dump dump(p.database);
    Reader reader(p.database);
    auto cairn = p.start({"apply", "p.cairn"});
    p.await_waiting("pg_dump on orders");
    reader.stop();
    CHECK_FALSE(reader.waited());
    dump.drain();
    const Ran ran = cairn->wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
}

// The runner is stopped between its look and its first statement, and meanwhile a dump begins.
TEST_CASE("strong locks: who comes between the look and the lock is stepped aside for", "[locks]") {
    Plan traced("before strong locks wait 60s", add_column);
    REQUIRE(run_cairn(traced.folder, traced.with_database({"apply", "p.cairn"}), {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}}).exit == 0);
    std::istringstream points(traced.folder.read("trace"));
    std::string at, last;
    for (std::string line; std::getline(points, line); last = line) {
        if (last.ends_with("strong locks: before looking") && line.ends_with("transaction: before sending")) at = line.substr(0, line.find(' '));
    }
    REQUIRE_FALSE(at.empty());
    Plan p("before strong locks wait 60s", add_column);
    Cairn cairn(p.folder, p.with_database({"apply", "p.cairn"}), {{"CAIRN_FAULT_AT", at}, {"CAIRN_FAULT_SIGNAL", std::to_string(SIGSTOP)}});
    int status = 0;
    REQUIRE(waitpid(cairn.pid(), &status, WUNTRACED) == cairn.pid());
    REQUIRE(WIFSTOPPED(status));
    Dump dump(p.database);
    Reader reader(p.database);
    cairn.signal(SIGCONT);
    p.await_waiting("pg_dump on orders");
    CHECK_FALSE(reader.waited());
    CHECK(reader.longest.load() < 1s);
    dump.drain();
    const Ran ran = cairn.wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK(p.database.query("SELECT count(*) FROM cairn.event WHERE event = 'retry'") == "0");
}

TEST_CASE("strong locks: an autovacuum to prevent wraparound is named and waited for", "[locks]") {
    auto own = with_settings({{"autovacuum", "on"}, {"autovacuum_naptime", "1s"}, {"autovacuum_vacuum_cost_delay", "0"}});
    Database database(own);
    Folder folder;
    folder.write("p.cairn", fmt::format("plan p\ndatabase erp\ndefaults {{ lock timeout 3s before strong locks wait 60s }}\n{}\n", add_column));
    // So slow that it does not end by itself.
    database.execute(std::string(table) + "; ALTER TABLE orders SET (autovacuum_freeze_max_age = 100000, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)");
    auto session = database.connect();
    REQUIRE(session.query("DO $$ BEGIN FOR i IN 1..110000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$").ok());
    const std::string running = "FROM pg_stat_activity WHERE query LIKE 'autovacuum: %orders (to prevent wraparound)'";
    await("the autovacuum", [&] { return database.query("SELECT count(*) > 0 " + running) == "t"; }, 60s);
    Reader reader(database);
    Cairn cairn(folder, {"apply", "p.cairn", "--db", "erp=" + database.conninfo()});
    await("cairn to wait for it", [&] {
        return database.query("SELECT to_regclass('cairn.event') IS NOT NULL") == "t" &&
               database.query("SELECT count(*) FROM cairn.event WHERE event = 'waiting' AND detail LIKE '%autovacuum to prevent wraparound on orders, pid %'") == "1";
    });
    CHECK_FALSE(reader.waited());
    database.execute("ALTER SYSTEM SET autovacuum_naptime = '1h'");
    database.execute("SELECT pg_reload_conf()");
    await("the autovacuum's end", [&] { return database.query("SELECT count(pg_cancel_backend(pid)) " + running) == "0"; });
    const Ran ran = cairn.wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK(database.query(has_column) == "1");
}

TEST_CASE("strong locks: a prepared transaction is named by its identifier", "[locks]") {
    auto own = with_settings({{"max_prepared_transactions", "2"}});
    Database database(own);
    database.execute(table);
    Folder folder;
    folder.write("p.cairn", fmt::format("plan p\ndatabase erp\ndefaults {{ lock timeout 3s before strong locks wait 2s }}\n{}\n", add_column));
    auto other = database.connect();
    REQUIRE(other.script("BEGIN; SELECT id FROM orders LIMIT 1; PREPARE TRANSACTION 'left behind'").ok());
    const Ran ran = run_cairn(folder, {"apply", "p.cairn", "--db", "erp=" + database.conninfo()});
    INFO(ran.err);
    CHECK(ran.exit == 4);
    CHECK(ran.err.find("COMMIT PREPARED 'left behind'") != std::string::npos);
    REQUIRE(other.query("ROLLBACK PREPARED 'left behind'").ok());
}
