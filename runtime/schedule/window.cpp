#include "runtime/schedule/window.hpp"

#include <algorithm>

namespace cairn::schedule {

using compiler::Item;
using compiler::StepGraph;
using std::chrono::milliseconds;

namespace {

bool is_open(ItemState state) { return state != ItemState::done && state != ItemState::skipped; }

bool has_undo(const Item& item) { return item.undo.kind != compiler::Undo::Kind::nothing && item.undo.kind != compiler::Undo::Kind::none; }

class Estimates {
public:
    Estimates(const StepGraph& graph, const std::map<std::string, ItemTimes>& times, const std::map<ItemId, milliseconds>& took)
        : graph_(graph), times_(times), took_(took) {}

    [[nodiscard]] std::optional<milliseconds> forward(std::size_t index) const {
        const Item& item = graph_.items[index];
        if (const auto* wait = std::get_if<compiler::WaitItem>(&item.body)) return wait->duration.value_or(milliseconds(0));
        if (std::holds_alternative<compiler::CheckpointItem>(item.body)) return milliseconds(0);
        const auto found = times_.find(item.name);
        return found == times_.end() ? std::nullopt : found->second.forward;
    }

    [[nodiscard]] milliseconds back(std::size_t index) const {
        const Item& item = graph_.items[index];
        if (!has_undo(item)) return milliseconds(0);
        if (const auto found = times_.find(item.name); found != times_.end() && found->second.back) return *found->second.back;
        const auto done = took_.find(ItemId{static_cast<std::uint32_t>(index)});
        return done != took_.end() ? done->second : forward(index).value_or(milliseconds(0));
    }

private:
    const StepGraph& graph_;
    const std::map<std::string, ItemTimes>& times_;
    const std::map<ItemId, milliseconds>& took_;
};

// How far the plan's own `on failure` would roll back; where it stops, a person may go back to the beginning.
ItemId down_to(const StepGraph& graph, const std::vector<ItemState>& states) {
    const bool to_checkpoint = graph.on_failure.kind == compiler::OnFailure::Kind::rollback_to;
    return roll_back_to(graph, states, to_checkpoint ? std::optional(graph.on_failure.checkpoint) : std::nullopt).down_to;
}

}  // namespace

Prospect prospect(const StepGraph& graph, const std::vector<ItemState>& states, const Unit& unit, Moment now,
                  const std::map<std::string, ItemTimes>& times, const std::map<ItemId, milliseconds>& took) {
    using Verdict = Prospect::Verdict;
    Prospect out;
    if (!graph.window) return out;
    const Estimates estimates(graph, times, took);
    const Moment end = graph.window->to;
    bool change_to_come = false;
    for (std::size_t i = unit.items.front().index; i < graph.items.size(); ++i) {
        if (!is_open(states[i])) continue;
        change_to_come = change_to_come || graph.items[i].changes_database();
        const auto time = estimates.forward(i);
        out.all_known = out.all_known && time;
        out.remaining += time.value_or(milliseconds(0));
    }
    milliseconds back{0};  // of everything once this unit is done
    for (const ItemId id : unit.items) {
        out.forward += estimates.forward(id.index).value_or(milliseconds(0));
        back += estimates.back(id.index);
    }
    for (std::size_t i = down_to(graph, states).index; i < unit.items.front().index; ++i) {
        if (states[i] == ItemState::done) back += estimates.back(i);
    }
    if (!passed_point(graph, states, ItemId{0})) out.turn_back_by = end - back;
    if (change_to_come && now >= end) {
        out.verdict = Verdict::ended;
        return out;
    }
    const bool changes = std::any_of(unit.items.begin(), unit.items.end(), [&](ItemId id) { return graph.items[id.index].changes_database(); });
    if (!changes) return out;
    const Moment begins = std::max(now, Moment(graph.window->from));
    const bool ends_in_time = begins + out.remaining <= end;
    if (!ends_in_time && out.turn_back_by && begins + out.forward > *out.turn_back_by) {
        out.verdict = Verdict::turn_back;
    } else {
        out.verdict = now < Moment(graph.window->from) ? Verdict::early : Verdict::go;
    }
    return out;
}

}  // namespace cairn::schedule
