// What a run's reader sees of its items: the lines that stay.
#include <catch2/catch.hpp>

#include "runtime/report/check_text.hpp"
#include "runtime/report/table.hpp"
#include "tests/unit/told.hpp"

using namespace cairn;
using namespace cairn::tests;

TEST_CASE("an item that ends is one line with its time, rows and checks") {
    Told told;
    (void)told.progress.item_started(load, start);
    auto outcome = ended(ItemState::done, 1234ms);
    outcome.rows = 1204;
    CHECK(told.progress.item_ended(load, outcome) ==
          "1/3 done    step load       1.2s, 1,204 rows\n");
}

TEST_CASE("a failed check shows where it stands, what was seen, and its rows") {
    Told told;
    auto outcome = ended(ItemState::failed);
    outcome.checks.push_back(failed_check());
    CHECK(told.progress.item_ended(moved, outcome) ==
          "2/3 failed  validate moved  12ms, 1 of 1 check failed\n"
          "       failed  no negative stock  nightly.cairn:3:19\n"
          "               expected no row, seen 12\n"
          "               item  stock\n"
          "               ----  -----\n"
          "               bolt     -3\n"
          "               NULL    -10\n"
          "               … 10 more rows\n");
}

TEST_CASE("an error points into the plan") {
    Told told;
    auto outcome = ended(ItemState::failed);
    outcome.error.emplace();
    outcome.error->code = 203;
    outcome.error->where = at(22, 4);
    outcome.error->message = "no such thing";
    const std::string text = told.progress.item_ended(load, outcome);
    CHECK_THAT(text, Contains("nightly.cairn:2:6: error[C0203]: no such thing\n"));
    CHECK_THAT(text, Contains("step load { $$ SELECT 1 $$ }\n"));
}

TEST_CASE("passed checks are told only when asked for") {
    auto outcome = ended(ItemState::done);
    outcome.checks.emplace_back();
    outcome.checks.back().title = "no negative stock";
    outcome.checks.back().passed = true;
    Told brief;
    CHECK(brief.progress.item_ended(moved, outcome) ==
          "2/3 done    validate moved  12ms, 1 check passed\n");
    Told verbose{ReportOptions{.verbose = 1}};
    CHECK_THAT(verbose.progress.item_ended(moved, outcome),
               Contains("       passed  no negative stock\n"));
}

TEST_CASE("quiet tells failures and warnings alone") {
    Told told{ReportOptions{.quiet = true}};
    CHECK(told.progress.run_started(record(), false).empty());
    CHECK(told.progress.item_ended(load, ended(ItemState::done)).empty());
    auto outcome = ended(ItemState::done);
    outcome.checks.push_back(failed_check());
    outcome.checks.back().warn = true;
    CHECK_THAT(told.progress.item_ended(moved, outcome), Contains("warns   no negative stock"));
    CHECK_THAT(told.progress.item_ended(drop_old, ended(ItemState::failed)),
               Contains("failed  step drop_old"));
}

TEST_CASE("what came from a server can't steer the terminal") {
    Told told;
    auto outcome = ended(ItemState::done);
    outcome.note = "\x1b[2J";
    outcome.checks.push_back(failed_check());
    outcome.checks.back().rows = {{"\x1b]0;x\x07", "a\nb"}};
    CHECK_THAT(told.progress.item_ended(moved, outcome), !Contains("\x1b"));
}

TEST_CASE("tables cut wide values, and leave out columns that find no room") {
    CHECK(table({"id", "note"}, {{"1", std::string(60, 'x')}, {"200", std::nullopt}},
                {.longest = 10}) ==
          " id  note\n"
          "---  ----------\n"
          "  1  xxxxxxxxx…\n"
          "200  NULL\n");
    CHECK(table({"a", "b", "c"}, {{"xxxx", "yyyy", "zzzz"}}, {.indent = "", .width = 12}) ==
          "a     b     …\n"
          "----  ----\n"
          "xxxx  yyyy  …\n");
    CHECK(fit("日本語", 5) == "日本…");
    CHECK(pad("日本", 6) == "日本  ");
}

TEST_CASE("times read as people say them") {
    CHECK(in_words(0ms) == "0ms");
    CHECK(in_words(999ms) == "999ms");
    CHECK(in_words(1999ms) == "1.9s");
    CHECK(in_words(59'999ms) == "59.9s");
    CHECK(in_words(185s) == "3min 5s");
    CHECK(in_words(130min) == "2h 10min");
    CHECK(counted(1, "row") == "1 row");
    CHECK(counted(1234567, "row") == "1,234,567 rows");
    CHECK(rfc3339(std::chrono::system_clock::time_point{1'768'514'400'042ms}) ==
          "2026-01-15T22:00:00.042Z");
}

TEST_CASE("a gate's checks stand before its question, and once") {
    Told told;
    auto outcome = ended(ItemState::done);
    outcome.checks.emplace_back();
    outcome.checks.back().title = "no negative stock";
    outcome.checks.back().passed = true;
    outcome.note = "`go?` was answered yes";
    CHECK(told.progress.asking(moved, outcome.checks) ==
          "2/3 asks    validate moved  1 check passed\n       passed  no negative stock\n");
    CHECK(told.progress.item_ended(moved, outcome) ==
          "2/3 done    validate moved  12ms, 1 check passed, `go?` was answered yes\n");
}

TEST_CASE("the last of a program's output stands under its item") {
    Told told;
    auto outcome = ended(ItemState::done);
    outcome.note = "1\n2\n3\n4\n5\n";
    CHECK(told.progress.item_ended(load, outcome) ==
          "1/3 done    step load       12ms\n       3\n       4\n       5\n");
    outcome.state = ItemState::failed;
    outcome.note = "only line\n";
    CHECK(told.progress.item_ended(load, outcome) ==
          "1/3 failed  step load       12ms\n       only line\n");
}
