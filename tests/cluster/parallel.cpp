// Two items under way at once: what `status` says, who is waited for, an interrupt, a frozen runner, a pooler.
#include <catch2/catch.hpp>
#include <poll.h>

#include <csignal>

#include "tests/cluster/harness.hpp"
#include "tests/cluster/pooler.hpp"

namespace {

using namespace cairn::cluster;

constexpr const char* plan = R"(plan two "Two at once"
database erp
parallel {
  step one { $$ INSERT INTO a VALUES (1) $$ }
  step two { $$ INSERT INTO b VALUES (2) $$ }
  step three after one { $$ INSERT INTO c VALUES (3) $$ }
}
)";

// A run whose first two items wait for locks that the test holds.
struct Waiting {
    Database database;
    Folder folder;
    cairn::postgres::Session blocker;
    std::unique_ptr<Cairn> runner;

    explicit Waiting(const Environment& environment = {}) : blocker(database.connect()) {
        database.execute("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY)");
        folder.write("two.cairn", plan);
        REQUIRE(blocker.script("BEGIN; LOCK TABLE a, b").ok());
        runner = std::make_unique<Cairn>(folder, arguments({"apply", "two.cairn"}), environment);
        await("both items wait", [&] {
            return database.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "2";
        });
    }
    [[nodiscard]] std::vector<std::string> arguments(std::vector<std::string> words) const {
        words.insert(words.end(), {"--db", "erp=" + database.conninfo()});
        return words;
    }
    std::string rows() { return database.query("SELECT string_agg(id::text, ' ' ORDER BY id) FROM (TABLE a UNION ALL TABLE b UNION ALL TABLE c) x"); }
};

}  // namespace

TEST_CASE("side by side: status and the terminal name both, and whom they wait for", "[parallel]") {
    Waiting waiting(Environment{{"CAIRN_LEASE", "300ms"}});
    await("the heart has beaten", [&] { return waiting.database.query("SELECT item IN ('one, two', 'two, one') FROM cairn.lease") == "t"; });
    const Ran status = run_cairn(waiting.folder, waiting.arguments({"status"}));
    INFO(status.out << status.err);
    CHECK_THAT(status.out, Catch::Contains("one") && Catch::Contains("two") && Catch::Contains("running"));
    poll(nullptr, 0, 1500);
    REQUIRE(waiting.blocker.script("COMMIT").ok());
    const Ran ran = waiting.runner->wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK_THAT(ran.err, Catch::Contains("step one") && Catch::Contains("step two") && Catch::Contains("for locks of"));
    CHECK(waiting.rows() == "1 2 3");
}

TEST_CASE("side by side: an interrupt cancels all that is under way", "[parallel]") {
    Waiting waiting;
    waiting.runner->signal(SIGINT);
    const Ran ran = waiting.runner->wait();
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 4);
    CHECK_THAT(ran.err, Catch::Contains("C0713"));
    CHECK(waiting.database.query("SELECT state FROM cairn.run") == "stopped");
    CHECK(waiting.database.query("SELECT count(*) FROM cairn.lease WHERE run IS NULL AND beside = '[]'") == "1");
    REQUIRE(waiting.blocker.script("COMMIT").ok());
    const Ran resumed = run_cairn(waiting.folder, waiting.arguments({"resume"}));
    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit == 0);
    CHECK(waiting.rows() == "1 2 3");
}

TEST_CASE("side by side: a frozen runner's sessions are all ended by who takes over", "[parallel]") {
    Waiting frozen(Environment{{"CAIRN_LEASE", "600ms"}});
    frozen.runner->signal(SIGSTOP);
    REQUIRE(frozen.blocker.script("COMMIT").ok());  // both items' transactions stay open, and hold the lease's row
    Ran next;
    await("the next runner gets the lease", [&] {
        next = run_cairn(frozen.folder, frozen.arguments({"resume"}), {{"CAIRN_LEASE", "20s"}});
        return next.exit != 7;
    });
    INFO(next.out << next.err);
    CHECK(next.exit == 0);
    CHECK(frozen.rows() == "1 2 3");
    frozen.runner->signal(SIGCONT);
    const Ran woken = frozen.runner->wait();
    INFO(woken.out << woken.err);
    CHECK(woken.exit == 7);
    CHECK_THAT(woken.err, Catch::Contains("C0714"));
    CHECK(frozen.rows() == "1 2 3");
}

TEST_CASE("side by side: the runner is dead, and whoever resumes ends its sessions", "[parallel]") {
    Waiting waiting;
    waiting.runner->signal(SIGKILL);
    (void)waiting.runner->wait();
    // Its sessions still wait for their locks, and would go on once they have them.
    Cairn next(waiting.folder, waiting.arguments({"resume"}));
    await("the next runner has the lease", [&] { return waiting.database.query("SELECT token FROM cairn.lease") == "2"; });
    REQUIRE(waiting.blocker.script("COMMIT").ok());
    const Ran ran = next.wait();
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
    CHECK(waiting.rows() == "1 2 3");
}

TEST_CASE("through a pooler items of a block run one at a time, and it is said", "[parallel][pooler]") {
    Database database;
    Folder folder;
    database.execute("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY)");
    folder.write("two.cairn", plan);
    Pooler pooler(server());
    const Ran ran = run_cairn(folder, {"apply", "two.cairn", "--db", "erp=" + pooler.conninfo(database.name())});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
    CHECK_THAT(ran.err, Catch::Contains("`erp` is reached through a pooler: items of `parallel` run one at a time"));
}
