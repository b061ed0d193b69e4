// Which item waits for which.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/resolve/resolved.hpp"

namespace cairn::compiler {

struct Order {
    std::vector<std::size_t> items;               // of the plan, in an order in which each comes behind what it waits for
    std::vector<std::vector<std::uint32_t>> after;  // of each of these, by their new places: what it waits for
    bool has_cycle = false;                       // `after` leads back to where it came from; then the rest stands as written
    std::vector<std::size_t> cycle;               // items of the plan, each waiting for the next, the last for the first
};

// Items run in the order written, but for those of a `parallel` block: these wait for what stood before the block and for what their
// `after` names. Where nothing decides, the one written first comes first.
[[nodiscard]] Order order_of(const ResolvedPlan&);

}  // namespace cairn::compiler
