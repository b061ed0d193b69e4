// README.md's first plan as a newcomer does it: what it has one save is saved, what it has one type is typed, in its order.
#include <catch2/catch.hpp>

#include <sstream>

#include "tests/cluster/harness.hpp"

using namespace cairn::cluster;

namespace {

// The lines of a page's fences in one language, from `heading` to the next one of its level; indented fences too.
std::vector<std::string> fences(const std::string& page, const std::string& language, const std::string& heading) {
    std::istringstream in(read_file(std::string(CAIRN_SOURCE_DIR) + "/" + page));
    std::vector<std::string> out;
    bool here = heading.empty(), inside = false;
    std::size_t indent = 0;
    for (std::string line; std::getline(in, line);) {
        if (!inside && line.starts_with("## ")) here = heading.empty() || line == "## " + heading;
        const std::size_t at = line.find("```");
        if (inside && at != std::string::npos) {
            inside = false;
        } else if (inside) {
            out.back() += line.substr(std::min(indent, line.size())) + "\n";
        } else if (here && at != std::string::npos && line.substr(at) == "```" + language) {
            inside = true;
            indent = at;
            out.emplace_back();
        }
    }
    return out;
}

std::vector<std::string> arguments_of(const std::string& line, const std::string& conninfo) {
    const std::string program = "$ build/cairn ", address = "postgresql://me@localhost/shop";
    REQUIRE(line.starts_with(program));
    std::istringstream words(line.substr(program.size()));
    std::vector<std::string> out;
    for (std::string word; words >> word; out.push_back(word)) {
        if (const auto at = word.find(address); at != std::string::npos) word.replace(at, address.size(), conninfo);
    }
    return out;
}

}  // namespace

TEST_CASE("README.md: the first plan in five minutes, as it is written there", "[readme]") {
    const Folder folder;
    Database shop;
    const std::string plan = fences("README.md", "cairn", "").front();
    const std::string fixture = fences("README.md", "sql", "Your first plan in five minutes").front();
    folder.write("first.cairn", plan);
    folder.write("first.cairn.sql", fixture);
    shop.execute(fixture);
    const auto before = state_of(shop);
    int typed = 0;
    for (const auto& block : fences("README.md", "console", "Your first plan in five minutes")) {
        std::istringstream lines(block);
        for (std::string line; std::getline(lines, line); ++typed) {
            const auto ran = run_cairn(folder, arguments_of(line, shop.conninfo()));
            INFO(line << "\n" << ran.out << ran.err);
            CHECK(ran.exit == 0);
            const bool stands = shop.query("SELECT count(*) FROM pg_attribute WHERE attrelid = 'customers'::regclass AND attname = 'phone'") == "1";
            CHECK(stands == (line.find(" apply ") != std::string::npos || line.find(" status ") != std::string::npos));
        }
    }
    CHECK(typed == 7);
    CHECK(cairn::catalog::compare(before, state_of(shop)).lines == std::vector<std::string>{});
}

TEST_CASE("runtime/README.md: its cairn.toml is one", "[readme]") {
    const Folder folder;
    folder.write("first.cairn", fences("README.md", "cairn", "").front());
    const auto pages = fences("runtime/README.md", "toml", "");
    CHECK(!pages.empty());
    for (const auto& page : pages) {
        folder.write("cairn.toml", page);
        const auto ran = run_cairn(folder, {"check", "first.cairn"});
        INFO(page << ran.out << ran.err);
        CHECK(ran.exit == 0);
        CHECK_THAT(ran.out + ran.err, !Catch::Contains("C06"));
    }
}
