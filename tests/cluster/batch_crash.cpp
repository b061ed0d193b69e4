// Batches and their rollbacks killed between any two of their actions: no range is lost, none is run
// twice.
#include <catch2/catch.hpp>

#include "tests/cluster/batch_harness.hpp"

using namespace cairn;
using namespace cairn::cluster;

namespace {

// Killed at each `every`th fault point, the step goes back from where it stands, at every other one after it has gone on.
void killed_and_taken_back(const char* step, const std::string& made, int every) {
    Batch traced(step, made);
    const auto before = state_of(traced.database);
    const int points = traced.fault_points({"apply", "b.cairn"});
    const auto after = state_of(traced.database);
    for (int at = every; at <= points; at += every) {
        Batch batch(step, made);
        batch.kill_at(at, {"apply", "b.cairn"});
        INFO("killed at fault point " << at << " of " << points);
        if (at % 2 == 0) {
            const Ran resumed = batch.go_on();
            CHECK((resumed.exit == 0 || resumed.exit == 1 || resumed.exit == 9));
            CHECK(catalog::compare(after, state_of(batch.database)).lines == std::vector<std::string>{});
        }
        const Ran back = batch.run({"rollback"});
        INFO(back.err);
        CHECK((back.exit == 0 || back.err.find("C0612") != std::string::npos));
        batch.is_as(before);
    }
}

}  // namespace

TEST_CASE("a batch killed between any two of its actions goes on where it was") {
    Batch traced(counting, batch_table(25));
    const int points = traced.fault_points({"apply", "b.cairn"});
    REQUIRE(points > 20);
    for (int at = 1; at <= points; ++at) {
        Batch batch(counting, batch_table(25));
        batch.kill_at(at, {"apply", "b.cairn"});
        INFO("killed at fault point " << at << " of " << points);
        const Ran resumed = batch.go_on();
        INFO(resumed.err);
        CHECK((resumed.exit == 0 || resumed.exit == 1 || resumed.exit == 9));
        CHECK(batch.database.query("SELECT min(n), max(n), count(*) FROM t") == "1|1|25");
        CHECK(batch.database.query("SELECT state, rows FROM cairn.item") == "done|25");
        CHECK(batch.database.query("SELECT count(DISTINCT xmin::text) FROM t") == "3");
    }
}

TEST_CASE("a batch that keeps rows, killed between any two of its actions, goes on, and then goes back") {
    killed_and_taken_back(keeping, batch_table_of_all_kinds(), 1);
}

TEST_CASE("a watched batch, killed between any two of its actions, goes on or back") {
    killed_and_taken_back("batch on t.id by 10\n$$ WITH g AS (DELETE FROM t WHERE :batch RETURNING *) INSERT INTO gone SELECT * FROM g $$",
                          batch_table_of_all_kinds() + "; CREATE TABLE gone (LIKE t)", 3);
}

TEST_CASE("the rollback of a batch, killed between any two of its actions, goes on; so does the batch") {
    Batch traced(keeping, batch_table_of_all_kinds());
    const auto before = state_of(traced.database);
    REQUIRE(traced.run({"apply", "b.cairn"}).exit == 0);
    const auto after = state_of(traced.database);
    const int points = traced.fault_points({"rollback"});
    REQUIRE(points > 8);
    for (int at = 1; at <= points; ++at) {
        Batch batch(keeping, batch_table_of_all_kinds());
        REQUIRE(batch.run({"apply", "b.cairn"}).exit == 0);
        batch.kill_at(at, {"rollback"});
        INFO("killed at fault point " << at << " of " << points);
        if (at % 2 == 0 && batch.database.query("SELECT state FROM cairn.run") != "rolled_back") {
            const Ran resumed = batch.run({"resume"});
            INFO(resumed.err);
            CHECK((resumed.exit == 0 || resumed.exit == 9));  // 9: the kill came before the run was told to go back
            CHECK(catalog::compare(after, state_of(batch.database)).lines == std::vector<std::string>{});
        }
        const Ran again = batch.run({"rollback"});
        INFO(again.err);
        CHECK((again.exit == 0 || again.exit == 1));  // 1: the kill came after the end was recorded
        batch.is_as(before);
    }
}
