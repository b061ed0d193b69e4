// What a run does next: pure bookkeeping over item states, without thread, clock or connection.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/journal/record.hpp"

namespace cairn::schedule {

using compiler::ItemId;
using compiler::StepGraph;
using journal::ItemState;

// What runs together: one item, or the items of a `transaction` block.
struct Unit {
    std::vector<ItemId> items;
};

enum class Outcome { done, failed, gate_stopped, gate_rolled_back, window_ended, interrupted };

struct Execute {
    Unit unit;
};
struct Await {};     // until a unit that is under way has been reported: nothing else can begin
struct Finish {};
struct StopAt {  // --until
    std::string checkpoint;
};
struct Stop {};      // after a failure or an interrupt
struct RollBack {    // every item from here on, backwards
    ItemId down_to;
    [[nodiscard]] bool to_beginning() const { return down_to.index == 0; }
};
using Action = std::variant<Execute, Await, Finish, StopAt, Stop, RollBack>;

class Schedule {
public:
    struct Options {
        std::optional<std::string> until;  // checkpoint
        bool resumed = false;     // gates passed since the last change of a database are asked again
        bool keep_going = false;  // a rehearsal goes on after a failed item
    };
    // `states` in the order of graph.items. Borrows the graph.
    Schedule(const StepGraph& graph, std::vector<ItemState> states, Options);

    // Of a `parallel` block the first that waits for nothing any more. After trouble nothing begins, and what is under way ends first.
    [[nodiscard]] Action next();
    // The units that run next if each before it ends well, the one of next() first; at most `most`. None but that in a `parallel` block.
    [[nodiscard]] std::vector<Unit> ahead(std::size_t most) const;
    // The unit of next() is under way: it need not be reported before next() is asked again.
    void begun(const Unit&);
    // One state for each item of the unit: `done` or `skipped` where all went well.
    void report(const Unit&, Outcome, const std::vector<ItemState>& states);
    [[nodiscard]] const std::vector<ItemState>& states() const { return states_; }
    [[nodiscard]] bool is_busy() const { return !begun_.empty(); }
    [[nodiscard]] std::optional<Outcome> trouble() const { return trouble_; }

private:
    [[nodiscard]] Unit unit_at(std::size_t index) const;
    [[nodiscard]] bool waits_for_none(std::size_t index) const;
    [[nodiscard]] std::optional<std::size_t> first_that_may_begin() const;
    [[nodiscard]] bool is_passed(std::size_t index) const;
    [[nodiscard]] bool has_failed(const Unit&) const;
    [[nodiscard]] Action after_trouble() const;
    void ask_gates_again();

    const StepGraph* graph_;
    std::vector<ItemState> states_;
    Options options_;
    std::size_t position_ = 0;  // everything before it is over
    std::set<ItemId> begun_;    // the first items of what is under way
    std::optional<Outcome> trouble_;
};

// Items to undo for a rollback down to `down_to`, in the order in which they are undone: the last one first. `ended`, by item: the larger
// came to its end later; empty or equal: as they stand. Only items of one `parallel` block need it.
[[nodiscard]] std::vector<ItemId> undo_order(const StepGraph&, const std::vector<ItemState>& states, const std::vector<std::string>& ended, ItemId down_to);

// The item after checkpoint `name` if it has been reached, else the beginning.
[[nodiscard]] RollBack roll_back_to(const StepGraph&, const std::vector<ItemState>&,
                                    const std::optional<std::string>& checkpoint);

// A point of no return at or after `down_to` that the run has passed; nullopt when there is none.
[[nodiscard]] std::optional<std::string> passed_point(const StepGraph&, const std::vector<ItemState>&,
                                                      ItemId down_to);

}  // namespace cairn::schedule
