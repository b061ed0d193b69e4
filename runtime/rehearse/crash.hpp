// The plan run by a runner that is killed between any two of its actions, and resumed: does it end
// where an undisturbed run ends?
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "runtime/rehearse/databases.hpp"
#include "runtime/rehearse/rehearse.hpp"

namespace cairn::rehearse {

struct CrashTest {
    const compiler::Compiled& compiled;
    const run::Identity& identity;
    // Their copy `start` is what each try begins from.
    Databases& databases;
    // Of a try on these databases.
    std::function<run::Settings()> settings;
    std::string folder;               // ours, for traces
    std::optional<std::string> past;  // the point of no return to roll back past
    std::optional<std::size_t> most;  // points to try of each; nullopt: all
    std::uint64_t seed = 1;           // of the choice
    run::Observer* progress = nullptr;
};

// A diagnostic: it could not be tried, or was interrupted (C0713).
[[nodiscard]] std::variant<CrashReport, compiler::Diagnostic> crash(const CrashTest&);

// `most` of `count` points, numbered from 1, evenly spread: one out of each stretch, chosen by
// `seed`; ascending.
[[nodiscard]] std::vector<std::size_t> sample(std::size_t count, std::optional<std::size_t> most,
                                              std::uint64_t seed);

}  // namespace cairn::rehearse
