// Tells people what a run is doing: progress on a terminal, quiet lines elsewhere, and a log file.
#pragma once

#include <memory>
#include <string>

#include "compiler/compile.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::report {

// How a run is told on stderr. `terminal`: stderr is one, so a line may be overwritten in place.
struct ReportOptions {
    bool terminal = false;
    bool color = false;
    bool quiet = false;      // -q: only what went wrong, and the summary
    int verbose = 0;         // -v: passed checks and items' starts too
    std::string log_file{};  // --log-file: JSON lines appended to it; empty: none
    std::string flags{};     // for the commands to type next: "--profile staging"; may be empty
};

// Writes to stderr, and to the log file as spdlog's JSON lines, one object an event, flushed at
// once. `compiled` must outlive the observer. stderr is written by a thread of its own, so that a
// stopped terminal does not stop the run: destroy the observer before anything else is printed. A
// log file that can't be opened is told on stderr and then done without. A terminal that has closed
// is no error: what can't be written is dropped. blocked() may come from any thread.
[[nodiscard]] std::unique_ptr<run::Observer> make_observer(const compiler::Compiled& compiled,
                                                           const ReportOptions&);

}  // namespace cairn::report
