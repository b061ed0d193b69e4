// Grades rollbacks again that had to start from what a failed one had left: each from the state
// that its own item has made.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/rehearse/databases.hpp"
#include "runtime/rehearse/rehearse.hpp"

namespace cairn::rehearse {

struct Regrading {
    const compiler::StepGraph& graph;
    Databases& databases;
    std::function<run::Result(run::Observer&, const std::string& until)> apply;
    std::function<run::Result(const journal::RunRecord&, run::Observer&)> roll_back;
    std::function<void()> before_rollback;
    std::vector<ItemReport>& items;  // graded once
    run::Observer* progress = nullptr;
};

// Each round applies the plan on fresh databases up to the last item in doubt and rolls it back:
// its grade then is its own, and those of the others in doubt are if nothing before them was bad.
// Gives how many items stay in doubt after `most` rounds.
[[nodiscard]] std::variant<std::size_t, compiler::Diagnostic> regrade(const Regrading&,
                                                                      std::size_t most = 64);

}  // namespace cairn::rehearse
