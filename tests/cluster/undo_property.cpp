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
#include <optional>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"
#include "tests/cluster/property/draft.hpp"

namespace {

using namespace cairn;
using namespace cairn::cluster;
using property::Draft;

using Statements = std::vector<std::string>;

// A database to begin with, and what is to be done to it: a step for each.
struct Story {
    Statements world;
    std::vector<Statements> steps;
};

scratch::Server& property_server() {
    static scratch::Server server = [] {
        auto own = own_server();
        auto session =
            std::get<postgres::Session>(postgres::Session::connect(own.conninfo(), "test"));
        (void)session.script("CREATE ROLE property_reader; CREATE ROLE \"Property Owner\"");
        return own;
    }();
    return server;
}

postgres::Session connected(const std::string& database) {
    return std::get<postgres::Session>(
        postgres::Session::connect(property_server().conninfo(database), "test"));
}

// A copy of another database of the same server; nobody may be connected to that.
class Copy {
public:
    explicit Copy(const std::string& of) {
        static int number = 0;
        name_ = "copy_" + std::to_string(++number);
        const auto answer =
            connected("postgres").query("CREATE DATABASE " + name_ + " TEMPLATE " + of);
        if (!answer.ok()) FAIL(answer.error.message);
    }
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    ~Copy() { (void)connected("postgres").query("DROP DATABASE " + name_ + " WITH (FORCE)"); }

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    std::string name_;
};

// What a materialized view holds is computed again where the view was made again: that is left out.
catalog::State state_of(const std::string& database) {
    auto session = connected(database);
    auto state = catalog::read_state(session);
    if (const auto* why = std::get_if<compiler::Diagnostic>(&state)) FAIL(why->message);
    auto& found = std::get<catalog::State>(state);
    const auto views = session.query(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid "
        "= "
        "c.relnamespace WHERE c.relkind = 'm'");
    for (const auto& row : views.rows) found.contents.erase(row[0].value_or(""));
    return std::move(found);
}

std::string plan_of(const Story& story) {
    std::string plan = "plan p \"a property\"\ndatabase erp\ndefaults { lock timeout 3s }\n";
    int number = 0;
    for (const Statements& step : story.steps) {
        plan += fmt::format("step s{} {{\n  $cairn$\n", ++number);
        for (const std::string& statement : step) plan += "    " + statement + ";\n";
        plan += "  $cairn$\n}\n";
    }
    return plan;
}

// What went wrong: in one word, and in all of them.
struct Finding {
    std::string what, detail;
};

std::string lines(const catalog::Difference& difference) {
    std::string text;
    for (const auto& line : difference.lines) text += "  " + line + "\n";
    return text;
}

// The statements bare: whether all are taken, one transaction a step.
bool taken(const Story& story, const std::string& database) {
    auto session = connected(database);
    for (const Statements& step : story.steps) {
        (void)session.query("BEGIN");
        for (const std::string& statement : step)
            if (!session.script(statement).ok()) return false;
        const auto end = session.query("COMMIT");
        if (!end.ok() || end.tag != "COMMIT") return false;
    }
    return true;
}

// How many rows each table holds: sequences run on in a step that is run twice, and what follows
// from them differs.
std::map<std::string, std::string> sizes(const catalog::State& state) {
    std::map<std::string, std::string> all;
    for (const auto& [name, content] : state.contents)
        if (content.find(" rows") != std::string::npos)
            all[name] = content.substr(0, content.find(' '));
    return all;
}

// What was applied is what the bare statements have made.
std::optional<Finding> applied_as_bare(catalog::State expected, catalog::State reached) {
    const auto sizes_expected = sizes(expected), sizes_reached = sizes(reached);
    for (const auto& [name, size] : sizes_expected) {
        const auto found = sizes_reached.find(name);
        if (found != sizes_reached.end() && found->second != size)
            return Finding{"applied", fmt::format("{} holds {} rows, and bare {}\n", name,
                                                  found->second, size)};
    }
    expected.contents.clear();
    reached.contents.clear();
    const auto other = catalog::compare(expected, reached);
    if (other.likeness == catalog::Likeness::exact) return std::nullopt;
    return Finding{"applied", "applied is not what the bare statements give:\n" + lines(other)};
}

// What has no way back, and rows and columns changed at once by code that can't be looked into.
constexpr const char* refusals[] = {"C0841", "C0861"};

// Applies the story to `world` and rolls it back; `bare` is a copy of it to which the statements
// were given bare.
std::optional<Finding> look(const Story& story, const std::string& world, const std::string& bare) {
    const auto before = state_of(world);
    const Folder folder;
    folder.write("p.cairn", plan_of(story));
    const Environment where = {{"CAIRN_ERP", property_server().conninfo(world)}};

    const auto applied = run_cairn(folder, {"apply", "p.cairn", "-q"}, where);
    // Refused before it is done, with the reason: what came before is rolled back all the same.
    const bool refused =
        applied.exit == 4 &&
        std::any_of(std::begin(refusals), std::end(refusals),
                    [&](const char* code) { return applied.err.find(code) != std::string::npos; });
    if (applied.exit != 0 && !refused)
        return Finding{"apply",
                       fmt::format("apply: exit {}\n{}{}", applied.exit, applied.out, applied.err)};
    if (!refused) {
        if (auto finding = applied_as_bare(state_of(bare), state_of(world))) return finding;
    }

    const auto back = run_cairn(folder, {"rollback", "-q"}, where);
    if (back.exit != 0)
        return Finding{"rollback",
                       fmt::format("rollback: exit {}\n{}{}", back.exit, back.out, back.err)};
    const auto difference = catalog::compare(before, state_of(world));
    if (difference.likeness == catalog::Likeness::differs)
        return Finding{"difference", "after the rollback:\n" + lines(difference)};
    return std::nullopt;
}

// The same, from nothing.
std::optional<Finding> look(const Story& story) {
    const Database world(property_server());
    {
        auto session = world.connect();
        for (const std::string& statement : story.world) (void)session.script(statement);
    }
    const Copy bare(world.name());
    if (!taken(story, bare.name()))
        return Finding{"bare", "PostgreSQL refuses the statements themselves"};
    return look(story, world.name(), bare.name());
}

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

std::optional<Finding> tried(std::uint64_t seed, Story& story) {
    const Database world(property_server());
    invent_world(story, Draft(world.connect(), seed, 0));
    const Copy bare(world.name());
    invent_steps(story, Draft(connected(bare.name()), seed + 1'000'000'007, 1000));
    return look(story, world.name(), bare.name());
}

// Leaves away whatever can be left away while the same thing goes wrong.
Story shrunk(Story story, const std::string& what) {
    const auto still = [&](const Story& less) {
        const auto finding = look(less);
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

std::string text_of(const Story& story) {
    std::string text;
    for (const auto& statement : story.world) text += statement + ";\n";
    return text + "--- and the plan\n" + plan_of(story);
}

std::uint64_t number_of(const char* text) {
    return std::strtoull(text, nullptr, 10);
}

}  // namespace

TEST_CASE("whatever has been done to a database, the rollback leads back to where it was",
          "[.][property]") {
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
    for (std::uint64_t seed = from; seed <= to; ++seed) {
        Story story;
        auto finding = tried(seed, story);
        for (const auto& step : story.steps) statements += step.size();
        if (finding && one != nullptr) {
            story = shrunk(std::move(story), finding->what);
            if (auto again = look(story)) finding = std::move(again);
        }
        if (!finding) continue;
        // Not through Catch: it breaks lines, and this is meant to be copied.
        std::cout << fmt::format("CAIRN_SEED={}: {}\n{}\n{}\n", seed, finding->what,
                                 finding->detail, text_of(story));
        FAIL_CHECK("CAIRN_SEED=" << seed << ": " << finding->what);
    }
    std::cout << fmt::format("property: sequences {} to {}, {} statements\n", from, to, statements);
}
