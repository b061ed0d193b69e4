// What a run's reader sees: the lines that stay, the line that lives, and the summary with what to
// type next.
#include <catch2/catch.hpp>

#include "runtime/report/check_text.hpp"
#include "runtime/report/progress.hpp"
#include "runtime/report/table.hpp"

using namespace cairn;
using namespace cairn::report;
using namespace std::chrono_literals;
using Catch::Contains;
using journal::ItemState;
using journal::RunState;

namespace {

constexpr const char* plan_text =
    "plan nightly \"x\"\n"
    "step load { $$ SELECT 1 $$ }\n"
    "validate moved { $$ SELECT 2 $$ returns nothing }\n"
    "step drop_old { $$ SELECT 3 $$ }\n";

compiler::Location at(std::uint32_t begin, std::uint32_t length) {
    return {{0}, {begin, begin + length}};
}

compiler::Compiled nightly() {
    compiler::Compiled compiled;
    compiled.sources.add("nightly.cairn", plan_text);
    auto add = [&](const char* kind, const char* name, auto body) {
        compiler::Item item;
        item.kind = kind;
        item.name = name;
        item.body = std::move(body);
        compiled.graph.items.push_back(std::move(item));
    };
    compiler::ValidateItem validate;
    compiler::Check check;
    check.title = "no negative stock";
    check.expect = compiler::ExpectNothing{};
    check.where = at(64, 12);
    validate.checks.push_back(check);
    add("step", "load", compiler::StepItem{});
    add("validate", "moved", std::move(validate));
    add("step", "drop_old", compiler::StepItem{});
    compiled.graph.plan = "nightly";
    return compiled;
}

journal::RunRecord record() {
    journal::RunRecord run;
    run.run = "k3v9";
    run.plan = "nightly";
    run.digest = "sha256:abc";
    run.plan_file = "nightly.cairn";
    for (const char* name : {"load", "moved", "drop_old"}) {
        journal::ItemRecord item;
        item.name = name;
        run.items.push_back(item);
    }
    return run;
}

run::ItemOutcome ended(ItemState state, std::chrono::milliseconds took = 12ms) {
    run::ItemOutcome outcome;
    outcome.state = state;
    outcome.took = took;
    return outcome;
}

run::CheckOutcome failed_check() {
    run::CheckOutcome check;
    check.title = "no negative stock";
    check.message = "expected no row, seen 12";
    check.columns = {"item", "stock"};
    check.rows = {{"bolt", "-3"}, {std::nullopt, "-10"}};
    check.total_rows = 12;
    return check;
}

const Progress::Time start{};
constexpr compiler::ItemId load{0}, moved{1}, drop_old{2};

struct Told {
    compiler::Compiled compiled = nightly();
    ReportOptions options;
    Progress progress{compiled, options, 100, start};
    explicit Told(ReportOptions o = {}) : options(std::move(o)) {}
};

}  // namespace

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

TEST_CASE("what has nothing to undo is not told among the undone") {
    Told told;
    CHECK(told.progress.undo_ended(moved, ended(ItemState::rolled_back)).empty());
    Told verbose{ReportOptions{.verbose = 1}};
    CHECK(verbose.progress.undo_ended(moved, ended(ItemState::rolled_back)) ==
          "2/3 undone  validate moved  12ms\n");
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

TEST_CASE("what can't be undone stands with the reason the plan gives") {
    Told told;
    told.compiled.graph.items[0].undo.kind = compiler::Undo::Kind::none;
    told.compiled.graph.items[0].undo.reason = "only words";
    (void)told.progress.run_started(record(), false);
    (void)told.progress.item_ended(load, ended(ItemState::done));
    CHECK_THAT(told.progress.run_ended(RunState::rolled_back, "", start),
               Contains("  what stands: load (only words)\n"));
}
