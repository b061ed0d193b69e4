// Roles without rights, journals of the future, publications: the run does not begin, and the message can be acted on.
#include <catch2/catch.hpp>

#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

struct Small {
    Database database;
    Folder folder;
    Small() { folder.write("small.cairn", "plan small \"Small\"\ndatabase erp\nstep make { $$ CREATE TABLE made (id int PRIMARY KEY) $$ }\n"); }
    ~Small() { database.execute("DROP OWNED BY small_role; DROP ROLE small_role"); }
    void role() { database.execute("CREATE ROLE small_role LOGIN; GRANT CREATE ON SCHEMA public TO small_role"); }
    Ran as(const std::string& user, const std::vector<std::string>& more = {}) {
        std::string address = database.conninfo();
        address.replace(address.find("user=postgres"), 13, "user=" + user);
        std::vector<std::string> arguments = {"apply", "small.cairn", "--db", "erp=" + address};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_cairn(folder, arguments);
    }
};

}  // namespace

TEST_CASE("no right to create the journal: the message is the GRANT, and it helps") {
    Small small;
    small.role();
    const Ran refused = small.as("small_role");
    INFO(refused.err);
    CHECK(refused.exit == 8);
    const std::string grant = "GRANT CREATE ON DATABASE " + small.database.name() + " TO small_role;";
    CHECK_THAT(refused.err, Catch::Contains("C0702") && Catch::Contains(grant));
    small.database.execute(grant);
    const Ran ran = small.as("small_role");
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
}

TEST_CASE("no rights on a journal that another role made: the GRANTs as they can be typed") {
    Small small;
    small.role();
    REQUIRE(small.as("postgres", {"--until", "nowhere"}).exit == 2);
    REQUIRE(small.as("postgres").exit == 0);
    const Ran refused = small.as("small_role");
    INFO(refused.err);
    CHECK(refused.exit == 8);
    const auto start = refused.err.find("GRANT USAGE ON SCHEMA cairn");
    REQUIRE(start != std::string::npos);
    small.database.execute(refused.err.substr(start, refused.err.find('\n', start) - start));
    CHECK(small.as("small_role").exit == 9);
}

TEST_CASE("a journal written by a newer cairn is refused") {
    Small small;
    small.role();
    REQUIRE(small.as("postgres").exit == 0);
    small.database.execute("UPDATE cairn.meta SET value = '99' WHERE key = 'version'");
    const Ran refused = small.as("postgres");
    INFO(refused.err);
    CHECK(refused.exit == 8);
    CHECK_THAT(refused.err, Catch::Contains("C0703") && Catch::Contains("99"));
}

TEST_CASE("a publication for all tables would carry the journal: only after an explicit yes") {
    Small small;
    small.role();
    small.database.execute("SET client_min_messages = error; CREATE PUBLICATION everything FOR ALL TABLES");
    const Ran refused = small.as("postgres");
    INFO(refused.err);
    CHECK(refused.exit == 8);
    CHECK_THAT(refused.err, Catch::Contains("C0718") && Catch::Contains("everything"));
    CHECK(small.as("postgres", {"--yes"}).exit == 0);
}

TEST_CASE("a server that is gone, a wrong database, a wrong password: said as what they are") {
    Small small;
    small.role();
    const Ran gone = run_cairn(small.folder, {"apply", "small.cairn", "--db", "erp=host=/nowhere dbname=x"});
    CHECK(gone.exit == 8);
    CHECK_THAT(gone.err, Catch::Contains("C0701") && Catch::Contains("/nowhere"));
    std::string other = small.database.conninfo();
    other.replace(other.find(small.database.name()), small.database.name().size(), "no_such_database");
    const Ran missing = run_cairn(small.folder, {"apply", "small.cairn", "--db", "erp=" + other});
    CHECK(missing.exit == 8);
    CHECK_THAT(missing.err, Catch::Contains("no_such_database"));
}
