// Writes a run's journal: what a runner does is recorded here before and after it does it.
//
// Two kinds: in the changed database (DatabaseJournal), or in a folder for plans that change none. Every
// call is durable when it returns. Errors are diagnostics: C0709 lost, C0714 taken over, C0702 others.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/step_graph.hpp"
#include "runtime/journal/lease.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::journal {

// One item's new state, written in a transaction of its own.
struct ItemChange {
    compiler::ItemId item;
    std::string name;
    ItemState state = ItemState::done;
    std::string event;                 // "started", "done", "failed", …
    std::string detail;
    std::string error;                 // diagnostic as JSON
    std::optional<std::int64_t> rows;
};

struct RunHead {
    std::string run, digest;
    RunState state = RunState::running;
    std::string started;
};

class Journal {
public:
    virtual ~Journal() = default;
    // The newest run of the plan that still counts (rolled back ones do not), if any.
    [[nodiscard]] virtual std::variant<std::optional<RunHead>, compiler::Diagnostic> latest(const std::string& plan) = 0;
    // Takes the lease for `run`, which need not have begun yet.
    [[nodiscard]] virtual std::optional<compiler::Diagnostic> take_lease(const LeaseRequest&) = 0;
    [[nodiscard]] virtual std::optional<compiler::Diagnostic> begin(const RunRecord&) = 0;
    [[nodiscard]] virtual std::optional<compiler::Diagnostic> record(const std::vector<ItemChange>&) = 0;
    [[nodiscard]] virtual std::optional<compiler::Diagnostic> event(const std::string& item, const std::string& event,
                                                                    const std::string& detail) = 0;
    // The run's new state; `release` gives the lease back in the same transaction.
    [[nodiscard]] virtual std::optional<compiler::Diagnostic> state(RunState, const std::string& detail, bool release) = 0;
    // Gives the lease back without a run having begun.
    [[nodiscard]] virtual std::optional<compiler::Diagnostic> release() = 0;
    // Item states as the journal has them.
    [[nodiscard]] virtual std::variant<std::vector<ItemRecord>, compiler::Diagnostic> items() = 0;
};

}  // namespace cairn::journal
