// Listens to the runner and tells what items do.
#pragma once

#include <optional>

#include "runtime/run/observer.hpp"

namespace cairn::rehearse {

using compiler::ItemId;

// Passes on what items do, to `to` if there is one, and keeps how the run ended. Not its end: what
// is told of that names commands that lead on from there, and there is nowhere to go on to.
class Relay : public run::Observer {
public:
    explicit Relay(run::Observer* to) : to_(to) {}
    void run_started(const journal::RunRecord&, bool resumed) override;
    void item_started(ItemId) override;
    void item_ended(ItemId, const run::ItemOutcome&) override;
    void retrying(ItemId, int attempt, std::chrono::milliseconds after,
                  const compiler::Diagnostic& why) override;
    void headway(ItemId, const run::Headway&) override;
    void blocked(ItemId, const std::vector<run::Blocker>&) override;
    void undo_started(ItemId) override;
    void undo_ended(ItemId, const run::ItemOutcome&) override;
    void message(const std::string&) override;
    void run_ended(journal::RunState, const std::string& why) override;

    [[nodiscard]] const std::optional<journal::RunRecord>& record() const { return record_; }

private:
    run::Observer* to_;
    std::optional<journal::RunRecord> record_;
};

}  // namespace cairn::rehearse
