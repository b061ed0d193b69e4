// How a plan's change since its run is shown.
#include <catch2/catch.hpp>

#include <algorithm>

#include "runtime/cli/difference.hpp"

using cairn::cli::difference;

TEST_CASE("equal texts have no difference") {
    CHECK(difference("a\nb\n", "a\nb\n", "x", "y").empty());
}

TEST_CASE("a changed line is shown with three lines around it") {
    CHECK(
        difference("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", "old", "new") ==
        "--- old\n+++ new\n@@ -2 +2 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("distant changes have a head each, with the lines of both sides") {
    std::string before, after = "new\n";
    for (int i = 1; i <= 20; ++i) {
        before += std::to_string(i) + "\n";
        if (i != 15) after += std::to_string(i) + "\n";
    }
    const std::string out = difference(before, after, "a", "b");
    CHECK(out.find("@@ -1 +1 @@\n+new\n 1\n") != std::string::npos);
    CHECK(out.find("@@ -12 +13 @@\n 12\n 13\n 14\n-15\n 16\n") != std::string::npos);
}

TEST_CASE("a missing newline at the end is a difference too") {
    CHECK(difference("a\n", "a", "x", "y") == "--- x\n+++ y\n(only in the newline at the end)\n");
}

TEST_CASE("a long difference is cut and says by how much") {
    std::string after;
    for (int i = 0; i < 100'000; ++i) after += "line\n";
    const std::string out = difference("other\n", after, "x", "y", 10);
    CHECK(std::count(out.begin(), out.end(), '\n') == 2 + 1 + 10 + 1);
    CHECK(out.ends_with("… and 99991 more lines\n"));
}
