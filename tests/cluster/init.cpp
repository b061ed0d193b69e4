// A new project works as `cairn init` leaves it.
#include <catch2/catch.hpp>

#include "tests/cluster/harness.hpp"

using namespace cairn::cluster;

TEST_CASE("init: the first plan compiles, is formatted and rehearses", "[init]") {
    const Folder folder;
    const auto made = run_cairn(folder, {"init", "new/project"});
    CHECK(made.exit == 0);
    CHECK_THAT(made.out, Catch::Contains("new/project/first.cairn\n"));
    CHECK(run_cairn(folder, {"check", "new/project/first.cairn"}).exit == 0);
    CHECK(run_cairn(folder, {"fmt", "--check", "new/project/first.cairn"}).exit == 0);
    const auto rehearsed = run_cairn(folder, {"rehearse", "new/project/first.cairn"});
    CHECK(rehearsed.exit == 0);
    CHECK_THAT(rehearsed.out, Catch::Contains("proved"));
}
