// Whatever others have made, changed or dropped since a step is found by its rollback, which overwrites and drops nothing:
// tests/cluster/undo/others_since.cases has a line for each kind of object and what may become of it.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <vector>

#include "tests/cluster/cases.hpp"
#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn;
using namespace cairn::cluster;

std::string in_one_line(const std::string& text) {
    std::string line;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\n';
        if (!blank || !line.ends_with(' ')) line += blank ? ' ' : c;
    }
    return line;
}

void try_case(const CaseLine& one) {
    INFO("line " << one.number << ": " << one.text);
    REQUIRE((one.parts.size() == 4 || one.parts.size() == 5));
    Database database;
    Folder folder;
    database.execute(one.parts[0]);
    folder.write("p.cairn", "plan others \"Others\"\ndatabase db\ndefaults { lock timeout 3s }\nstep it { $$ " + one.parts[1] + " $$ }\n");
    const Environment environment{{"CAIRN_DB", database.conninfo()}};
    const auto applied = run_cairn(folder, {"apply", "p.cairn", "--yes"}, environment);
    INFO(applied.out << applied.err);
    REQUIRE(applied.exit == 0);
    database.execute(one.parts[2]);
    const auto left = state_of(database);
    const auto back = run_cairn(folder, {"rollback"}, environment);
    INFO(back.out << back.err);
    CHECK(back.exit == 6);
    CHECK_THAT(back.err, Catch::Contains("error[C08"));
    CHECK_THAT(back.err, Catch::Contains(one.parts[3]));
    const std::string said = in_one_line(back.err);
    const std::string changed = "has been changed by somebody else since";
    if (said.find(changed) != std::string::npos) CHECK_THAT(said, Catch::Contains(changed + " ("));
    if (one.parts.size() == 5) CHECK_THAT(said, Catch::Contains(one.parts[4]));
    CHECK(catalog::compare(left, state_of(database)).lines == std::vector<std::string>{});
}

}  // namespace

// CAIRN_OTHERS_SINCE=text: only the lines that hold it.
TEST_CASE("undo: what others have done since is neither overwritten nor dropped", "[others_since]") {
    const char* only = std::getenv("CAIRN_OTHERS_SINCE");
    for (const auto& one : read_cases("undo/others_since.cases")) {
        if (only != nullptr && one.text.find(only) == std::string::npos) continue;
        DYNAMIC_SECTION(one.text) { try_case(one); }
    }
}

// Maintenance writes the catalogs' rows too; and an index or a constraint of others goes with the table, whose rows are looked at.
TEST_CASE("undo: maintenance since is nobody's change", "[others_since]") {
    struct Kept {
        const char *step, *since;
    };
    const auto one = GENERATE(values<Kept>({
        {"CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 1 CHECK (n > 0))", "VACUUM FULL t"},
        {"CREATE TABLE t (id int PRIMARY KEY, n int)", "REINDEX TABLE t"},
        {"CREATE TABLE t (id int PRIMARY KEY, n int)", "REINDEX TABLE CONCURRENTLY t"},
        {"CREATE TABLE t (id int PRIMARY KEY, n int); ALTER TABLE t ENABLE ROW LEVEL SECURITY", "VACUUM FULL t"},
        {"CREATE TABLE t (id int PRIMARY KEY, n int)", "ANALYZE t"},
        {"ALTER TABLE was ADD COLUMN n int DEFAULT 5", "VACUUM FULL was"},
        {"CREATE INDEX was_n ON was (id, (id + 1))", "REINDEX INDEX was_n"},
        {"CREATE INDEX CONCURRENTLY was_n ON was (id, (id + 1))", "VACUUM FULL was"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"},
        {"CREATE SEQUENCE s", "SELECT nextval('s')"},
    }));
    DYNAMIC_SECTION(one.step << " | " << one.since) {
        Database database;
        Folder folder;
        database.execute("CREATE TABLE was (id int PRIMARY KEY); INSERT INTO was VALUES (1)");
        const auto before = state_of(database);
        folder.write("p.cairn", std::string("plan others \"Others\"\ndatabase db\ndefaults { lock timeout 3s }\nstep it { $$ ") + one.step + " $$ }\n");
        const Environment environment{{"CAIRN_DB", database.conninfo()}};
        const auto applied = run_cairn(folder, {"apply", "p.cairn", "--yes"}, environment);
        INFO(applied.out << applied.err);
        REQUIRE(applied.exit == 0);
        database.execute(one.since);
        const auto back = run_cairn(folder, {"rollback"}, environment);
        INFO(back.out << back.err);
        CHECK(back.exit == 0);
        CHECK(catalog::compare(before, state_of(database)).lines == std::vector<std::string>{});
    }
}
