// A plan's window, under a clock that the test sets.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

struct Night {
    Database database;
    Folder folder;

    explicit Night(const std::string& items, const std::string& window = "2026-01-15T22:00Z to 2026-01-15T23:00Z") {
        folder.write("p.cairn", fmt::format("plan p\ndatabase erp\nwindow {}\n{}\n", window, items));
        is("2026-01-15T22:00Z");
    }
    // Whole at once: the runner reads it at any time.
    void is(const std::string& instant) const {
        folder.write("clock.new", instant);
        REQUIRE(std::rename((folder.path() + "/clock.new").c_str(), (folder.path() + "/clock").c_str()) == 0);
    }
    [[nodiscard]] Environment environment() const { return {{"CAIRN_CLOCK", folder.path() + "/clock"}}; }
    [[nodiscard]] std::vector<std::string> with_database(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--db", "erp=" + database.conninfo()});
        return arguments;
    }
    Ran run(std::vector<std::string> arguments) { return run_cairn(folder, with_database(std::move(arguments)), environment()); }
    [[nodiscard]] std::string tables() { return database.query("SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"); }
    [[nodiscard]] std::string events() { return database.query("SELECT coalesce(item, '') || ': ' || detail FROM cairn.event WHERE event = 'window' ORDER BY 1"); }

    // A rehearsal's result with times of our own: minutes forward and back, by item.
    void rehearsed(const std::map<std::string, std::pair<int, int>>& minutes) {
        const Ran measured = run_cairn(folder, {"rehearse", "p.cairn", "--format", "json"});
        INFO(measured.err);
        REQUIRE(measured.exit == 0);
        auto json = nlohmann::json::parse(measured.out);
        for (auto& item : json.at("items")) {
            const auto found = minutes.find(item.at("name").get<std::string>());
            item["ms"] = found == minutes.end() ? 0 : found->second.first * 60'000;
            REQUIRE(item.contains("undo_ms"));
            if (found != minutes.end()) item["undo_ms"] = found->second.second * 60'000;
        }
        folder.write("rehearsed.json", json.dump());
    }
};

// A command that takes until `instant`, as far as the clock goes.
std::string takes_until(const std::string& name, const std::string& instant) {
    return fmt::format("run {} {{ command \"sh\" \"-c\" \"echo {} > clock\" rehearse \"true\" rollback none \"it only takes time\" }}\n", name, instant);
}

std::string step(const std::string& name) { return fmt::format("step {0} {{ $$ CREATE TABLE {0} (id int) $$ }}\n", name); }

}  // namespace

TEST_CASE("window: the first item that changes a database waits for its start, others do not", "[window]") {
    Night night("wait until window - 15min\n" + takes_until("ready", "2026-01-15T21:59Z") + step("a"));
    night.is("2026-01-15T21:30Z");
    Cairn cairn(night.folder, night.with_database({"apply", "p.cairn"}), night.environment());
    await("the run", [&] { return night.database.query("SELECT to_regclass('cairn.run') IS NOT NULL") == "t" && night.database.query("SELECT count(*) FROM cairn.run") == "1"; });
    night.is("2026-01-15T21:45Z");
    await("the step to wait", [&] { return night.database.query("SELECT count(*) FROM cairn.event WHERE event = 'window' AND detail LIKE '%opens at 2026-01-15T22:00:00Z'") == "1"; });
    CHECK(night.database.query("SELECT name FROM cairn.item WHERE state = 'done' ORDER BY ordinal") == "wait_1\nready");
    night.is("2026-01-15T22:00Z");
    const Ran ran = cairn.wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK(night.tables() == "a");
    CHECK(ran.err.find("`a` waits for the window, which opens at 2026-01-15T22:00:00Z") != std::string::npos);
    CHECK(ran.err.find("1h 0min left; last safe moment to turn back 2026-01-15T23:00:00Z") != std::string::npos);  // nobody has measured it
    CHECK(night.events().find("a: 1h 0min left in the window; the last") != std::string::npos);
}

TEST_CASE("window: a plan that would end past it turns back in time", "[window]") {
    // Ten minutes of `a` and half an hour of `slow` become fifty: `b` with its quarter of an hour no longer fits, and what is left is what the
    // rollback of `a` needs.
    Night night(step("a") + takes_until("slow", "2026-01-15T22:50Z") + step("b") + "on failure rollback");
    night.rehearsed({{"a", {10, 10}}, {"slow", {30, 0}}, {"b", {15, 15}}});
    const Ran ran = night.run({"apply", "p.cairn", "--rehearsal", "rehearsed.json"});
    INFO(ran.err);
    CHECK(ran.exit == 5);
    CHECK(ran.err.find("C0726") != std::string::npos);
    CHECK(ran.err.find("the plan would end at about 2026-01-15T23:05:00Z, past its window (2026-01-15T23:00:00Z), and `b` would end past the last safe "
                       "moment to turn back (2026-01-15T22:35:00Z)") != std::string::npos);
    CHECK(night.tables().empty());
    CHECK(night.database.query("SELECT state FROM cairn.run") == "rolled_back");
    CHECK(night.events().find("a: 1h 0min left in the window, about 55min 0s of work; the last safe moment to turn back is 2026-01-15T22:50:00Z") != std::string::npos);
}

TEST_CASE("window: late, but there is still time to turn back after the item: it is begun", "[window]") {
    Night night(step("a") + takes_until("slow", "2026-01-15T22:40Z") + step("b") + takes_until("slower", "2026-01-15T22:46Z") + step("c") + "on failure rollback");
    night.rehearsed({{"a", {1, 1}}, {"slow", {10, 0}}, {"b", {5, 5}}, {"c", {20, 1}}});
    const Ran ran = night.run({"apply", "p.cairn", "--rehearsal", "rehearsed.json"});
    INFO(ran.err);
    CHECK(ran.exit == 5);
    CHECK(night.database.query("SELECT state FROM cairn.item WHERE name IN ('b', 'c') ORDER BY name") == "rolled_back\npending");
    CHECK(night.tables().empty());
}

TEST_CASE("window: past a point of no return nothing turns back before the end", "[window]") {
    Night night(step("a") + "point of no return moved\n" + takes_until("slow", "2026-01-15T22:50Z") + step("b") + "on failure rollback");
    night.rehearsed({{"a", {10, 10}}, {"slow", {30, 0}}, {"b", {15, 15}}});
    const Ran ran = night.run({"apply", "p.cairn", "--rehearsal", "rehearsed.json"});
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK(night.tables() == "a b");
    CHECK(night.events().find("a point of no return has been passed") != std::string::npos);
}

TEST_CASE("window: after its end nothing that changes a database starts, and on failure decides", "[window]") {
    Night night(step("a") + takes_until("slow", "2026-01-15T23:00Z") + step("b"));
    const Ran ran = night.run({"apply", "p.cairn"});
    INFO(ran.err);
    CHECK(ran.exit == 3);
    CHECK(ran.err.find("C0725") != std::string::npos);
    CHECK(night.tables() == "a");
    CHECK(night.database.query("SELECT state FROM cairn.run") == "stopped");
    CHECK(night.run({"resume"}).exit == 3);
    CHECK(night.run({"resume", "--ignore-window"}).exit == 0);
    CHECK(night.tables() == "a b");

    Night back(step("a") + takes_until("slow", "2026-01-15T23:00Z") + step("b") + "on failure rollback");
    CHECK(back.run({"apply", "p.cairn"}).exit == 5);
    CHECK(back.tables().empty());
}

TEST_CASE("window: after its end the others go on", "[window]") {
    Night night(step("a") + takes_until("slow", "2026-01-15T23:30Z") + "validate v { table a exists }\n" + takes_until("more", "2026-01-15T23:45Z"));
    CHECK(night.run({"apply", "p.cairn"}).exit == 0);
    CHECK(night.database.query("SELECT count(*) FROM cairn.item WHERE state = 'done'") == "4");
}

TEST_CASE("window: a run that comes too late does not begin, unless the window is ignored", "[window]") {
    Night night(takes_until("stop_traffic", "2026-01-15T23:59Z") + step("a"), "\"2026-01-15T22:00Z\" to '2026-01-15T23:00+00:00'");
    night.is("2026-01-15T23:00:01Z");
    const Ran late = night.run({"apply", "p.cairn"});
    INFO(late.err);
    CHECK(late.exit == 3);
    CHECK(late.err.find("C0725") != std::string::npos);
    CHECK(night.folder.read("clock") == "2026-01-15T23:00:01Z");
    CHECK(night.run({"apply", "p.cairn", "--ignore-window"}).exit == 0);
    CHECK(night.tables() == "a");
}

TEST_CASE("window: a parameter can hold a postponed one", "[window]") {
    Night night(step("a"), "\"{from}\" to \"{until}\"\nparam from = \"2026-01-15T22:00Z\"\nparam until");
    CHECK(night.run({"apply", "p.cairn", "--param", "until=2026-01-15T21:00Z"}).err.find("C0309") != std::string::npos);
    CHECK(night.run({"apply", "p.cairn", "--param", "until=tomorrow"}).err.find("C0308") != std::string::npos);
    CHECK(run_cairn(night.folder, {"check", "p.cairn"}).exit == 0);
    CHECK(night.run({"apply", "p.cairn", "--param", "until=2026-01-15T23:00Z"}).exit == 0);
}
