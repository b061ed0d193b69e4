// What can be typed: each command and the options that it takes, as CLI11 is told of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/cli/invocation.hpp"

namespace CLI {
class App;
}

namespace cairn::cli {

constexpr const char* about =
    "cairn: migration plans for PostgreSQL, checked, previewed, run, and taken back";

// What one command takes besides the global flags.
namespace takes {
enum Takes : unsigned {
    plan = 1U << 0U,
    plans = 1U << 1U,
    run = 1U << 2U,
    parameters = 1U << 3U,
    databases = 1U << 4U,
    going = 1U << 5U,      // --until, --yes, --confirm, --digest, --ignore-window
    starting = 1U << 6U,   // --if-needed, --again
    back = 1U << 7U,       // --to, --past
    mending = 1U << 8U,    // --repeat, --done
    jobs = 1U << 9U,
    folder = 1U << 11U,    // --output, --from, --leave-out, --hand-written-rollback, --files
    proving = 1U << 12U,   // --crash, --seed, --mutate, --from, --max-lock
    measured = 1U << 13U,  // --rehearsal
    layout = 1U << 20U,    // --check
    place = 1U << 21U,     // DIR
    shell = 1U << 22U,     // SHELL
    code = 1U << 24U,      // CODE
    approved = 1U << 25U,  // --preview
    hidden = 1U << 23U,    // what only the build asks for
    anything = 1U << 10U   // a word without a runtime yet: whatever follows it is not looked at
};
}  // namespace takes

struct Word {
    const char* name;  // "apply"
    unsigned takes;    // of takes::Takes
    const char* does;
};
// In the order in which help lists them.
[[nodiscard]] std::span<const Word> all_words();
[[nodiscard]] const Word* find_word(std::string_view name);  // null: there is none

// Lists as CLI11 collects them, before they are looked into.
struct Lists {
    std::vector<std::string> databases, parameters, confirmed, repeat, done, left_out;
    std::string color = "auto";
    std::string on_conflict = "stop";
    std::string crash, max_lock;
};

// The values of a flag or argument that takes one of a few; empty for any other.
[[nodiscard]] std::vector<std::string> choices_of(std::string_view command, std::string_view name);

// Both fill `Invocation` and `Lists` when the application parses; these must outlive it.
void add_global(CLI::App&, Invocation&, Lists&);
void add_options(CLI::App&, unsigned taken, Invocation&, Lists&);

}  // namespace cairn::cli
