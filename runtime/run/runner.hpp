// Runs a step graph against its databases, under a journal: apply, resume, rollback.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "compiler/compile.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/run/observer.hpp"
#include "runtime/schedule/window.hpp"
#include "runtime/undo/on_conflict.hpp"

namespace cairn::run {

// Exit codes of cli.md.
enum class Exit {
    done = 0, plan_errors = 1, usage = 2, check_failed = 3, step_failed = 4, rolled_back = 5,
    rollback_incomplete = 6, lease_held = 7, unreachable = 8, already_finished = 9
};

struct Settings {
    std::map<std::string, std::string> conninfo;   // role -> CONNINFO, for every database of the plan
    std::string root;                              // where relative paths start
    std::string plan_file;                         // absolute: what the journal keeps as RunRecord::plan_file
    std::string journal_folder = ".cairn";         // for plans that change no database; relative to root
    std::optional<std::string> until;              // checkpoint to stop at
    std::set<std::string> confirmed;               // gates answered with --confirm
    bool interactive = false;                      // a terminal is there to ask
    bool again = false;                            // --again
    int jobs = 2;                                  // items of a `parallel` block at a time
    bool yes = false;                              // --yes: answers what would need an explicit yes
    bool ignore_window = false;                    // --ignore-window
    std::map<std::string, schedule::ItemTimes> times;  // by item: what a rehearsal has measured
    bool rehearsal = false;                        // run and notify listed, wait skipped, confirm is yes
    bool keep_going = false;                       // rehearsal: go on after a failed item where possible
    // rehearsal: asked on a step's own session before and after each of its statements; the answers are ItemOutcome::probes.
    // Not empty: no step is sent ahead of the one before.
    std::string probe;
    std::chrono::milliseconds lease{30'000};       // length of the lease
    std::chrono::milliseconds backoff{1'000};      // first pause before a retry; doubles up to 30 times this
    std::chrono::milliseconds range{1'000};        // batches: how long one range may hold its rows
    std::chrono::milliseconds lag{10'000};         // batches: how far standbys may be behind before they wait
    undo::OnConflict on_conflict = undo::OnConflict::stop;  // rollback: rows that others have changed since
    std::set<std::string> repeat, done;            // resume: what to do with a command whose outcome is not known
};

struct Result {
    Exit exit = Exit::done;
    std::string run;                                       // run id, when there is one
    std::optional<compiler::Diagnostic> error;             // why it did not go through
};

// The exit code that a diagnostic of the runtime leads to.
[[nodiscard]] Exit exit_for(const compiler::Diagnostic&);

// What a run is compiled with: made before compile, so that {run}, {date} and {time} have values.
struct Identity {
    std::string run, date, time;
};
[[nodiscard]] Identity new_identity();

// C0705, in the words that apply uses.
[[nodiscard]] compiler::Diagnostic already_finished(const std::string& plan, const std::string& run, const std::string& started);
[[nodiscard]] Result apply(const compiler::Compiled&, const Identity&, const Settings&, Observer&);
// Goes on with the run of the journal; `compiled` is of the plan text and parameters that the journal holds.
[[nodiscard]] Result resume(const compiler::Compiled&, const journal::RunRecord&, const Settings&, Observer&);
// Runs the undo trail backwards down to (not including) checkpoint `to`, or the beginning. Checkpoints are the plan's own.
[[nodiscard]] Result rollback(const compiler::Compiled&, const journal::RunRecord&, std::optional<std::string> to,
                              std::optional<std::string> past, const Settings&, Observer&);

}  // namespace cairn::run
