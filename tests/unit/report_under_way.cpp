// What a run's reader sees while items are under way: the line that lives, reminders, who is waited for.
#include <catch2/catch.hpp>

#include "tests/unit/told.hpp"

using namespace cairn;
using namespace cairn::tests;

TEST_CASE("the live line says what runs, how long, and who is in the way") {
    Told told{ReportOptions{.terminal = true}};
    CHECK(told.progress.live_line(start).empty());
    (void)told.progress.item_started(load, start);
    CHECK(told.progress.live_line(start + 3s) == "1/3 runs    step load  3.0s");
    run::Blocker blocker;
    blocker.pid = 4711;
    blocker.user = "app";
    blocker.state = "idle in transaction";
    blocker.query = "UPDATE\n orders";
    blocker.since = 63s;
    CHECK(told.progress.blocked(load, {blocker}).empty());
    CHECK_THAT(told.progress.live_line(start + 3s),
               Contains("waits for pid 4711 (app, idle in transaction, 1min 3s): UPDATE"));
    CHECK_THAT(told.progress.live_line(start + 3s), !Contains("\n"));
    told.progress.resize(30);
    CHECK(told.progress.live_line(start + 3s) == "1/3 runs    step load  3.0s …");
    (void)told.progress.item_ended(load, ended(ItemState::done));
    CHECK(told.progress.live_line(start + 4s).empty());
}

TEST_CASE("the live line tells of each that runs side by side") {
    Told told{ReportOptions{.terminal = true}};
    (void)told.progress.item_started(load, start);
    (void)told.progress.item_started(drop_old, start + 1s);
    told.progress.headway(drop_old, {.rows = 5000, .portion = 0.25});
    run::Blocker blocker;
    blocker.pid = 4711;
    (void)told.progress.blocked(load, {blocker});
    CHECK(told.progress.live_line(start + 3s) == "2 run: step load  3.0s, waits for pid 4711; step drop_old  2.0s, 5,000 rows, 25%");
}

TEST_CASE("without a terminal blockers are told once, and long items now and then") {
    Told told;
    (void)told.progress.item_started(load, start);
    run::Blocker blocker;
    blocker.pid = 4711;
    CHECK(told.progress.blocked(load, {blocker}) ==
          "1/3 waits   step load       for locks of\n       pid 4711\n");
    CHECK(told.progress.blocked(load, {blocker}).empty());
    CHECK(told.progress.reminder(start + 29s).empty());
    CHECK(told.progress.reminder(start + 30s) ==
          "1/3 runs    step load       since 30.0s, waits for pid 4711\n");
    CHECK(told.progress.reminder(start + 31s).empty());
    CHECK_FALSE(told.progress.reminder(start + 60s).empty());
}

TEST_CASE("a retry says why and when") {
    Told told;
    (void)told.progress.item_started(load, start);
    compiler::Diagnostic why;
    why.message = "canceling statement due to lock timeout (55P03)";
    CHECK(told.progress.retrying(load, 1, 1500ms, why) ==
          "1/3 retries step load       attempt 1 failed, again in 1.5s: canceling statement due to "
          "lock timeout "
          "(55P03)\n");
}

TEST_CASE("on a terminal a retry tells who was in the way") {
    Told told{ReportOptions{.terminal = true}};
    (void)told.progress.item_started(load, start);
    run::Blocker blocker;
    blocker.pid = 4711;
    (void)told.progress.blocked(load, {blocker});
    compiler::Diagnostic why;
    why.message = "lock timeout";
    CHECK(told.progress.retrying(load, 1, 1s, why) ==
          "1/3 retries step load       attempt 1 failed, again in 1.0s: lock timeout\n"
          "       waited for pid 4711\n");
}
