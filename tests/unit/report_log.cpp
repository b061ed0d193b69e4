// The log file, and that neither a full disk nor a closed terminal ends a run.
#include <fcntl.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

#include "runtime/report/log_file.hpp"
#include "runtime/report/report.hpp"
#include "runtime/report/reporter.hpp"

using namespace cairn;
using namespace cairn::report;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

namespace {

compiler::Compiled one_step() {
    compiler::Compiled compiled;
    compiled.sources.add("p.cairn", "step load {}\n");
    compiler::Item item;
    item.kind = "step";
    item.name = "load";
    item.body = compiler::StepItem{};
    compiled.graph.items.push_back(item);
    return compiled;
}

struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "cairn_log_XXXXXX").string();
        path = mkdtemp(pattern.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
};

std::vector<Json> lines_of(const std::string& path) {
    std::vector<Json> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) lines.push_back(Json::parse(line));
    return lines;
}

journal::RunRecord record() {
    journal::RunRecord run;
    run.run = "k3v9";
    run.plan = "p";
    run.digest = "sha256:abc";
    run.parameters = {{"cutoff", "{not a format}"}};
    return run;
}

constexpr compiler::ItemId load{0};

// stderr as another file, for as long as this lives.
class StderrAs {
public:
    explicit StderrAs(int fd) : saved_(dup(STDERR_FILENO)) { dup2(fd, STDERR_FILENO); }
    ~StderrAs() {
        dup2(saved_, STDERR_FILENO);
        close(saved_);
    }

private:
    int saved_;
};

}  // namespace

TEST_CASE("every event is a line of JSON that is there at once") {
    const Folder folder;
    const std::string path = folder.path / "run.log";
    const auto compiled = one_step();
    auto opened = open_log_file(path, compiled);
    auto& log = *std::get<std::unique_ptr<run::Observer>>(opened);

    log.run_started(record(), false);
    log.item_started(load);
    run::Blocker blocker;
    blocker.pid = 7;
    log.blocked(load, {blocker});
    log.blocked(load, {blocker});
    compiler::Diagnostic why;
    why.code = 701;
    why.message = "lock timeout";
    log.retrying(load, 2, 1500ms, why);
    run::ItemOutcome outcome;
    outcome.state = journal::ItemState::failed;
    outcome.took = 12ms;
    outcome.rows = 3;
    outcome.note = "with {braces} and \xff";
    outcome.error = why;
    outcome.checks.emplace_back();
    outcome.checks[0].title = "t";
    outcome.checks[0].columns = {"a"};
    outcome.checks[0].rows = {{"1"}, {std::nullopt}};
    log.item_ended(load, outcome);
    log.undo_started(load);
    log.undo_ended(load, outcome);
    log.message("hello");
    log.run_ended(journal::RunState::failed, "because");

    const auto lines = lines_of(path);
    std::vector<std::string> events;
    for (const Json& line : lines) {
        events.push_back(line.at("event"));
        CHECK(line.at("run") == "k3v9");
        CHECK(line.at("time").get<std::string>().size() ==
              std::string("2026-01-15T22:00:00.000Z").size());
    }
    CHECK(events == std::vector<std::string>{"run_started", "item_started", "blocked", "retrying",
                                             "item_ended", "undo_started", "undo_ended", "message",
                                             "run_ended"});
    CHECK(lines[0]["item"].is_null());
    CHECK(lines[0]["parameters"]["cutoff"] == "{not a format}");
    CHECK(lines[1]["item"] == "load");
    CHECK(lines[1]["kind"] == "step");
    CHECK(lines[2]["blockers"][0]["pid"] == 7);
    CHECK(lines[3]["after_ms"] == 1500);
    CHECK(lines[3]["error"]["code"] == "C0701");
    CHECK(lines[4]["state"] == "failed");
    CHECK(lines[4]["ms"] == 12);
    CHECK(lines[4]["rows"] == 3);
    CHECK(lines[4]["checks"][0]["rows"][1][0].is_null());
    CHECK(lines[7]["text"] == "hello");
    CHECK(lines[8]["state"] == "failed");
    CHECK(lines[8]["why"] == "because");
}

TEST_CASE("a second run is appended to the same log") {
    const Folder folder;
    const std::string path = folder.path / "run.log";
    const auto compiled = one_step();
    for (int i = 0; i < 2; ++i) {
        auto opened = open_log_file(path, compiled);
        std::get<std::unique_ptr<run::Observer>>(opened)->run_started(record(), i > 0);
    }
    const auto lines = lines_of(path);
    REQUIRE(lines.size() == 2);
    CHECK(lines[1]["resumed"] == true);
}

TEST_CASE("a log file that can't be opened is a warning with its path") {
    const Folder folder;
    const auto compiled = one_step();
    const auto opened = open_log_file(folder.path, compiled);  // a folder
    const auto& diagnostic = std::get<compiler::Diagnostic>(opened);
    CHECK(diagnostic.code == 752);
    CHECK_THAT(diagnostic.message, Catch::Contains(folder.path.string()));
}

TEST_CASE("a full disk under the log doesn't end the run") {
    const Folder folder;
    const int told = open((folder.path / "told").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    {
        const StderrAs there(told);
        const auto compiled = one_step();
        auto opened = open_log_file("/dev/full", compiled);
        auto& log = *std::get<std::unique_ptr<run::Observer>>(opened);
        CHECK_NOTHROW(log.run_started(record(), false));
        CHECK_NOTHROW(log.item_started(load));
    }
    close(told);
    std::ifstream file(folder.path / "told");
    std::string first, second;
    std::getline(file, first);
    CHECK_THAT(first, Catch::StartsWith("the log file `/dev/full` can't be written"));
    CHECK_FALSE(std::getline(file, second));
}

TEST_CASE("a closed terminal neither kills nor throws") {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    close(ends[0]);  // nobody reads
    {
        const StderrAs closed(ends[1]);
        const auto compiled = one_step();
        auto observer = make_observer(compiled, {});
        observer->run_started(record(), false);
        observer->item_started(load);
        observer->item_ended(load, {});
        observer->run_ended(journal::RunState::finished, "");
        observer.reset();
    }
    close(ends[1]);
    SUCCEED();
}

TEST_CASE("a terminal that doesn't take what is written doesn't hold up the run") {
    const auto compiled = one_step();
    std::promise<void> stopped, go_on;
    auto gate = go_on.get_future().share();
    std::atomic<bool> is_first{true};
    std::string written;
    const Sink sink = [&](std::string_view text) {
        if (is_first.exchange(false)) {
            stopped.set_value();
            gate.wait();  // as after Ctrl-S
        }
        written += text;
    };
    {
        Reporter reporter(
            compiled, {}, sink, [] { return std::size_t{100}; }, nullptr);
        reporter.run_started(record(), false);
        stopped.get_future().wait();
        reporter.item_started(load);
        reporter.blocked(load, {});
        reporter.item_ended(load, {});
        reporter.message("still here");
        go_on.set_value();
    }
    CHECK_THAT(written,
               Catch::Contains("1/1 done    step load") && Catch::Contains("still here\n"));
}

TEST_CASE("on a terminal the live line is taken away before what stays") {
    const auto compiled = one_step();
    std::promise<void> shown;
    std::atomic<bool> is_first{true};
    std::string written;
    {
        Reporter reporter(
            compiled, ReportOptions{.terminal = true},
            [&](std::string_view text) {
                written += text;
                if (text.find("runs    step load") != std::string_view::npos &&
                    is_first.exchange(false))
                    shown.set_value();
            },
            [] { return std::size_t{80}; }, nullptr);
        reporter.item_started(load);
        shown.get_future().wait();
        reporter.item_ended(load, {});
    }
    CHECK_THAT(written, Catch::EndsWith("\r\x1b[K1/1 done    step load\n"));
}

TEST_CASE("blockers may be told from another thread") {
    const auto compiled = one_step();
    std::string written;
    {
        Reporter reporter(
            compiled, {}, [&](std::string_view text) { written += text; },
            [] { return std::size_t{80}; }, nullptr);
        reporter.item_started(load);
        run::Blocker blocker;
        blocker.pid = 4711;
        std::jthread other([&] { reporter.blocked(load, {blocker}); });
        reporter.message("meanwhile");
    }
    CHECK_THAT(written, Catch::Contains("pid 4711") && Catch::Contains("meanwhile"));
}

TEST_CASE("while a question stands on the terminal nothing else is written there") {
    const auto compiled = one_step();
    std::string written;
    {
        Reporter reporter(
            compiled, ReportOptions{.terminal = true},
            [&](std::string_view text) { written += text; }, [] { return std::size_t{80}; },
            nullptr);
        reporter.item_started(load);
        reporter.asking(load, {});
        const std::string before = written;  // the writer is done until the answer
        CHECK_THAT(before, Catch::EndsWith("1/1 asks    step load\n"));
        reporter.answered();
        reporter.item_ended(load, {});
    }
    CHECK_THAT(written, Catch::EndsWith("1/1 done    step load\n"));
}
