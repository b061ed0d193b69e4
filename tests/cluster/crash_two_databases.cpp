// A runner that changes two databases, killed between any two actions: it goes on, and back, in both.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

bool full() {  // set by `tests/run --full`
    const char* word = std::getenv("CAIRN_FULL");
    return word != nullptr && std::string(word) == "1";
}

constexpr const char* plan = R"(plan both "Two databases"
database erp
database crm
step one on erp { $$ ALTER TABLE a ADD COLUMN w int $$ lock timeout 3s }
step two on crm { $$ UPDATE b SET v = v + 1 $$ }
transaction on erp {
  step three { $$ UPDATE a SET w = k $$ }
  validate filled { $$ SELECT count(*) FROM a WHERE w IS NULL $$ = 0 }
}
step four on crm { $$ CREATE INDEX CONCURRENTLY b_v ON b (v) $$ }
parallel {
  step five on erp { $$ DELETE FROM a WHERE k > 5 $$ }
  step six on crm { $$ DELETE FROM b WHERE k > 5 $$ }
}
)";

struct Both {
    Database erp, crm;
    Folder folder;
    Both() {
        erp.execute("CREATE TABLE a (k int PRIMARY KEY); INSERT INTO a SELECT generate_series(1, 10)");
        crm.execute("CREATE TABLE b (k int PRIMARY KEY, v int); INSERT INTO b SELECT i, i FROM generate_series(1, 10) i");
        folder.write("both.cairn", plan);
    }
    Ran run(std::vector<std::string> arguments, const Environment& environment = {}) {
        arguments.insert(arguments.end(), {"--db", "erp=" + erp.conninfo(), "--db", "crm=" + crm.conninfo()});
        return run_cairn(folder, arguments, environment);
    }
    Ran go_on() {
        Ran resumed = run({"resume"});
        if (resumed.err.find("C0612") != std::string::npos) return run({"apply", "both.cairn"});
        return resumed;
    }
};

using State = cairn::catalog::State;
struct States {
    State erp, crm;
};
States states(Both& now) { return {state_of(now.erp), state_of(now.crm)}; }

std::vector<std::string> difference(const States& wanted, Both& now) {
    auto lines = cairn::catalog::compare(wanted.erp, state_of(now.erp)).lines;
    const auto more = cairn::catalog::compare(wanted.crm, state_of(now.crm)).lines;
    lines.insert(lines.end(), more.begin(), more.end());
    return lines;
}

const std::vector<std::string> none;

}  // namespace

TEST_CASE("two databases: killed between any two actions of apply, then resumed and rolled back", "[two_databases]") {
    Both traced;
    const auto before = states(traced);
    const Ran ran = traced.run({"apply", "both.cairn"}, {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}});
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit == 0);
    const auto applied = states(traced);
    const int points = count_lines(traced.folder.read("trace"));
    REQUIRE(points > 40);
    const int stride = full() ? 1 : 3;
    for (int at = 1; at <= points; at += stride) {
        Both both;
        const Ran killed = both.run({"apply", "both.cairn"}, {{"CAIRN_FAULT_AT", std::to_string(at)}});
        INFO("killed at fault point " << at << " of " << points);
        REQUIRE((killed.exit == 128 + SIGKILL || at > points - 10));
        const Ran resumed = both.go_on();
        INFO(resumed.out << resumed.err);
        REQUIRE((resumed.exit == 0 || resumed.exit == 1 || resumed.exit == 9));
        CHECK(difference(applied, both) == none);
        const Ran back = both.run({"rollback"});
        INFO(back.out << back.err);
        CHECK(back.exit == 0);
        CHECK(difference(before, both) == none);
    }
}

TEST_CASE("two databases: killed between any two actions of a rollback, then rolled back again", "[two_databases]") {
    Both traced;
    const auto before = states(traced);
    REQUIRE(traced.run({"apply", "both.cairn"}).exit == 0);
    REQUIRE(traced.run({"rollback"}, {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}}).exit == 0);
    const int points = count_lines(traced.folder.read("trace"));
    REQUIRE(points > 20);
    const int stride = full() ? 1 : 3;
    for (int at = 1; at <= points; at += stride) {
        Both both;
        REQUIRE(both.run({"apply", "both.cairn"}).exit == 0);
        REQUIRE(both.run({"rollback"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit == 128 + SIGKILL);
        INFO("killed at fault point " << at << " of " << points);
        const Ran again = both.run({"rollback"});
        INFO(again.out << again.err);
        CHECK((again.exit == 0 || again.exit == 1));  // 1: the kill came after the end was recorded
        CHECK(difference(before, both) == none);
        const Ran anew = both.run({"apply", "both.cairn"});
        INFO(anew.out << anew.err);
        CHECK(anew.exit == 0);
    }
}

TEST_CASE("two databases: a status that was told of one only says what it does not know", "[two_databases]") {
    Both both;
    REQUIRE(both.run({"apply", "both.cairn"}).exit == 0);
    const Ran whole = both.run({"status"});
    CHECK_THAT(whole.out, Catch::Contains("7 of 7 items done"));
    const Ran one = run_cairn(both.folder, {"status", "--db", "erp=" + both.erp.conninfo()});
    INFO(one.out << one.err);
    CHECK(one.exit == 0);
    CHECK_THAT(one.out, Catch::Contains("finished") && Catch::Contains("in the journal of `crm`") && Catch::Contains("not read: crm"));
    const Ran other = run_cairn(both.folder, {"status", "--db", "crm=" + both.crm.conninfo(), "--format", "json"});
    CHECK_THAT(other.out, Catch::Contains("\"unread_journal\": \"erp\""));
    // Killed between the two records of the end, the run is not over: the journal of the one declared first says so.
    both.erp.execute("UPDATE cairn.run SET state = 'running'");
    const Ran asked = run_cairn(both.folder, {"status", "--db", "crm=" + both.crm.conninfo(), "--db", "erp=" + both.erp.conninfo()});
    CHECK_THAT(asked.out, Catch::Contains(": stopped"));
    CHECK(both.run({"resume"}).exit == 0);
    CHECK_THAT(both.run({"history"}).out, Catch::Contains("finished"));
}
