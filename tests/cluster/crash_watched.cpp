// The runner killed between any two actions of steps whose way back is made from what they change: applied to the same end
// all the same, and rolled back to the same beginning.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;
using cairn::catalog::State;

constexpr const char* fixture =
    "CREATE TABLE customers (id int PRIMARY KEY, name text, spent numeric(12,2) NOT NULL);"
    "CREATE TABLE orders (id bigserial PRIMARY KEY, customer int NOT NULL REFERENCES customers ON DELETE CASCADE, note text);"
    "CREATE TABLE log (line text);"
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
    "CREATE VIEW rich AS SELECT id, name FROM customers;"
    "INSERT INTO customers SELECT i, 'c' || i, i * 1.10 FROM generate_series(1, 200) i;"
    "INSERT INTO orders (customer, note) SELECT i % 200 + 1, 'n' || i FROM generate_series(1, 600) i;"
    "INSERT INTO log SELECT 'line ' || i % 7 FROM generate_series(1, 50) i";

constexpr const char* plan = R"(plan watched "Watched"
database erp
defaults { lock timeout 5s }
step make { $$ CREATE TABLE made (id int PRIMARY KEY) $$ }
step raise { $$ UPDATE customers SET spent = spent + 1; INSERT INTO made SELECT id FROM customers $$ }
step forget { $$ DELETE FROM customers WHERE id % 3 = 0 $$ }
step replace { $$ CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2' $$ }
step code { $$ DO $do$ BEGIN EXECUTE 'DROP VIEW rich'; DELETE FROM log WHERE line = 'line 3'; END $do$ $$ }
transaction {
  step retype { $$ ALTER TABLE customers ALTER spent TYPE int USING spent::int $$ }
  step drop_note { $$ ALTER TABLE orders DROP COLUMN note; UPDATE customers SET name = 'x' $$ }
}
step drop_all { $$ DROP TABLE made, log $$ }
)";

// Every seventh point here, each in its turn over the kinds of action: all of them are passed by --full.
int stride() {
    const char* word = std::getenv("CAIRN_FULL");
    return word != nullptr && std::string(word) == "1" ? 1 : 7;
}

struct Watched {
    Database database;
    Folder folder;
    Watched() {
        database.execute(fixture);
        folder.write("watched.cairn", plan);
    }
    Ran run(std::vector<std::string> arguments, const Environment& environment = {}) {
        arguments.insert(arguments.end(), {"--db", "erp=" + database.conninfo()});
        return run_cairn(folder, arguments, environment);
    }
    int points(const std::vector<std::string>& arguments) {
        const Ran ran = run(arguments, {{"CAIRN_FAULT_TRACE", folder.path() + "/trace"}});
        INFO(ran.out << ran.err);
        REQUIRE(ran.exit == 0);
        const auto text = folder.read("trace");
        return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    }
};

// But for the order of columns that were made again.
void same(const State& wanted, const State& now) {
    const auto difference = cairn::catalog::compare(wanted, now);
    if (difference.likeness == cairn::catalog::Likeness::differs) CHECK(difference.lines == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("steps that are watched: killed between any two actions of apply, then resumed, then rolled back") {
    Watched traced;
    const State before = state_of(traced.database);
    const int points = traced.points({"apply", "watched.cairn"});
    const State after = state_of(traced.database);
    REQUIRE(points > 20);
    for (int at = 1; at <= points; at += stride()) {
        Watched watched;
        REQUIRE(watched.run({"apply", "watched.cairn"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit == 128 + SIGKILL);
        Ran resumed = watched.run({"resume"});
        if (resumed.err.find("C0612") != std::string::npos) resumed = watched.run({"apply", "watched.cairn"});
        INFO("killed at " << at << " of " << points << "\n" << resumed.out << resumed.err);
        CHECK((resumed.exit == 0 || resumed.exit == 1 || resumed.exit == 9));  // 1 and 9: it had finished
        same(after, state_of(watched.database));
        const Ran back = watched.run({"rollback"});
        INFO(back.out << back.err);
        CHECK(back.exit == 0);
        same(before, state_of(watched.database));
    }
}

TEST_CASE("steps that are watched: killed between any two actions of the rollback, then rolled back again") {
    Watched traced;
    const State before = state_of(traced.database);
    REQUIRE(traced.run({"apply", "watched.cairn"}).exit == 0);
    const int points = traced.points({"rollback"});
    same(before, state_of(traced.database));
    for (int at = 1; at <= points; at += stride()) {
        Watched watched;
        REQUIRE(watched.run({"apply", "watched.cairn"}).exit == 0);
        REQUIRE(watched.run({"rollback"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit == 128 + SIGKILL);
        const Ran again = watched.run({"rollback"});
        INFO("killed at " << at << " of " << points << "\n" << again.out << again.err);
        CHECK((again.exit == 0 || again.exit == 1));  // 1: the kill came after the end was recorded
        same(before, state_of(watched.database));
    }
}
