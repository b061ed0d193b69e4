// How far the server's standbys are behind, so that a batch does not leave them further.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <variant>

#include "runtime/postgres/session.hpp"

namespace cairn::execute {

struct Standby {
    int pid = 0;       // of its WAL sender
    std::string name;  // application_name
    std::chrono::milliseconds lag{0};
};

// The one that is furthest behind, of those that stream and are not in `but`: what it has not replayed (written, for one
// that replays nothing) as time, from its own reports or, when these have stopped, since the last of them. Without
// standbys, or the right to see them (pg_monitor), lag 0.
[[nodiscard]] std::variant<Standby, postgres::Answer> furthest_behind(postgres::Session&, const std::set<int>& but);
// WAL senders of standbys that are behind by more than `bound` already.
[[nodiscard]] std::variant<std::set<int>, postgres::Answer> behind_already(postgres::Session&, std::chrono::milliseconds bound);

}  // namespace cairn::execute
