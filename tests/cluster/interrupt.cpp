// Ctrl-C once and twice, and a terminal that closes: a clear end, and a run that can be resumed.
#include <catch2/catch.hpp>

#include <csignal>

#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

constexpr const char* plan = R"(plan two "Two steps"
database erp
step one { $$ INSERT INTO trace VALUES ('one') $$  rollback none "a trace" }
step two { $$ INSERT INTO trace VALUES ('two') $$  rollback none "a trace" }
)";

// A run that waits in its first step for a lock that the test holds.
struct Waiting {
    Database database;
    Folder folder;
    cairn::postgres::Session blocker;
    std::unique_ptr<Cairn> runner;

    Waiting() : blocker(database.connect()) {
        database.execute("CREATE TABLE trace (step text)");
        folder.write("two.cairn", plan);
        REQUIRE(blocker.script("BEGIN; LOCK TABLE trace").ok());
        runner = std::make_unique<Cairn>(folder, arguments({"apply", "two.cairn"}));
        await("the first step waits", [&] {
            return database.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "1";
        });
    }
    [[nodiscard]] std::vector<std::string> arguments(std::vector<std::string> words) const {
        words.insert(words.end(), {"--db", "erp=" + database.conninfo()});
        return words;
    }
    void resumes() {
        REQUIRE(blocker.script("COMMIT").ok());
        const Ran resumed = run_cairn(folder, arguments({"resume"}));
        INFO(resumed.out << resumed.err);
        CHECK(resumed.exit == 0);
        CHECK(database.query("SELECT string_agg(step, ' ' ORDER BY step) FROM trace") == "one two");
    }
};

}  // namespace

TEST_CASE("interrupted once: the statement is cancelled, the run is stopped and can be resumed") {
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
    INFO("signal " << signal);
    Waiting waiting;
    waiting.runner->signal(signal);
    const Ran ran = waiting.runner->wait();
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 4);
    CHECK_THAT(ran.err, Catch::Contains("C0713"));
    CHECK(waiting.database.query("SELECT state FROM cairn.run") == "stopped");
    CHECK(waiting.database.query("SELECT count(*) FROM cairn.lease WHERE run IS NULL") == "1");
    waiting.resumes();
}

TEST_CASE("interrupted twice: gone at once, and still resumable") {
    Waiting waiting;
    // Frozen, it takes both at once when it wakes: the second comes before the first is dealt with.
    waiting.runner->signal(SIGSTOP);
    waiting.runner->signal(SIGINT);
    waiting.runner->signal(SIGTERM);
    waiting.runner->signal(SIGCONT);
    const Ran ran = waiting.runner->wait();
    CHECK(ran.exit == 4);
    waiting.resumes();
}
