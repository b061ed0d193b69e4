// The schedule under scripted outcomes: what runs next, what a failure leads to, what is undone.
#include <catch2/catch.hpp>

#include "runtime/schedule/schedule.hpp"

namespace {

using namespace cairn;
using compiler::ItemId;
using journal::ItemState;
using schedule::Outcome;
using schedule::Schedule;

compiler::Item item(const std::string& name, decltype(compiler::Item::body) body) {
    compiler::Item made;
    made.name = name;
    made.body = std::move(body);
    return made;
}

// gate g; step a; checkpoint c; step b; validate v
compiler::StepGraph graph(compiler::OnFailure on_failure = {}) {
    compiler::StepGraph made;
    made.on_failure = std::move(on_failure);
    made.items.push_back(item("g", compiler::GateItem{}));
    made.items.push_back(item("a", compiler::StepItem{}));
    made.items.push_back(item("c", compiler::CheckpointItem{}));
    made.items.push_back(item("b", compiler::StepItem{}));
    made.items.push_back(item("v", compiler::ValidateItem{}));
    return made;
}

std::string word(const schedule::Action& action) {
    if (const auto* e = std::get_if<schedule::Execute>(&action)) {
        std::string all = "run";
        for (const auto id : e->unit.items) all += " " + std::to_string(id.index);
        return all;
    }
    if (std::holds_alternative<schedule::Await>(action)) return "await";
    if (std::holds_alternative<schedule::Finish>(action)) return "finish";
    if (std::holds_alternative<schedule::StopAt>(action)) return "stop at";
    if (std::holds_alternative<schedule::Stop>(action)) return "stop";
    return "back to " + std::to_string(std::get<schedule::RollBack>(action).down_to.index);
}

// Lets the next unit end with `outcome`.
void end(Schedule& schedule, Outcome outcome, ItemState state) {
    const auto action = schedule.next();
    const auto& unit = std::get<schedule::Execute>(action).unit;
    schedule.report(unit, outcome, std::vector<ItemState>(unit.items.size(), state));
}
void done(Schedule& schedule, int times) {
    for (int i = 0; i < times; ++i) end(schedule, Outcome::done, ItemState::done);
}

using Kind = compiler::OnFailure::Kind;

}  // namespace

TEST_CASE("items run in order, then the run finishes") {
    const auto g = graph();
    Schedule schedule(g, {}, {});
    for (const char* expected : {"run 0", "run 1", "run 2", "run 3", "run 4"}) {
        CHECK(word(schedule.next()) == expected);
        done(schedule, 1);
    }
    CHECK(word(schedule.next()) == "finish");
}

TEST_CASE("a transaction's items are one unit") {
    auto g = graph();
    g.items[3].transaction = 1;
    g.items[4].transaction = 1;
    Schedule schedule(g, {}, {});
    done(schedule, 3);
    CHECK(word(schedule.next()) == "run 3 4");
}

TEST_CASE("--until stops at its checkpoint, once it is reached") {
    const auto g = graph();
    Schedule schedule(g, {}, {.until = "c"});
    done(schedule, 3);
    CHECK(word(schedule.next()) == "stop at");
}

TEST_CASE("a failure stops, rolls back to the beginning or to a checkpoint that was reached") {
    struct Case {
        compiler::OnFailure policy;
        int before;
        std::string expected;
    };
    const auto c = GENERATE(Case{{Kind::stop, ""}, 3, "stop"}, Case{{Kind::rollback, ""}, 3, "back to 0"},
                            Case{{Kind::rollback_to, "c"}, 3, "back to 3"}, Case{{Kind::rollback_to, "c"}, 1, "back to 0"});
    const auto g = graph(c.policy);
    Schedule schedule(g, {}, {});
    done(schedule, c.before);
    end(schedule, Outcome::failed, ItemState::failed);
    CHECK(word(schedule.next()) == c.expected);
}

TEST_CASE("after a point of no return a failure stops, whatever the plan says") {
    auto g = graph({Kind::rollback, ""});
    g.items[2].body = compiler::CheckpointItem{.no_return = true};
    Schedule schedule(g, {}, {});
    done(schedule, 3);
    end(schedule, Outcome::failed, ItemState::failed);
    CHECK(word(schedule.next()) == "stop");
    CHECK(schedule::passed_point(g, schedule.states(), ItemId{0}) == "c");
    CHECK_FALSE(schedule::passed_point(g, schedule.states(), ItemId{3}).has_value());
}

TEST_CASE("a gate that fails stops, or rolls back to the beginning when it says so") {
    const auto g = graph();
    const auto outcome = GENERATE(Outcome::gate_stopped, Outcome::gate_rolled_back);
    Schedule schedule(g, {}, {});
    end(schedule, outcome, ItemState::failed);
    CHECK(word(schedule.next()) == (outcome == Outcome::gate_stopped ? "stop" : "back to 0"));
}

TEST_CASE("an interrupt stops even where a failure would roll back") {
    const auto g = graph({Kind::rollback, ""});
    Schedule schedule(g, {}, {});
    end(schedule, Outcome::interrupted, ItemState::failed);
    CHECK(word(schedule.next()) == "stop");
}

TEST_CASE("resumed, a gate is asked again unless a database has changed since") {
    const auto g = graph();
    const std::vector<ItemState> before_change = {ItemState::done, ItemState::failed, ItemState::pending, ItemState::pending, ItemState::pending};
    CHECK(word(Schedule(g, before_change, {.until = {}, .resumed = true}).next()) == "run 0");
    const std::vector<ItemState> after_change = {ItemState::done, ItemState::done, ItemState::done, ItemState::failed, ItemState::pending};
    CHECK(word(Schedule(g, after_change, {.until = {}, .resumed = true}).next()) == "run 3");
}

TEST_CASE("a rehearsal goes on after a failed item") {
    const auto g = graph({Kind::rollback, ""});
    Schedule schedule(g, {}, {.until = {}, .resumed = false, .keep_going = true});
    done(schedule, 1);
    end(schedule, Outcome::failed, ItemState::failed);
    CHECK(word(schedule.next()) == "run 2");
}

TEST_CASE("a rehearsal leaves a group behind that has failed, whichever of its items did") {
    for (const std::size_t failing : {0U, 1U}) {
        auto g = graph();
        g.items[1].transaction = g.items[2].transaction = 7;
        Schedule schedule(g, {}, {.until = {}, .resumed = false, .keep_going = true});
        CHECK(word(schedule.next()) == "run 0");
        schedule.report({{ItemId{0}}}, Outcome::done, {ItemState::done});
        CHECK(word(schedule.next()) == "run 1 2");
        std::vector<ItemState> states(2, ItemState::pending);
        states[failing] = ItemState::failed;
        schedule.report({{ItemId{1}, ItemId{2}}}, Outcome::failed, states);
        CHECK(word(schedule.next()) == "run 3");
    }
}

TEST_CASE("undo goes backwards over what was touched") {
    const std::vector<ItemState> states = {ItemState::done, ItemState::skipped, ItemState::done, ItemState::running, ItemState::pending};
    const auto order = schedule::undo_order(graph(), states, {}, ItemId{1});
    REQUIRE(order.size() == 3);
    CHECK(order[0].index == 3);
    CHECK(order[2].index == 1);
}

TEST_CASE("what may be sent ahead: the next units, up to where the run stops or has been") {
    const auto g = graph();
    CHECK(Schedule(g, {}, {}).ahead(3).size() == 3);
    CHECK(Schedule(g, {}, {}).ahead(9).size() == 5);
    CHECK(Schedule(g, {}, {.until = "c"}).ahead(9).size() == 3);
    const std::vector<ItemState> done_later = {ItemState::pending, ItemState::pending, ItemState::done, ItemState::pending, ItemState::pending};
    CHECK(Schedule(g, done_later, {}).ahead(9).size() == 2);
    Schedule at_checkpoint(g, {}, {.until = "c"});
    done(at_checkpoint, 2);
    CHECK(word(at_checkpoint.next()) == "run 2");
    CHECK(at_checkpoint.ahead(9).size() == 1);
}
