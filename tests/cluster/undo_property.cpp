// Random schemas, random rows, random changes: applied and rolled back, everything is as before.
//
// What is tried follows from a number alone. `CAIRN_SEED=17 build/cluster_tests "[property]"` tries
// that one again, and leaves away statement after statement for as long as it fails in the same
// way. CAIRN_FULL=1 tries 2,000, CAIRN_SEEDS=100-200 those.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>

#include "tests/cluster/cases.hpp"
#include "tests/cluster/property/draft.hpp"
#include "tests/cluster/property/story.hpp"

namespace {

using namespace cairn::cluster;
using property::Draft;
using property::Finding;
using property::Story;

void invent_world(Story& story, Draft draft) {
    const std::size_t size = 15 + draft.random.below(60);
    for (std::size_t i = 0; i < size; ++i) {
        for (const auto& statement :
             draft.transaction(1, [](Draft& d) { return property::any_statement(d, true); }))
            story.world.push_back(statement);
    }
}

void invent_steps(Story& story, Draft draft) {
    const std::size_t wanted = 1 + draft.random.below(20);
    std::size_t made = 0;
    for (int tries = 0; made < wanted && tries < 200; ++tries) {
        const std::size_t together = draft.random.one_in(3) ? 2 + draft.random.below(3) : 1;
        auto step = draft.transaction(std::min(together, wanted - made),
                                      [](Draft& d) { return property::any_statement(d, false); });
        if (step.empty()) continue;
        made += step.size();
        story.steps.push_back(std::move(step));
    }
}

property::Looked tried(std::uint64_t seed, Story& story) {
    const Database world(property::server());
    invent_world(story, Draft(world.connect(), seed, 0));
    const property::Copy bare(world.name());
    invent_steps(story, Draft(property::connected(bare.name()), seed + 1'000'000'007, 1000));
    return look(story, world.name(), bare.name());
}

// Leaves away whatever can be left away while the same thing goes wrong.
Story shrunk(Story story, const std::string& what) {
    const auto still = [&](const Story& less) {
        const auto finding = look(less).finding;
        return finding && finding->what == what;
    };
    for (std::size_t i = story.steps.size(); i-- > 0;) {
        Story less = story;
        less.steps.erase(less.steps.begin() + static_cast<std::ptrdiff_t>(i));
        if (!less.steps.empty() && still(less)) story = less;
    }
    for (std::size_t i = story.steps.size(); i-- > 0;) {
        for (std::size_t j = story.steps[i].size(); j-- > 0 && story.steps[i].size() > 1;) {
            Story less = story;
            less.steps[i].erase(less.steps[i].begin() + static_cast<std::ptrdiff_t>(j));
            if (still(less)) story = less;
        }
    }
    for (std::size_t chunk = std::max<std::size_t>(1, story.world.size() / 2); chunk > 0;
         chunk /= 2) {
        for (std::size_t i = 0; i < story.world.size();) {
            Story less = story;
            const auto first = less.world.begin() + static_cast<std::ptrdiff_t>(i);
            less.world.erase(first, first + static_cast<std::ptrdiff_t>(
                                                std::min(chunk, story.world.size() - i)));
            if (still(less)) {
                story = less;
            } else {
                i += chunk;
            }
        }
    }
    return story;
}

std::uint64_t number_of(const char* text) {
    return std::strtoull(text, nullptr, 10);
}

}  // namespace

TEST_CASE("whatever has been done to a database, the rollback leads back to where it was",
          "[property]") {
    std::uint64_t from = 1, to = 50;
    const char* one = std::getenv("CAIRN_SEED");
    const char* some = std::getenv("CAIRN_SEEDS");
    const char* full = std::getenv("CAIRN_FULL");
    if (full != nullptr && std::string(full) == "1") to = 2000;
    if (some != nullptr) {
        from = number_of(some);
        to = number_of(std::string(some).substr(std::string(some).find('-') + 1).c_str());
    }
    if (one != nullptr) from = to = number_of(one);
    std::size_t statements = 0;
    std::map<std::string, std::vector<std::uint64_t>> refused;
    for (std::uint64_t seed = from; seed <= to; ++seed) {
        Story story;
        auto [finding, refusal] = tried(seed, story);
        for (const auto& step : story.steps) statements += step.size();
        if (!refusal.empty()) refused[refusal].push_back(seed);
        if (finding && one != nullptr) {
            story = shrunk(std::move(story), finding->what);
            if (auto again = look(story).finding) finding = std::move(again);
        }
        if (!finding) continue;
        // Not through Catch: it breaks lines, and this is meant to be copied.
        std::cout << fmt::format("CAIRN_SEED={}: {}\n{}\n{}\n", seed, finding->what,
                                 finding->detail, text_of(story));
        FAIL_CHECK("CAIRN_SEED=" << seed << ": " << finding->what);
    }
    std::size_t refusals = 0;
    for (const auto& [why, seeds] : refused) {
        refusals += seeds.size();
        std::cout << fmt::format("property: refused by {}: {}\n", fmt::join(seeds, " "), why);
    }
    std::cout << fmt::format("property: sequences {} to {}, {} statements, {} refused\n", from, to,
                             statements, refusals);
}

// A line is its own name: the database to begin with and each step, divided by ` | `.
TEST_CASE("what the property test has found stays mended", "[property_findings]") {
    const auto cases = read_cases("property/findings.cases");
    REQUIRE_FALSE(cases.empty());
    const char* only = std::getenv("CAIRN_CASE");
    for (const auto& [number, line, parts] : cases) {
        if (only != nullptr && line.find(only) == std::string::npos) continue;
        Story story;
        story.world.push_back(parts.front());
        for (std::size_t i = 1; i < parts.size(); ++i) story.steps.push_back({parts[i]});
        const auto [finding, refusal] = look(story);
        if (!refusal.empty()) FAIL_CHECK(number << ": " << line << "\nrefused: " << refusal);
        if (finding)
            FAIL_CHECK(number << ": " << line << "\n" << finding->what << "\n" << finding->detail);
    }
}
