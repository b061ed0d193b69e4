// What a run's reader sees at its end: what stands, and what to type next.
#include <catch2/catch.hpp>

#include "tests/unit/told.hpp"

using namespace cairn;
using namespace cairn::tests;

TEST_CASE("a failed run says what stands and what to type") {
    Told told{ReportOptions{.flags = "--profile staging"}};
    (void)told.progress.run_started(record(), false);
    (void)told.progress.item_ended(load, ended(ItemState::done));
    (void)told.progress.item_ended(moved, ended(ItemState::failed));
    CHECK(told.progress.run_ended(RunState::failed, "validate `moved` failed", start + 90s) ==
          "run k3v9 failed after 1min 30s: 1 item done, 1 failed, 1 not run\n"
          "  validate `moved` failed\n"
          "  what stands: load\n"
          "  cairn resume k3v9 --profile staging    # goes on where it stands\n"
          "  cairn rollback k3v9 --profile staging  # takes it back\n");
}

TEST_CASE("a run that was taken back says that nothing of it stands") {
    Told told;
    (void)told.progress.run_started(record(), false);
    (void)told.progress.item_ended(load, ended(ItemState::done));
    (void)told.progress.undo_started(load, start);
    CHECK(told.progress.live_line(start + 1s) == "1/3 undoes  step load  1.0s");
    CHECK(told.progress.undo_ended(load, ended(ItemState::rolled_back)) ==
          "1/3 undone  step load       12ms\n");
    const std::string text = told.progress.run_ended(RunState::rolled_back, "", start);
    CHECK_THAT(
        text, Contains("run k3v9 rolled back after 0ms: 0 items done, 1 rolled back, 2 not run\n"));
    CHECK_THAT(text, Contains("nothing of it stands"));
    CHECK_THAT(text, Contains("cairn apply nightly.cairn"));
}

TEST_CASE("what an undo has left to others stands") {
    Told told;
    (void)told.progress.run_started(record(), false);
    (void)told.progress.item_ended(load, ended(ItemState::done));
    auto undone = ended(ItemState::rolled_back);
    undone.in_part = true;
    (void)told.progress.undo_ended(load, undone);
    const std::string text = told.progress.run_ended(RunState::rolled_back, "", start);
    CHECK_THAT(text,
               Contains("  what stands: load (what others have written or changed since)\n"));
}

TEST_CASE("a resumed run counts what was done before") {
    Told told;
    auto run = record();
    run.items[0].state = ItemState::done;
    CHECK_THAT(told.progress.run_started(run, true),
               Contains("run k3v9 of nightly: 3 items, 1 done before\n"));
    (void)told.progress.item_ended(moved, ended(ItemState::done));
    (void)told.progress.item_ended(drop_old, ended(ItemState::done));
    CHECK_THAT(told.progress.run_ended(RunState::finished, "", start), Contains("3 items done\n"));
}

TEST_CASE("what has nothing to undo is not told among the undone") {
    Told told;
    CHECK(told.progress.undo_ended(moved, ended(ItemState::rolled_back)).empty());
    Told verbose{ReportOptions{.verbose = 1}};
    CHECK(verbose.progress.undo_ended(moved, ended(ItemState::rolled_back)) ==
          "2/3 undone  validate moved  12ms\n");
}

TEST_CASE("what can't be undone stands with the reason the plan gives") {
    Told told;
    told.compiled.graph.items[0].undo.kind = compiler::Undo::Kind::none;
    told.compiled.graph.items[0].undo.reason = "only words";
    (void)told.progress.run_started(record(), false);
    (void)told.progress.item_ended(load, ended(ItemState::done));
    CHECK_THAT(told.progress.run_ended(RunState::rolled_back, "", start),
               Contains("  what stands: load (only words)\n"));
}
