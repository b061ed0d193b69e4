// A standby server: read, and never written to.
#include <catch2/catch.hpp>

#include <fstream>

#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

}  // namespace

TEST_CASE("on a standby a plan is previewed and not applied: its primary is asked for") {
    auto server = own_server();
    const std::string erp = "erp=" + server.conninfo("postgres");
    Folder folder;
    folder.write("p.cairn", "plan made \"Made\"\ndatabase erp\nstep t { $$ CREATE TABLE t (a int) $$ }\n");
    folder.write("q.cairn", "plan more \"More\"\ndatabase erp\nstep u { $$ CREATE TABLE u (a int) $$ }\n");
    REQUIRE(run_cairn(folder, {"apply", "p.cairn", "--db", erp}).exit == 0);
    server.stop_immediate();
    std::ofstream(server.folder() + "/data/standby.signal").flush();
    REQUIRE(std::holds_alternative<std::monostate>(server.restart()));

    CHECK(run_cairn(folder, {"preview", "q.cairn", "--db", erp}).exit == 0);
    const auto refused = [&](const std::vector<std::string>& arguments) {
        const auto ran = run_cairn(folder, arguments);
        INFO(ran.out << ran.err);
        CHECK(ran.exit == 8);
        CHECK_THAT(ran.err, Catch::Contains("database `postgres` is a standby's, where nothing can be written"));
        CHECK_THAT(ran.err, Catch::Contains("target_session_attrs=read-write"));
    };
    refused({"apply", "q.cairn", "--db", erp});
    refused({"rollback", "--db", erp});
    CHECK(run_cairn(folder, {"status", "--db", erp}).exit == 0);
}
