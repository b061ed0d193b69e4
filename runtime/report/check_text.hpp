// How the outcome of a check is told: what was expected, what was seen, and the rows that prove it.
#pragma once

#include <string>

#include "compiler/graph/step_graph.hpp"
#include "runtime/report/words.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::report {

struct CheckStyle {
    Paint paint{false};
    std::size_t width = 100;   // columns of the terminal
    bool with_passed = false;  // tell the passed ones too
};

// Empty for a passed check that has nothing to show. `check` is what was asked, where it is known.
[[nodiscard]] std::string check_text(const run::CheckOutcome&, const compiler::Check* check,
                                     const compiler::Sources&, const CheckStyle&);

// "5 checks passed", "1 of 5 checks failed, 1 warned": for an item's line; empty without checks.
[[nodiscard]] std::string checks_in_words(const std::vector<run::CheckOutcome>&);

}  // namespace cairn::report
