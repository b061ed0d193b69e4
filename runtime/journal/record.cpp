#include "runtime/journal/record.hpp"

#include <array>
#include <string_view>

namespace cairn::journal {
namespace {

constexpr std::array run_states = {"running", "stopped", "failed", "finished", "rolled_back", "finalized"};
constexpr std::array item_states = {"pending", "running", "done", "failed", "skipped", "rolled_back"};

template <class State, std::size_t N>
std::optional<State> find(const std::array<const char*, N>& names, std::string_view wanted) {
    for (std::size_t i = 0; i < N; ++i) {
        if (wanted == names[i]) return static_cast<State>(i);
    }
    return std::nullopt;
}

}  // namespace

const char* name(RunState state) { return run_states.at(static_cast<std::size_t>(state)); }
const char* name(ItemState state) { return item_states.at(static_cast<std::size_t>(state)); }
std::optional<RunState> run_state(std::string_view word) { return find<RunState>(run_states, word); }
std::optional<ItemState> item_state(std::string_view word) { return find<ItemState>(item_states, word); }

}  // namespace cairn::journal
