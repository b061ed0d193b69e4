#include "compiler/graph/step_graph.hpp"

namespace cairn::compiler {

std::optional<ItemId> StepGraph::find(std::string_view name) const {
    for (std::uint32_t index = 0; index < items.size(); ++index) {
        if (items[index].name == name) return ItemId{index};
    }
    return std::nullopt;
}

}  // namespace cairn::compiler
