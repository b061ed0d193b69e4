// Listens to the runner: takes the states of the databases between its units, and measures what
// lies between.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/rehearse/databases.hpp"
#include "runtime/rehearse/rehearse.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::rehearse {

using compiler::ItemId;

// The first item of a unit stands for it: an item alone, or the items of one `transaction`.
[[nodiscard]] ItemId unit_of(const compiler::StepGraph&, ItemId);
// Whether an item could leave anything behind in a database.
[[nodiscard]] bool can_change(const compiler::Item&);

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

// The first apply: what each item did, and how things stood before each unit that can change
// something.
class Applying final : public Relay {
public:
    Applying(const compiler::StepGraph& graph, Databases& databases, std::vector<ItemReport>& items,
             run::Observer* to)
        : Relay(to), graph_(graph), databases_(databases), items_(items) {}
    void item_started(ItemId) override;
    void item_ended(ItemId, const run::ItemOutcome&) override;

    [[nodiscard]] const std::map<ItemId, States>& before() const { return before_; }
    [[nodiscard]] const std::optional<compiler::Diagnostic>& error() const { return error_; }

private:
    void begin_unit(ItemId);
    void end_unit(ItemId unit, ItemId told);

    const compiler::StepGraph& graph_;
    Databases& databases_;
    std::vector<ItemReport>& items_;
    std::map<ItemId, States> before_;
    std::optional<ItemId> unit_;  // under way
    std::chrono::steady_clock::time_point began_;
    std::optional<std::int64_t> wal_;
    std::map<std::string, Databases::Storage> storage_;
    std::optional<compiler::Diagnostic> error_;
};

// The rollback: after each unit is undone, is everything as it was before it ran?
class Undoing final : public Relay {
public:
    // `end` is how things stood when the rollback began.
    Undoing(const compiler::StepGraph& graph, Databases& databases, const Applying& applied,
            States end, std::vector<ItemReport>& items, run::Observer* to);
    void undo_started(ItemId) override;
    void undo_ended(ItemId, const run::ItemOutcome&) override;
    // To be called when the rollback is over.
    void finish();

    [[nodiscard]] const States& now() const { return now_; }
    [[nodiscard]] const std::optional<compiler::Diagnostic>& error() const { return error_; }

private:
    void grade(ItemId unit, const States& before);
    void read_now();

    const compiler::StepGraph& graph_;
    Databases& databases_;
    const Applying& applied_;
    States after_;  // how things stood when the unit to be graded next had run
    States now_;
    std::vector<ItemReport>& items_;
    std::set<ItemId> undone_;  // items whose undo was tried
    std::map<ItemId, compiler::Diagnostic> failed_;
    std::map<ItemId, States>::const_reverse_iterator next_;  // the last unit that has no grade yet
    std::optional<compiler::Diagnostic> error_;
};

// Every difference of two sets of states, and the worst likeness. With several databases each line
// opens with its own, `[erp] table …`.
[[nodiscard]] catalog::Difference compare(const States& before, const States& after);

}  // namespace cairn::rehearse
