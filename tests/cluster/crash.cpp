// The runner killed between any two of its actions, and at random instants, then resumed: as if undisturbed.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <poll.h>

#include <csignal>
#include <cstdlib>
#include <random>
#include <sstream>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

bool full() {  // set by `tests/run --full`
    const char* word = std::getenv("CAIRN_FULL");
    return word != nullptr && std::string(word) == "1";
}

// Forty steps, every eighth a CREATE INDEX CONCURRENTLY; the others leave a row each that tells if they ran twice.
std::string forty_steps() {
    std::string plan = "plan forty \"Forty steps\"\ndatabase erp\n";
    for (int i = 1; i <= 40; ++i) {
        if (i % 8 == 0) {
            plan += fmt::format("step s{0} {{ $$ CREATE INDEX CONCURRENTLY i{0} ON big (v, k) $$ }}\n", i);
        } else if (i % 8 == 1) {
            plan += fmt::format("step s{0} {{ $$ CREATE TABLE t{0} (id int PRIMARY KEY); CREATE INDEX IF NOT EXISTS x{0} ON t{0} (id); $$ }}\n", i);
        } else {
            plan += fmt::format("step s{0} {{ $$ INSERT INTO trace (step) VALUES ('s{0}') $$ rollback $$ DELETE FROM trace WHERE step = 's{0}' $$ }}\n", i);
        }
    }
    return plan;
}

constexpr const char* before = "CREATE TABLE trace (step text NOT NULL); CREATE TABLE big (k int, v text); "
                               "INSERT INTO big SELECT i, md5(i::text) FROM generate_series(1, 3000) i";

struct Forty {
    Database database;
    Folder folder;
    Forty() {
        database.execute(before);
        folder.write("forty.cairn", forty_steps());
    }
    [[nodiscard]] std::vector<std::string> with_database(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--db", "erp=" + database.conninfo()});
        return arguments;
    }
    Ran run(const std::vector<std::string>& arguments, const Environment& environment = {}) {
        return run_cairn(folder, with_database(arguments), environment);
    }
    // OIDs of the indexes that are complete: building one again would give it another.
    std::string built() {
        return database.query("SELECT coalesce(string_agg(indexrelid::text, ' ' ORDER BY indexrelid), '') FROM pg_index i "
                              "JOIN pg_class c ON c.oid = indexrelid WHERE indisvalid AND relname ~ '^i[0-9]'");
    }
    // What a person would do after a crash: resume; if nothing had been journalled yet, apply.
    Ran go_on(const Environment& environment = {}) {
        Ran resumed = run({"resume"}, environment);
        if (resumed.err.find("C0612") != std::string::npos) return run({"apply", "forty.cairn"}, environment);
        return resumed;
    }
    void is_as(const cairn::catalog::State& wanted) {
        const auto difference = cairn::catalog::compare(wanted, state_of(database));
        CHECK(difference.lines == std::vector<std::string>{});
        CHECK(database.query("SELECT count(*), count(DISTINCT step) FROM trace") == "30|30");
        CHECK(database.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0");
    }
};

const cairn::catalog::State& undisturbed() {
    static const cairn::catalog::State state = [] {
        Forty forty;
        const Ran ran = forty.run({"apply", "forty.cairn"});
        INFO(ran.out << ran.err);
        REQUIRE(ran.exit == 0);
        return state_of(forty.database);
    }();
    return state;
}

// After the kill: everything that was built stays built, and resuming ends as if nothing had happened.
void survives(Forty& forty, const std::string& label) {
    INFO(label);
    const std::string built = forty.built();
    const Ran resumed = forty.go_on();
    INFO(resumed.out << resumed.err);
    REQUIRE((resumed.exit == 0 || resumed.exit == 1 || resumed.exit == 9));
    std::istringstream oids(built);
    const std::string now = " " + forty.built() + " ";
    for (std::string oid; oids >> oid;) CHECK(now.find(" " + oid + " ") != std::string::npos);
    forty.is_as(undisturbed());
}

}  // namespace

TEST_CASE("killed between any two actions of apply, then resumed") {
    Forty traced;
    REQUIRE(traced.run({"apply", "forty.cairn"}, {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}}).exit == 0);
    const int points = count_lines(traced.folder.read("trace"));
    REQUIRE(points > 50);
    for (int at = 1; at <= points; ++at) {
        Forty forty;
        const Ran killed = forty.run({"apply", "forty.cairn"}, {{"CAIRN_FAULT_AT", std::to_string(at)}});
        REQUIRE(killed.exit == 128 + SIGKILL);
        survives(forty, fmt::format("killed at fault point {} of {}", at, points));
    }
}

TEST_CASE("killed between any two actions of a rollback, then rolled back again") {
    Forty traced;
    const auto clean = state_of(traced.database);
    REQUIRE(traced.run({"apply", "forty.cairn"}).exit == 0);
    REQUIRE(traced.run({"rollback"}, {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}}).exit == 0);
    CHECK(cairn::catalog::compare(clean, state_of(traced.database)).lines == std::vector<std::string>{});
    const int points = count_lines(traced.folder.read("trace"));
    REQUIRE(points > 80);
    // Every third point here, each in its turn over the kinds of action: all of them are passed by --full.
    const int stride = full() ? 1 : 3;
    for (int at = 1; at <= points; at += stride) {
        Forty forty;
        REQUIRE(forty.run({"apply", "forty.cairn"}).exit == 0);
        REQUIRE(forty.run({"rollback"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit == 128 + SIGKILL);
        INFO("killed at fault point " << at << " of " << points);
        const Ran again = forty.run({"rollback"});
        INFO(again.out << again.err);
        CHECK((again.exit == 0 || again.exit == 1));  // 1: the kill came after the end was recorded
        CHECK(cairn::catalog::compare(clean, state_of(forty.database)).lines == std::vector<std::string>{});
    }
}

TEST_CASE("killed at random instants, again and again, then resumed") {
    const int kills = full() ? 200 : 20;
    std::random_device seed;
    const auto chosen = seed();
    std::mt19937 random(chosen);
    INFO("seed " << chosen);
    int interrupted = 0;
    for (int i = 0; i < kills; ++i) {
        Forty forty;
        for (const char* command : {"apply", "resume"}) {
            std::vector<std::string> arguments = {command};
            if (arguments[0] == "apply") arguments.emplace_back("forty.cairn");
            Cairn cairn(forty.folder, forty.with_database(arguments));
            poll(nullptr, 0, static_cast<int>(random() % 250));
            cairn.signal(SIGKILL);
            if (cairn.wait().exit == 128 + SIGKILL) ++interrupted;
        }
        survives(forty, fmt::format("random kill {}", i));
    }
    CHECK(interrupted > 0);
}
