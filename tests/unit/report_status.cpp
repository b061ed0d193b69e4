// status, history and log: tables for people, and the JSON that scripts rely on.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runtime/report/status.hpp"

using namespace cairn;
using namespace cairn::report;
using Catch::Contains;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* error =
    "{\"file\":\"nightly.cairn\",\"line\":12,\"column\":7,\"end_line\":12,\"end_column\":9,"
    "\"severity\":\"error\",\"code\":\"C0750\","
    "\"message\":\"relation \\\"x\\\" does not exist (42P01)\",\"help\":null}";

journal::RunRecord failed_run() {
    journal::RunRecord run;
    run.run = "k3v9";
    run.plan = "nightly";
    run.digest = "sha256:abc";
    run.state = journal::RunState::failed;
    run.started = "2026-01-15T22:00:00.120Z";
    run.ended = "2026-01-15T22:03:00.500Z";
    run.by = "ada@db1";
    run.parameters = {{"cutoff", "2025-01-01"}};
    journal::ItemRecord load, moved, last;
    load.name = "load";
    load.kind = "step";
    load.state = journal::ItemState::done;
    load.started = "2026-01-15T22:00:00.200Z";
    load.ended = "2026-01-15T22:02:59.000Z";
    load.rows = 1204;
    load.attempts = 2;
    moved.name = "moved";
    moved.kind = "validate";
    moved.state = journal::ItemState::failed;
    moved.started = "2026-01-15T22:03:00.000Z";
    moved.error = error;
    last.name = "drop_old";
    last.kind = "step";
    run.items = {load, moved, last};
    return run;
}

}  // namespace

TEST_CASE("status tells where a run stands, what failed, and what to type") {
    CHECK(status_text(failed_run(), false) ==
          "run k3v9 of nightly: failed, 1 of 3 items done\n"
          "started 2026-01-15 22:00:00 UTC, ended 2026-01-15 22:03:00 UTC, by ada@db1\n"
          "sha256:abc\n"
          "param cutoff = 2025-01-01\n"
          "\n"
          "  done         step load       2026-01-15 22:00:00  2026-01-15 22:02:59  1,204 rows  2 "
          "attempts\n"
          "  failed       validate moved  2026-01-15 22:03:00\n"
          "    nightly.cairn:12:7: error[C0750]: relation \"x\" does not exist (42P01)\n"
          "  pending      step drop_old\n"
          "\n"
          "next: cairn resume k3v9 or cairn rollback k3v9\n");
}

TEST_CASE("status as JSON has the keys of the command line's reference, in their order") {
    const Json json = Json::parse(status_json(failed_run()));
    std::vector<std::string> keys;
    for (const auto& [key, value] : json["items"][0].items()) keys.push_back(key);
    CHECK(keys ==
          std::vector<std::string>{"name", "kind", "state", "started", "ended", "rows", "error"});
    CHECK(json["run"] == "k3v9");
    CHECK(json["plan"] == "nightly");
    CHECK(json["digest"] == "sha256:abc");
    CHECK(json["state"] == "failed");
    CHECK(json["items"][0]["rows"] == 1204);
    CHECK(json["items"][0]["error"].is_null());
    CHECK(json["items"][1]["error"]["code"] == "C0750");
    CHECK(json["items"][1]["ended"].is_null());
    CHECK(json["items"][2]["state"] == "pending");
    CHECK(json["items"][2]["started"].is_null());
    CHECK(json["items"][2]["rows"].is_null());
}

TEST_CASE("an error that is no diagnostic of ours is shown as it stands") {
    auto run = failed_run();
    run.items[1].error = "something else";
    CHECK_THAT(status_text(run, false), Contains("    error: something else\n"));
    CHECK(Json::parse(status_json(run))["items"][1]["error"]["message"] == "something else");
}

TEST_CASE("a run that was rolled back leads nowhere") {
    auto run = failed_run();
    run.state = journal::RunState::rolled_back;
    CHECK_THAT(status_text(run, false), Contains("nightly: rolled back, ") && !Contains("next:"));
    CHECK(Json::parse(status_json(run))["state"] == "rolled_back");
}

TEST_CASE("colours come only when asked for") {
    CHECK_THAT(status_text(failed_run(), false), !Contains("\x1b"));
    CHECK_THAT(status_text(failed_run(), true), Contains("\x1b[1;31mfailed"));
    CHECK_THAT(history_text({failed_run()}, false), !Contains("\x1b"));
    CHECK_THAT(log_text({{"2026-01-15T22:00:00.000Z", "load", "done", ""}}, false),
               !Contains("\x1b"));
}

TEST_CASE("history is a line a run, in the order given") {
    auto other = failed_run();
    other.run = "a1";
    other.plan = "lease_consolidation";
    other.state = journal::RunState::running;
    other.ended.clear();
    CHECK(history_text({failed_run(), other}, false) ==
          "run   plan                 state        started (UTC)        ended (UTC)          by\n"
          "k3v9  nightly              failed       2026-01-15 22:00:00  2026-01-15 22:03:00  "
          "ada@db1\n"
          "a1    lease_consolidation  running      2026-01-15 22:00:00                       "
          "ada@db1\n");
    CHECK(history_text({}, false) == "no runs\n");
    const Json json = Json::parse(history_json({failed_run(), other}));
    CHECK(json["runs"].size() == 2);
    CHECK(json["runs"][1]["run"] == "a1");
    CHECK(json["runs"][1]["ended"].is_null());
    CHECK(Json::parse(history_json({}))["runs"].empty());
}

TEST_CASE("the log is a line an event, and about the run where no item is named") {
    const std::vector<journal::EventRecord> events{
        {"2026-01-15T22:00:00.000Z", "", "started", "by ada"},
        {"2026-01-15T22:00:01.000Z", "load", "done", ""},
    };
    CHECK(log_text(events, false) ==
          "2026-01-15T22:00:00.000Z        started  by ada\n"
          "2026-01-15T22:00:01.000Z  load  done\n");
    const Json json = Json::parse(log_json(events));
    CHECK(json["events"][0]["item"].is_null());
    CHECK(json["events"][1]["item"] == "load");
    CHECK(json["events"][1]["detail"].is_null());
}

TEST_CASE("bytes that are no UTF-8 don't break the JSON") {
    CHECK(Json::parse(log_json({{"2026-01-15T22:00:00.000Z", "load", "failed", "\xff"}}))["events"]
              .size() == 1);
    auto run = failed_run();
    run.by = "\xff";
    CHECK(Json::parse(status_json(run)).contains("by"));
}
