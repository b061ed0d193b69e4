// The schedule of a `parallel` block: what may begin while others are under way, and which of them is undone first.
#include <catch2/catch.hpp>

#include "runtime/schedule/schedule.hpp"

namespace {

using namespace cairn;
using compiler::ItemId;
using journal::ItemState;
using schedule::Outcome;
using schedule::Schedule;

// a; parallel { b; c after b; d; transaction { e f } after d }; g
compiler::StepGraph graph() {
    compiler::StepGraph made;
    const std::vector<std::vector<std::uint32_t>> after{{}, {0}, {1}, {0}, {3}, {4}, {2, 5}};
    for (std::uint32_t i = 0; i < after.size(); ++i) {
        compiler::Item item;
        item.name = std::string(1, static_cast<char>('a' + i));
        item.body = compiler::StepItem{};
        for (const auto other : after[i]) item.after.push_back(ItemId{other});
        if (i > 0 && i < 6) item.parallel = 1;
        if (i == 4 || i == 5) item.transaction = 1;
        made.items.push_back(std::move(item));
    }
    return made;
}

// Begins all that may begin, and says which.
std::string begin_all(Schedule& schedule) {
    std::string begun;
    for (auto action = schedule.next(); std::holds_alternative<schedule::Execute>(action); action = schedule.next()) {
        const auto& unit = std::get<schedule::Execute>(action).unit;
        for (const auto id : unit.items) begun += static_cast<char>('a' + id.index);
        schedule.begun(unit);
    }
    return begun;
}

void end(Schedule& schedule, std::vector<std::uint32_t> items, Outcome outcome = Outcome::done, ItemState state = ItemState::done) {
    schedule::Unit unit;
    for (const auto i : items) unit.items.push_back(ItemId{i});
    schedule.report(unit, outcome, std::vector<ItemState>(items.size(), state));
}

bool awaits(Schedule& schedule) { return std::holds_alternative<schedule::Await>(schedule.next()); }

}  // namespace

TEST_CASE("items of a block begin once those they wait for have ended") {
    const auto g = graph();
    Schedule schedule(g, {}, {});
    CHECK(begin_all(schedule) == "a");
    CHECK(awaits(schedule));
    end(schedule, {0});
    CHECK(begin_all(schedule) == "bd");
    CHECK(awaits(schedule));
    end(schedule, {3});
    CHECK(begin_all(schedule) == "ef");
    end(schedule, {4, 5});
    CHECK(awaits(schedule));  // g waits for all of the block
    end(schedule, {1});
    CHECK(begin_all(schedule) == "c");
    end(schedule, {2});
    CHECK(begin_all(schedule) == "g");
    end(schedule, {6});
    CHECK(std::holds_alternative<schedule::Finish>(schedule.next()));
}

TEST_CASE("when one fails nothing new begins and what is under way ends") {
    auto g = graph();
    g.on_failure.kind = compiler::OnFailure::Kind::rollback;
    Schedule schedule(g, {}, {});
    (void)begin_all(schedule);
    end(schedule, {0});
    CHECK(begin_all(schedule) == "bd");
    end(schedule, {3}, Outcome::failed, ItemState::failed);
    CHECK(awaits(schedule));
    end(schedule, {1});
    CHECK_FALSE(schedule.is_busy());
    REQUIRE(std::holds_alternative<schedule::RollBack>(schedule.next()));
    CHECK(std::get<schedule::RollBack>(schedule.next()).to_beginning());
}

TEST_CASE("an interrupt stops the run even where another item has failed before") {
    auto g = graph();
    g.on_failure.kind = compiler::OnFailure::Kind::rollback;
    Schedule schedule(g, {}, {});
    (void)begin_all(schedule);
    end(schedule, {0});
    (void)begin_all(schedule);
    end(schedule, {3}, Outcome::failed, ItemState::failed);
    end(schedule, {1}, Outcome::interrupted, ItemState::failed);
    CHECK(std::holds_alternative<schedule::Stop>(schedule.next()));
}

TEST_CASE("a resumed run begins with what of the block has not been done") {
    const auto g = graph();
    std::vector<ItemState> states(g.items.size(), ItemState::pending);
    states[0] = states[3] = ItemState::done;
    Schedule schedule(g, states, {.until = {}, .resumed = true});
    CHECK(begin_all(schedule) == "bef");
}

TEST_CASE("one at a time, a block is carried out in its order") {
    const auto g = graph();
    Schedule schedule(g, {}, {});
    std::string order;
    for (auto action = schedule.next(); std::holds_alternative<schedule::Execute>(action); action = schedule.next()) {
        const auto& unit = std::get<schedule::Execute>(action).unit;
        CHECK((schedule.ahead(8).size() == 1) == (g.items[unit.items.front().index].parallel.has_value() || order.size() == 6 || order.empty()));
        for (const auto id : unit.items) order += static_cast<char>('a' + id.index);
        schedule.report(unit, Outcome::done, std::vector<ItemState>(unit.items.size(), ItemState::done));
    }
    CHECK(order == "abcdefg");
}

TEST_CASE("a rehearsal goes on with what waits for an item that has failed") {
    const auto g = graph();
    Schedule schedule(g, {}, {.until = {}, .resumed = false, .keep_going = true});
    std::string order;
    for (auto action = schedule.next(); std::holds_alternative<schedule::Execute>(action); action = schedule.next()) {
        const auto& unit = std::get<schedule::Execute>(action).unit;
        for (const auto id : unit.items) order += static_cast<char>('a' + id.index);
        std::vector<ItemState> states(unit.items.size(), ItemState::pending);
        states.back() = ItemState::failed;
        schedule.report(unit, Outcome::failed, states);
        REQUIRE(order.size() < 20);
    }
    CHECK(order == "abcdefg");
}

TEST_CASE("of a block that is undone first which came to its end last, and before it what has none") {
    const auto g = graph();
    const std::vector<ItemState> states{ItemState::done, ItemState::done,    ItemState::pending, ItemState::done,
                                        ItemState::done, ItemState::running, ItemState::pending};
    const std::vector<std::string> ended{"9", "3", "", "1", "2", "", ""};
    std::string order;
    for (const auto id : schedule::undo_order(g, states, ended, ItemId{0})) order += static_cast<char>('a' + id.index);
    CHECK(order == "fbeda");
}
