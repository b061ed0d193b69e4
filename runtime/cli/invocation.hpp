// The command line, read: which command, with which flags.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "runtime/undo/on_conflict.hpp"

namespace cairn::cli {

enum class Color { automatic, always, never };

struct Invocation {
    std::string command;             // "apply"
    std::vector<std::string> plans;  // as typed; check takes several, the others one
    std::optional<std::string> run;  // a run id or the beginning of one
    std::optional<std::string> profile;
    std::map<std::string, std::string> databases;   // --db: role -> CONNINFO
    std::map<std::string, std::string> parameters;  // --param
    std::optional<std::string> until, digest, to, past;
    std::optional<std::string> folder, output, from;  // adopt: DIR, --output, --from; rehearse: --from
    std::optional<std::string> shell;                 // completion
    std::optional<std::string> code;                  // explain
    bool check = false;                               // fmt --check
    std::set<std::string> left_out;                   // adopt: --leave-out, paths below the folder
    bool hand_written_rollback = false, files = false;
    std::set<std::string> confirmed, repeat, done;
    bool crash = false, mutate = false;       // rehearse
    std::optional<std::size_t> crash_points;  // --crash=N
    std::uint64_t seed = 1;
    std::optional<std::chrono::milliseconds> max_lock;  // rehearse
    std::optional<std::string> preview;    // apply: the JSON preview that was approved
    std::optional<std::string> rehearsal;  // preview, apply, resume: the file of a rehearsal's result
    undo::OnConflict on_conflict = undo::OnConflict::stop;  // rollback
    int jobs = 2;
    bool yes = false, ignore_window = false, if_needed = false, again = false;
    // global
    std::string format = "text", log_file;
    int verbose = 0;
    bool quiet = false;
    Color color = Color::automatic;

    [[nodiscard]] bool json() const { return format == "json"; }
};

// What is to be printed instead of running a command: help, the version, or what is wrong (exit 2).
struct Answer {
    int exit = 0;
    std::string text{};  // for exit 2: one line, lower case, no full stop
    std::string help{};  // for exit 2: what can be typed instead; may be empty
    bool json = false;
};

[[nodiscard]] std::variant<Invocation, Answer> read_command_line(int argc, const char* const* argv);

}  // namespace cairn::cli
