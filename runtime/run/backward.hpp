// The way back of a run.
#pragma once

#include <optional>
#include <vector>

#include "runtime/run/crew.hpp"

namespace cairn::run {

struct BackAgain {
    std::optional<Diagnostic> error;  // why it could not be completed
    bool fatal = false;               // nothing more can be written
};

// Undoes what stands behind `down_to`, the last one first.
[[nodiscard]] BackAgain roll_back(Crew&, const std::vector<journal::ItemState>&, ItemId down_to);

}  // namespace cairn::run
