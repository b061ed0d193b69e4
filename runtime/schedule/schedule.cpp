#include "runtime/schedule/schedule.hpp"

#include <algorithm>
#include <utility>

namespace cairn::schedule {

using compiler::CheckpointItem;
using compiler::GateItem;
using compiler::Item;
using compiler::StepGraph;

namespace {

bool is_over(ItemState state) { return state == ItemState::done || state == ItemState::skipped; }

}  // namespace

Schedule::Schedule(const StepGraph& graph, std::vector<ItemState> states, Options options)
    : graph_(&graph), states_(std::move(states)), options_(std::move(options)) {
    states_.resize(graph.items.size(), ItemState::pending);
    if (options_.resumed) ask_gates_again();
}

// What a gate vouched for may have changed since, as long as nothing has been done on its word.
void Schedule::ask_gates_again() {
    for (std::size_t i = states_.size(); i-- > 0;) {
        if (graph_->items[i].changes_database() && states_[i] == ItemState::done) return;
        if (std::holds_alternative<GateItem>(graph_->items[i].body) && states_[i] == ItemState::done)
            states_[i] = ItemState::pending;
    }
}

Unit Schedule::unit_at(std::size_t index) const {
    Unit unit;
    const auto& group = graph_->items[index].transaction;
    for (std::size_t i = index; i < graph_->items.size(); ++i) {
        if (i > index && (!group || graph_->items[i].transaction != group)) break;
        unit.items.push_back(ItemId{static_cast<std::uint32_t>(i)});
    }
    return unit;
}

// Of a group only one item has failed; the others are as if they had never run.
bool Schedule::has_failed(const Unit& unit) const {
    return std::any_of(unit.items.begin(), unit.items.end(),
                       [&](ItemId id) { return states_[id.index] == ItemState::failed; });
}

// Nothing waits for it any more.
bool Schedule::is_passed(std::size_t index) const {
    if (is_over(states_[index])) return true;
    const auto& items = graph_->items;
    while (index > 0 && items[index].transaction && items[index].transaction == items[index - 1].transaction) --index;
    return options_.keep_going && has_failed(unit_at(index));
}

Action Schedule::next() {
    if (trouble_) return is_busy() ? Action(Await{}) : after_trouble();
    for (; position_ < states_.size(); ++position_) {
        if (!is_passed(position_)) {
            const auto next = first_that_may_begin();
            return next ? Action(Execute{unit_at(*next)}) : Action(Await{});
        }
        if (options_.until && is_over(states_[position_]) && graph_->items[position_].name == *options_.until) return StopAt{*options_.until};
    }
    return Finish{};
}

bool Schedule::waits_for_none(std::size_t index) const {
    const auto& after = graph_->items[index].after;
    return std::all_of(after.begin(), after.end(), [&](ItemId other) { return is_passed(other.index); });
}

std::optional<std::size_t> Schedule::first_that_may_begin() const {
    const auto& items = graph_->items;
    for (std::size_t i = position_; i < items.size(); ++i) {
        if (i > position_ && (!items[i].parallel || items[i].parallel != items[position_].parallel)) break;
        const bool heads_unit = i == position_ || !items[i].transaction || items[i].transaction != items[i - 1].transaction;
        if (heads_unit && !is_passed(i) && !begun_.contains(ItemId{static_cast<std::uint32_t>(i)}) && waits_for_none(i)) return i;
    }
    return std::nullopt;
}

void Schedule::begun(const Unit& unit) { begun_.insert(unit.items.front()); }

std::vector<Unit> Schedule::ahead(std::size_t most) const {
    std::vector<Unit> units;
    if (position_ < states_.size() && graph_->items[position_].parallel) {
        if (const auto first = first_that_may_begin()) units.push_back(unit_at(*first));
        return units;
    }
    for (std::size_t i = position_; i < states_.size() && units.size() < most;) {
        if (is_over(states_[i]) || graph_->items[i].parallel) break;
        units.push_back(unit_at(i));
        if (options_.until && graph_->items[i].name == *options_.until) break;
        i += units.back().items.size();
    }
    return units;
}

void Schedule::report(const Unit& unit, Outcome outcome, const std::vector<ItemState>& states) {
    begun_.erase(unit.items.front());
    for (std::size_t i = 0; i < unit.items.size(); ++i) states_[unit.items[i].index] = states[i];
    const bool ignored = options_.keep_going && outcome != Outcome::interrupted;
    // The first trouble decides, unless somebody wants it all to end.
    if (outcome != Outcome::done && !ignored && (!trouble_ || outcome == Outcome::interrupted)) trouble_ = outcome;
}

Action Schedule::after_trouble() const {
    if (trouble_ == Outcome::interrupted || trouble_ == Outcome::gate_stopped) return Stop{};
    if (passed_point(*graph_, states_, ItemId{0})) return Stop{};
    const auto& policy = graph_->on_failure;
    if (policy.kind == compiler::OnFailure::Kind::rollback_to) return roll_back_to(*graph_, states_, policy.checkpoint);
    if (policy.kind == compiler::OnFailure::Kind::rollback || trouble_ == Outcome::gate_rolled_back)
        return roll_back_to(*graph_, states_, std::nullopt);
    return Stop{};
}

std::vector<ItemId> undo_order(const StepGraph& graph, const std::vector<ItemState>& states, const std::vector<std::string>& ended, ItemId down_to) {
    std::vector<ItemId> order;
    for (std::size_t i = states.size(); i-- > down_to.index;) {
        if (states[i] != ItemState::pending && states[i] != ItemState::rolled_back)
            order.push_back(ItemId{static_cast<std::uint32_t>(i)});
    }
    const auto block = [&](ItemId id) { return graph.items[id.index].parallel; };
    const auto end = [&](ItemId id) { return id.index < ended.size() ? ended[id.index] : std::string(); };
    for (auto first = order.begin(); first != order.end();) {
        const auto last = std::find_if(first, order.end(), [&](ItemId id) { return block(id) != block(*first); });
        // What has not ended is what came last.
        const auto later = [&](ItemId a, ItemId b) { return end(a).empty() != end(b).empty() ? end(a).empty() : end(a) > end(b); };
        if (block(*first)) std::stable_sort(first, last, later);
        first = last;
    }
    return order;
}

RollBack roll_back_to(const StepGraph& graph, const std::vector<ItemState>& states,
                      const std::optional<std::string>& checkpoint) {
    if (checkpoint) {
        const auto found = graph.find(*checkpoint);
        if (found && states[found->index] == ItemState::done) return {ItemId{found->index + 1}};
    }
    return {ItemId{0}};
}

std::optional<std::string> passed_point(const StepGraph& graph, const std::vector<ItemState>& states, ItemId down_to) {
    for (std::size_t i = states.size(); i-- > down_to.index;) {
        const auto* checkpoint = std::get_if<CheckpointItem>(&graph.items[i].body);
        if (checkpoint != nullptr && checkpoint->no_return && states[i] == ItemState::done) return graph.items[i].name;
    }
    return std::nullopt;
}

}  // namespace cairn::schedule
