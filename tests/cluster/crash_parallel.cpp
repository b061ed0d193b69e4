// A runner with several items under way, killed or cut off from the server, then resumed or rolled back: as if undisturbed.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <poll.h>

#include <csignal>
#include <cstdlib>
#include <random>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

bool full() {  // set by `tests/run --full`
    const char* word = std::getenv("CAIRN_FULL");
    return word != nullptr && std::string(word) == "1";
}

// Three chains of items side by side: rows that are kept, definitions that are watched, indexes outside of a transaction, batches.
constexpr const char* chain = R"(
  step rows_@ { $$ UPDATE @ SET v = v || '+' WHERE k % 3 = 0; INSERT INTO @ VALUES (9001, 'new') $$ }
  step column_@ after rows_@ {
    $$ ALTER TABLE @ ADD COLUMN w int; ALTER TABLE @ ALTER COLUMN v TYPE varchar(80) $$
    lock timeout 3s
  }
  step index_@ after column_@ { $$ CREATE INDEX CONCURRENTLY ix_@ ON @ (v) $$ }
  step fill_@ after index_@ {
    batch on @.k by 400
    $$ UPDATE @ SET w = k WHERE :batch $$
  }
  validate filled_@ after fill_@ { $$ SELECT 1 FROM @ WHERE w IS DISTINCT FROM k $$ returns nothing }
)";

std::string plan() {
    std::string out = "plan chains \"Side by side\"\ndatabase erp\nstep begun { $$ CREATE TABLE begun (id int) $$ }\nparallel {";
    for (const char table : {'a', 'b', 'c'}) {
        for (const char c : std::string_view(chain)) out += c == '@' ? table : c;
    }
    return out + "}\nstep ended { $$ DELETE FROM a WHERE k > 600 $$ }\n";
}

struct Chains {
    Database database;
    Folder folder;
    Chains() {
        for (const char* t : {"a", "b", "c"})
            database.execute(fmt::format("CREATE TABLE {0} (k int PRIMARY KEY, v text); INSERT INTO {0} SELECT i, md5(i::text) FROM generate_series(1, 1500) i", t));
        folder.write("chains.cairn", plan());
    }
    [[nodiscard]] std::vector<std::string> with_database(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--db", "erp=" + database.conninfo()});
        return arguments;
    }
    Ran run(const std::vector<std::string>& arguments, const Environment& environment = {}) {
        return run_cairn(folder, with_database(arguments), environment);
    }
    Ran go_on() {
        Ran resumed = run({"resume"});
        if (resumed.err.find("C0612") != std::string::npos) return run({"apply", "chains.cairn"});
        return resumed;
    }
};

std::vector<std::string> difference(const cairn::catalog::State& wanted, Chains& now) {
    return cairn::catalog::compare(wanted, state_of(now.database)).lines;
}

const cairn::catalog::State& applied() {
    static const cairn::catalog::State state = [] {
        Chains chains;
        const Ran ran = chains.run({"apply", "chains.cairn"});
        INFO(ran.out << ran.err);
        REQUIRE(ran.exit == 0);
        return state_of(chains.database);
    }();
    return state;
}
const cairn::catalog::State& before() {
    static const cairn::catalog::State state = [] {
        Chains chains;
        return state_of(chains.database);
    }();
    return state;
}

const std::vector<std::string> none;

// Resumed to the end, then rolled back: neither leaves a trace of the kill.
void survives(Chains& chains) {
    const Ran resumed = chains.go_on();
    INFO(resumed.out << resumed.err);
    REQUIRE((resumed.exit == 0 || resumed.exit == 1 || resumed.exit == 9));
    CHECK(difference(applied(), chains) == none);
    const Ran back = chains.run({"rollback"});
    INFO(back.out << back.err);
    CHECK(back.exit == 0);
    CHECK(difference(before(), chains) == none);
}

}  // namespace

TEST_CASE("side by side: killed between any two actions, then resumed and rolled back", "[parallel]") {
    Chains traced;
    const Ran ran = traced.run({"apply", "chains.cairn", "--jobs", "3"}, {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}});
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit == 0);
    CHECK(difference(applied(), traced) == none);
    const int points = count_lines(traced.folder.read("trace"));
    REQUIRE(points > 80);
    // Who passes which point is another one each time; all of them are tried by --full.
    const int stride = full() ? 1 : 11;
    for (int at = 1; at <= points; at += stride) {
        Chains chains;
        const Ran killed = chains.run({"apply", "chains.cairn", "--jobs", "3"}, {{"CAIRN_FAULT_AT", std::to_string(at)}});
        INFO("killed at fault point " << at << " of about " << points);
        REQUIRE((killed.exit == 128 + SIGKILL || at > points - 20));
        survives(chains);
    }
}

TEST_CASE("side by side: killed at random instants, then rolled back", "[parallel]") {
    const int kills = full() ? 100 : 6;
    std::random_device seed;
    const auto chosen = seed();
    std::mt19937 random(chosen);
    INFO("seed " << chosen);
    int killed = 0;
    for (int i = 0; i < kills; ++i) {
        Chains chains;
        Cairn cairn(chains.folder, chains.with_database({"apply", "chains.cairn", "--jobs", "3"}));
        poll(nullptr, 0, static_cast<int>(random() % 600));
        cairn.signal(SIGKILL);
        if (cairn.wait().exit == 128 + SIGKILL) ++killed;
        const Ran back = chains.run({"rollback"});
        INFO("random kill " << i << "\n" << back.out << back.err);
        CHECK((back.exit == 0 || back.err.find("C0612") != std::string::npos));
        CHECK(difference(before(), chains) == none);
    }
    CHECK(killed > 0);
}

TEST_CASE("side by side: a session that is ended is looked up and its item tried again, the others go on", "[parallel]") {
    Chains chains;
    std::random_device seed;
    std::mt19937 random(seed());
    Cairn cairn(chains.folder, chains.with_database({"apply", "chains.cairn", "--jobs", "3"}));
    await("the block to begin", [&] { return chains.database.query("SELECT to_regclass('begun') IS NOT NULL") == "t"; });
    int ended = 0;
    for (int i = 0; i < 12 && cairn.running(); ++i) {
        poll(nullptr, 0, static_cast<int>(20 + random() % 60));
        ended += std::stoi(chains.database.query("SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'cairn 2%' "
                                                 "AND state <> 'idle' AND datname = current_database() ORDER BY random() LIMIT 1) x"));
    }
    const Ran ran = cairn.wait();
    INFO(ran.out << ran.err);
    CHECK(ended > 0);
    if (ran.exit != 0) {
        const Ran resumed = chains.run({"resume"});
        INFO(resumed.out << resumed.err);
        REQUIRE(resumed.exit == 0);
    }
    CHECK(difference(applied(), chains) == none);
    const Ran back = chains.run({"rollback"});
    INFO(back.out << back.err);
    CHECK(back.exit == 0);
    CHECK(difference(before(), chains) == none);
}
