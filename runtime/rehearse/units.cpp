#include "runtime/rehearse/units.hpp"

namespace cairn::rehearse {

ItemId unit_of(const compiler::StepGraph& graph, ItemId id) {
    const auto& group = graph.items[id.index].transaction;
    if (!group) return id;
    auto first = id.index;
    while (first > 0 && graph.items[first - 1].transaction == group) --first;
    return ItemId{first};
}

std::vector<ItemId> items_of(const compiler::StepGraph& graph, ItemId unit) {
    std::vector<ItemId> items;
    for (auto at = unit.index; at < graph.items.size() && unit_of(graph, ItemId{at}) == unit; ++at)
        items.push_back(ItemId{at});
    return items;
}

bool can_change(const compiler::Item& item) {
    const auto* run = std::get_if<compiler::RunItem>(&item.body);
    return item.changes_database() || (run != nullptr && !run->rehearse.empty());
}

bool is_left_out(const compiler::Item& item) {
    const auto* run = std::get_if<compiler::RunItem>(&item.body);
    return (run != nullptr && run->rehearse.empty()) ||
           std::holds_alternative<compiler::WaitItem>(item.body);
}

}  // namespace cairn::rehearse
