// Limits that a golden case would be too large for.
#include <catch2/catch.hpp>

#include "grammar/parse.hpp"

using cairn::grammar::parse;

TEST_CASE("after many errors the rest of a file is not read, and the last error says so") {
    std::string text = "plan p\n";
    for (int i = 0; i < 5000; ++i) text += "steep a\n";
    const auto parsed = parse(text);
    REQUIRE_FALSE(parsed.errors.empty());
    CHECK(parsed.errors.back().code == 123);
    CHECK(parsed.errors.size() < 2000);
}

TEST_CASE("a file of more than 64 MB is refused, not read") {
    const auto parsed = parse(std::string(cairn::grammar::max_file_size + 1, ' '));
    REQUIRE(parsed.errors.size() == 1);
    CHECK(parsed.errors.front().code == 119);
}
