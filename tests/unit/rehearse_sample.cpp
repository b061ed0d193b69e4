// Which of the runner's actions a rehearsal kills it at.
#include <catch2/catch.hpp>

#include <set>

#include "runtime/rehearse/crash.hpp"

using cairn::rehearse::sample;

TEST_CASE("all points are tried where none are said, or not so many are there") {
    CHECK(sample(3, {}, 1) == std::vector<std::size_t>{1, 2, 3});
    CHECK(sample(3, 10, 1) == std::vector<std::size_t>{1, 2, 3});
    CHECK(sample(0, {}, 1).empty());
    CHECK(sample(0, 5, 1).empty());
}

TEST_CASE("a sample is spread evenly, repeats itself, and differs by its seed") {
    std::set<std::vector<std::size_t>> different;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto points = sample(100, 10, seed);
        CHECK(points == sample(100, 10, seed));
        different.insert(points);
        REQUIRE(points.size() == 10);
        for (std::size_t at = 0; at < points.size(); ++at) {
            CHECK(points[at] > at * 10);
            CHECK(points[at] <= (at + 1) * 10);
        }
    }
    CHECK(different.size() > 10);
}
