// Two runners: the second is told at once, and a frozen first can neither hold it up nor commit when it wakes.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <csignal>
#include <fstream>

#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

constexpr const char* plan = R"(plan three "Three steps"
database erp
step one { $$ INSERT INTO trace VALUES ('one') $$  rollback none "a trace" }
transaction {
  step two { $$ INSERT INTO trace VALUES ('two') $$  rollback none "a trace" }
  validate seen { "two is there" $$ SELECT count(*) FROM trace $$ >= 2 }
}
step three { $$ INSERT INTO trace VALUES ('three') $$  rollback none "a trace" }
)";

struct Three {
    Database database;
    Folder folder;
    Three() {
        database.execute("CREATE TABLE trace (step text)");
        folder.write("three.cairn", plan);
    }
    [[nodiscard]] std::vector<std::string> arguments(std::vector<std::string> words) const {
        words.insert(words.end(), {"--db", "erp=" + database.conninfo()});
        return words;
    }
    std::string trace() { return database.query("SELECT string_agg(step, ' ' ORDER BY step) FROM trace"); }
};

bool is_stopped(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    return all.find(") T ") != std::string::npos;
}

// Names of fault points in the order in which apply passes them.
std::vector<std::string> fault_points() {
    Three three;
    const Ran ran = run_cairn(three.folder, three.arguments({"apply", "three.cairn"}), {{"CAIRN_FAULT_TRACE", three.folder.path() + "/trace"}});
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit == 0);
    std::vector<std::string> names;
    std::istringstream lines(three.folder.read("trace"));
    for (std::string line; std::getline(lines, line);) names.push_back(line.substr(line.find(' ') + 1));
    return names;
}

}  // namespace

TEST_CASE("a second runner is told at once who holds the run") {
    Three three;
    auto blocker = three.database.connect();
    REQUIRE(blocker.script("BEGIN; LOCK TABLE trace").ok());
    Cairn first(three.folder, three.arguments({"apply", "three.cairn"}));
    await("the first runner waits for the lock", [&] {
        return three.database.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "1";
    });
    const Ran second = run_cairn(three.folder, three.arguments({"apply", "three.cairn"}));
    CHECK(second.exit == 7);
    CHECK_THAT(second.err, Catch::Contains("C0704") && Catch::Contains(std::to_string(first.pid())));
    const Ran resumed = run_cairn(three.folder, three.arguments({"resume"}));
    CHECK(resumed.exit == 7);
    REQUIRE(blocker.script("COMMIT").ok());
    CHECK(first.wait().exit == 0);
    CHECK(three.trace() == "one three two");
}

TEST_CASE("a frozen runner holds nobody up past its lease, and can't commit when it wakes") {
    const auto points = fault_points();
    for (std::size_t at = 0; at < points.size(); ++at) {
        // Before the lease is taken there is nothing to take over; after the last record nothing to resume.
        const bool in_a_run = at > 3 && at + 2 < points.size();
        if (!in_a_run) continue;
        Three three;
        Cairn frozen(three.folder, three.arguments({"apply", "three.cairn"}),
                     {{"CAIRN_LEASE", "600ms"}, {"CAIRN_FAULT_AT", std::to_string(at + 1)}, {"CAIRN_FAULT_SIGNAL", std::to_string(SIGSTOP)}});
        INFO("frozen at " << at + 1 << ": " << points[at]);
        await("the first runner is frozen", [&] { return is_stopped(frozen.pid()); });
        Ran next;
        await("the next runner gets the lease", [&] {
            next = run_cairn(three.folder, three.arguments({"resume"}), {{"CAIRN_LEASE", "20s"}});
            return next.exit != 7;
        });
        INFO(next.out << next.err);
        CHECK(next.exit == 0);
        CHECK(three.trace() == "one three two");
        frozen.signal(SIGCONT);
        const Ran woken = frozen.wait();
        INFO(woken.out << woken.err);
        CHECK(woken.exit == 7);
        CHECK_THAT(woken.err, Catch::Contains("C0714"));
        CHECK(three.trace() == "one three two");
    }
}
