// What a runner tells while it runs: for progress on a terminal, the log file and a rehearsal's measurements.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/step_graph.hpp"
#include "runtime/journal/record.hpp"

namespace cairn::run {

struct CheckOutcome {
    std::string title;
    bool passed = false, warn = false;
    bool window_only = false;        // in a rehearsal: what only the window can tell
    std::string message;             // what was expected and what was seen; empty when passed
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;  // evidence, at most ten (show: fifty)
    std::uint64_t total_rows = 0;
    std::optional<compiler::Diagnostic> error;  // the query itself failed in the server
};

using ProbeRows = std::vector<std::vector<std::optional<std::string>>>;

// What was seen right before and right after one statement of a step: the answers to Settings::probe.
struct ProbedStatement {
    std::size_t statement = 0;         // its place in the step
    ProbeRows before, after;
    std::optional<std::int64_t> rows;  // changed
};

struct ItemOutcome {
    journal::ItemState state = journal::ItemState::done;
    std::chrono::milliseconds took{0};
    std::optional<std::int64_t> rows;
    std::vector<CheckOutcome> checks;
    std::optional<compiler::Diagnostic> error;
    bool in_part = false;            // undone but for what others have written or changed since
    std::string note;                // why skipped, what a gate answered …
    std::vector<ProbedStatement> probes;  // with Settings::probe; of a batch those of its first range
    // When the transaction of the probes had ended, where that is not the item's end: a batch's first range.
    std::optional<std::chrono::system_clock::time_point> probes_ended;
};

struct Blocker {
    int pid = 0;
    std::string user, application, state, query;
    std::chrono::milliseconds since{0};  // of its transaction
    std::string kind{}, relation{};      // where no lock has been asked for yet: "pg_dump", and the table that it holds
};

// How far an item of many transactions has come.
struct Headway {
    std::int64_t rows = 0;          // changed so far
    std::optional<double> portion;  // of the whole, 0 to 1, as far as the planner's estimates tell
};

// How the run stands to its window, before an item that changes a database.
struct WindowOutlook {
    std::chrono::milliseconds left{0};                   // until its end
    std::optional<std::chrono::milliseconds> remaining;  // of the plan, as rehearsed; absent where something was not
    std::optional<std::chrono::milliseconds> item;       // of the item that comes
    std::optional<std::chrono::sys_time<std::chrono::milliseconds>> turn_back_by;  // absent: there is no way back
};

class Observer {
public:
    virtual ~Observer() = default;
    virtual void run_started(const journal::RunRecord&, bool resumed) { (void)resumed; }
    virtual void item_started(compiler::ItemId) {}
    virtual void item_ended(compiler::ItemId, const ItemOutcome&) {}
    virtual void retrying(compiler::ItemId, int attempt, std::chrono::milliseconds after, const compiler::Diagnostic& why) {
        (void)attempt, (void)after, (void)why;
    }
    // Right before and after a statement that PostgreSQL refuses in a transaction; `statement`: its place in the step.
    virtual void statement_started(compiler::ItemId, std::size_t statement) { (void)statement; }
    virtual void statement_ended(compiler::ItemId) {}
    virtual void headway(compiler::ItemId, const Headway&) {}
    // From another thread: the item waits for locks of these sessions.
    virtual void blocked(compiler::ItemId, const std::vector<Blocker>&) {}
    // A rollback begins; empty: down to the beginning.
    virtual void rolling_back(const std::string& checkpoint) { (void)checkpoint; }
    virtual void undo_started(compiler::ItemId) {}
    virtual void undo_ended(compiler::ItemId, const ItemOutcome&) {}
    virtual void message(const std::string&) {}
    virtual void window(compiler::ItemId, const WindowOutlook&) {}
    // A gate's question is about to stand on the terminal: its checks and what was told before are written, and
    // nothing more until answered().
    virtual void asking(compiler::ItemId, const std::vector<CheckOutcome>& checks) { (void)checks; }
    virtual void answered() {}
    virtual void run_ended(journal::RunState, const std::string& why) { (void)why; }
};

}  // namespace cairn::run
