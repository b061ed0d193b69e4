// DROP INDEX CONCURRENTLY with its generated way back, killed between any two actions of both.
#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

constexpr const char* before =
    "CREATE SCHEMA app; CREATE TABLE app.t (id int, v text); INSERT INTO app.t SELECT i, 'v' || i "
    "FROM generate_series(1, 50) i; "
    "CREATE UNIQUE INDEX one ON app.t (id); ALTER TABLE app.t CLUSTER ON one; COMMENT ON INDEX "
    "app.one IS 'it''s'; "
    "CREATE INDEX two ON app.t (lower(v)) WHERE id > 5; ALTER INDEX app.two ALTER COLUMN 1 SET "
    "STATISTICS 7";
constexpr const char* plan =
    "plan drops \"Drops\"\ndatabase erp\n"
    "step gone { $$ SET search_path = app; DROP INDEX CONCURRENTLY one; DROP INDEX CONCURRENTLY "
    "two $$ }\n";

struct Dropping {
    Database database;
    Folder folder;
    Dropping() {
        database.execute(before);
        folder.write("plan.cairn", plan);
    }
    Ran run(std::vector<std::string> arguments, const Environment& environment = {}) {
        arguments.insert(arguments.end(), {"--db", "erp=" + database.conninfo()});
        return run_cairn(folder, arguments, environment);
    }
    // Rolls back, again if need be; whether all is as it was.
    void goes_back() {
        Ran ran = run({"rollback"});
        INFO(ran.out << ran.err);
        CHECK((ran.exit == 0 || ran.err.find("C0612") != std::string::npos ||
               ran.err.find("C0723") != std::string::npos));
        CHECK(cairn::catalog::compare(clean(), state()).lines == std::vector<std::string>{});
        CHECK(database.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0");
    }
    [[nodiscard]] cairn::catalog::State state() {
        auto session = database.connect();
        auto read = cairn::catalog::read_state(session);
        REQUIRE(std::holds_alternative<cairn::catalog::State>(read));
        return std::get<cairn::catalog::State>(read);
    }
    static const cairn::catalog::State& clean() {
        static const cairn::catalog::State state = Dropping().state();
        return state;
    }
};

int points(Dropping& dropping, const std::vector<std::string>& arguments) {
    REQUIRE(
        dropping.run(arguments, {{"CAIRN_FAULT_TRACE", dropping.folder.path() + "/trace"}}).exit ==
        0);
    const std::string trace = dropping.folder.read("trace");
    return static_cast<int>(std::count(trace.begin(), trace.end(), '\n'));
}

}  // namespace

TEST_CASE("dropped indexes come back, wherever apply or rollback is killed") {
    Dropping traced;
    const int forth = points(traced, {"apply", "plan.cairn"});
    REQUIRE(forth > 5);
    REQUIRE(traced.database.query("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = "
                                  "indrelid WHERE relname = 't'") == "0");
    std::filesystem::remove(traced.folder.path() + "/trace");
    const int back = points(traced, {"rollback"});
    REQUIRE(back > 3);
    for (int at = 1; at <= forth; ++at) {
        INFO("apply killed at fault point " << at << " of " << forth);
        Dropping dropping;
        REQUIRE(
            dropping.run({"apply", "plan.cairn"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit ==
            128 + SIGKILL);
        dropping.goes_back();
    }
    for (int at = 1; at <= back; ++at) {
        INFO("rollback killed at fault point " << at << " of " << back);
        Dropping dropping;
        REQUIRE(dropping.run({"apply", "plan.cairn"}).exit == 0);
        REQUIRE(dropping.run({"rollback"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit ==
                128 + SIGKILL);
        dropping.goes_back();
    }
}
