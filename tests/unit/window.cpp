// How a unit stands to its window: scripted times, no clock.
#include <catch2/catch.hpp>

#include "runtime/schedule/window.hpp"

namespace {

using namespace cairn;
using namespace std::chrono_literals;
using compiler::ItemId;
using journal::ItemState;
using schedule::Moment;
using Verdict = schedule::Prospect::Verdict;

constexpr Moment opens{std::chrono::hours(1000)};

compiler::Item item(const std::string& name, decltype(compiler::Item::body) body, compiler::Undo::Kind undo = compiler::Undo::Kind::nothing) {
    compiler::Item made;
    made.name = name;
    made.body = std::move(body);
    made.undo.kind = undo;
    return made;
}

// validate v; step a; checkpoint c; step b; in a window of an hour
compiler::StepGraph graph() {
    compiler::StepGraph made;
    const auto from = std::chrono::floor<std::chrono::seconds>(opens);
    made.window = compiler::Window{.from = from, .to = from + 1h, .where = {}};
    made.items.push_back(item("v", compiler::ValidateItem{}));
    made.items.push_back(item("a", compiler::StepItem{}, compiler::Undo::Kind::generated));
    made.items.push_back(item("c", compiler::CheckpointItem{}));
    made.items.push_back(item("b", compiler::StepItem{}, compiler::Undo::Kind::generated));
    return made;
}

const std::map<std::string, schedule::ItemTimes> times{{"v", {1min, {}}}, {"a", {10min, 5min}}, {"b", {20min, 15min}}};

schedule::Prospect at(const compiler::StepGraph& g, std::uint32_t index, Moment now, const std::map<std::string, schedule::ItemTimes>& known = times) {
    std::vector<ItemState> states(g.items.size(), ItemState::pending);
    for (std::uint32_t i = 0; i < index; ++i) states[i] = ItemState::done;
    return schedule::prospect(g, states, {{ItemId{index}}}, now, known, {{ItemId{1}, 30min}});
}

}  // namespace

TEST_CASE("window: only what changes a database waits for the start") {
    const auto g = graph();
    CHECK(at(g, 0, opens - 1min).verdict == Verdict::free);
    CHECK(at(g, 1, opens - 1ms).verdict == Verdict::early);
    CHECK(at(g, 1, opens).verdict == Verdict::go);
    auto none = graph();
    none.window.reset();
    CHECK(at(none, 1, opens + 100h).verdict == Verdict::free);
}

TEST_CASE("window: what remains, and the last safe moment to turn back") {
    const auto g = graph();
    const auto a = at(g, 1, opens);
    CHECK(a.remaining == 30min);
    CHECK(a.all_known);
    CHECK(a.turn_back_by == opens + 55min);
    const auto b = at(g, 3, opens);
    CHECK(b.remaining == 20min);
    CHECK(b.turn_back_by == opens + 40min);  // its own rollback and that of `a`
    const auto unknown = at(g, 3, opens, {});
    CHECK_FALSE(unknown.all_known);
    CHECK(unknown.turn_back_by == opens + 30min);  // `a` has taken half an hour
}

TEST_CASE("window: late is not too late; too late is before the end") {
    const auto g = graph();
    CHECK(at(g, 3, opens + 40min).verdict == Verdict::go);         // ends at the end
    CHECK(at(g, 3, opens + 40min + 1ms).verdict == Verdict::turn_back);
    CHECK(at(g, 1, opens + 31min).verdict == Verdict::go);         // the plan is late, `a` can still be taken back
    CHECK(at(g, 1, opens + 46min).verdict == Verdict::turn_back);
    CHECK(at(g, 3, opens + 1h).verdict == Verdict::ended);
    CHECK(at(g, 0, opens + 1h).verdict == Verdict::ended);         // a change is still to come
}

TEST_CASE("window: `on failure rollback to` counts only what it takes back; past a point of no return nothing does") {
    auto g = graph();
    g.on_failure = {.kind = compiler::OnFailure::Kind::rollback_to, .checkpoint = "c"};
    CHECK(at(g, 3, opens).turn_back_by == opens + 45min);
    g = graph();
    g.items[2].body = compiler::CheckpointItem{.no_return = true};
    CHECK_FALSE(at(g, 3, opens).turn_back_by);
    CHECK(at(g, 3, opens + 59min).verdict == Verdict::go);
}
