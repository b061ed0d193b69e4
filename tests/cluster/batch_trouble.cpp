// What a batch meets on its way and heeds: lost connections, interrupts, locks, standbys, constraints.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <csignal>
#include <memory>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/cluster/batch_harness.hpp"

using namespace cairn::cluster;

namespace {

// A batch that waits in its second range for a row that the test holds.
struct Held : Batch {
    cairn::postgres::Session blocker;
    std::unique_ptr<Cairn> runner;

    explicit Held(const std::string& step) : Batch(step, batch_table(25)), blocker(database.connect()) {
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
    Batch batch("batch on t.id by 1000 $$ UPDATE t SET n = n + 1 WHERE :batch $$", batch_table(3000));
    REQUIRE(batch.run({"apply", "b.cairn"}, {{"CAIRN_RANGE", "0"}}).exit == 0);
    CHECK(batch.database.query("SELECT min(n), max(n) FROM t") == "1|1");
    CHECK(batch.database.query("SELECT string_agg(detail ->> 'size', ' ' ORDER BY seq) LIKE '1000 500 250 125 62 31 15 10 10%' FROM cairn.undo WHERE kind = 'cursor'") == "t");
}

TEST_CASE("a batch waits for a standby that falls behind, and goes on when it has caught up") {
    cairn::scratch::Options options;
    auto server = own_server(options);
    Database database(server);
    Folder folder;
    database.execute(batch_table(400));
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
    Batch batch("batch on t.id by 10\nlock timeout 100ms\nretry 1000\n$$ UPDATE t SET n = n + 1 WHERE :batch $$", batch_table_of_all_kinds());
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
    batch.is_as(before);
}

TEST_CASE("deferred constraints of a batch speak up in their range") {
    Batch batch("batch on t.id by 10 $$ UPDATE t SET p = 999 WHERE :batch AND id = 36; DELETE FROM t WHERE :batch AND id = 39 $$",
                batch_table_of_all_kinds() + "; ALTER TABLE t ADD p int REFERENCES t DEFERRABLE INITIALLY DEFERRED");
    const auto before = state_of(batch.database);
    const Ran ran = batch.run({"apply", "b.cairn"});
    CHECK(ran.exit == 4);
    CHECK(ran.err.find("t_p_fkey") != std::string::npos);
    CHECK(batch.run({"rollback"}).exit == 0);
    batch.is_as(before);
}
