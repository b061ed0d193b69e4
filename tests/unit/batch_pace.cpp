// How many rows a range takes, by how long those before it took.
#include <catch2/catch.hpp>

#include "runtime/execute/batch/pace.hpp"

using cairn::execute::Pace;
using std::chrono::milliseconds;

TEST_CASE("a range that took too long halves the next, a quick one doubles it up to what the plan asks for") {
    Pace pace(10'000, milliseconds(1'000));
    CHECK(pace.size() == 10'000);
    pace.took(milliseconds(100));
    CHECK(pace.size() == 10'000);
    pace.took(milliseconds(1'001));
    CHECK(pace.size() == 5'000);
    pace.took(milliseconds(700));  // neither
    CHECK(pace.size() == 5'000);
    pace.took(milliseconds(499));
    CHECK(pace.size() == 10'000);
}

TEST_CASE("ranges never become smaller than a hundredth, nor empty") {
    Pace pace(1'000, milliseconds(1'000));
    for (int i = 0; i < 20; ++i) pace.refused();
    CHECK(pace.size() == 10);
    Pace tiny(1, milliseconds(1'000));
    tiny.took(milliseconds(5'000));
    CHECK(tiny.size() == 1);
}

TEST_CASE("a resumed batch goes on with the size it had come to, within what the plan asks for now") {
    Pace pace(1'000, milliseconds(1'000));
    pace.continue_with(250);
    CHECK(pace.size() == 250);
    pace.continue_with(0);  // an older journal
    CHECK(pace.size() == 10);
    pace.continue_with(1'000'000);
    CHECK(pace.size() == 1'000);
}
