// Asks of each check of a plan whether it can fail at all: on a copy of the state in which it runs,
// what it looks at is spoiled in one way after another.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/rehearse/databases.hpp"
#include "runtime/rehearse/rehearse.hpp"

namespace cairn::rehearse {

struct MutationTest {
    const compiler::Compiled& compiled;
    const run::Identity& identity;
    Databases& databases;  // their copy `start` is what the walk through the plan begins from
    std::function<run::Settings()> settings;
    const std::vector<ItemReport>& items;  // how each went
    run::Observer* progress = nullptr;
};

// One answer a check, in the plan's order; `show` is no check. A diagnostic: the plan did not run
// this time, or was interrupted (C0713).
[[nodiscard]] std::variant<std::vector<CheckProof>, compiler::Diagnostic> mutate(
    const MutationTest&);

}  // namespace cairn::rehearse
