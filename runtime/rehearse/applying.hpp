// The first apply of a rehearsal: takes the states of the databases between its units, and measures
// what lies between.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/rehearse/databases.hpp"
#include "runtime/rehearse/lock_watch.hpp"
#include "runtime/rehearse/measure.hpp"
#include "runtime/rehearse/rehearse.hpp"
#include "runtime/rehearse/relay.hpp"
#include "runtime/rehearse/units.hpp"

namespace cairn::rehearse {

class Applying final : public Relay {
public:
    // `start`: how things stand before the first item.
    Applying(const compiler::StepGraph& graph, Databases& databases, States start,
             std::vector<ItemReport>& items, run::Observer* to)
        : Relay(to),
          graph_(graph),
          databases_(databases),
          states_(std::move(start)),
          items_(items) {}
    void item_started(ItemId) override;
    void item_ended(ItemId, const run::ItemOutcome&) override;
    void statement_started(ItemId, std::size_t statement) override;
    void statement_ended(ItemId) override;
    // To be called when the run is over, with how things stand then.
    void finish(const States& end) { take_stock(end); }

    // The units that can change something, in the order in which they ran, and how each state
    // after one leads back to the state before it.
    struct Passed {
        ItemId unit;
        Changes back;
    };
    [[nodiscard]] const std::vector<Passed>& passed() const { return passed_; }
    [[nodiscard]] const std::optional<compiler::Diagnostic>& error() const { return error_; }

private:
    void begin_unit(ItemId);
    void end_unit(ItemId told, bool failed);
    void take_stock(const States& now);
    void measure(ItemId, const run::ItemOutcome&);
    void measure_transaction(ItemId, const run::ItemOutcome&);
    void measure_watched(ItemId, const run::ItemOutcome&);
    [[nodiscard]] static StatementReport statement_report(const compiler::Item&,
                                                          const run::ProbedStatement&);
    // When the transaction of its probes had ended.
    [[nodiscard]] Moment end_of(const run::ItemOutcome&) const;
    [[nodiscard]] std::vector<std::string> rewritten(const compiler::Item&, const Probe& before,
                                                     const Probe& after);
    [[nodiscard]] RelationNames relation_names(const compiler::Item&) const;
    [[nodiscard]] std::string role_of(const compiler::Item&) const;

    const compiler::StepGraph& graph_;
    Databases& databases_;
    States states_;  // when the unit under way, or the last one, began
    std::vector<ItemReport>& items_;
    std::vector<Passed> passed_;
    std::optional<ItemId> unit_;  // under way
    std::chrono::steady_clock::time_point began_;
    Moment probed_ = 0, ended_ = 0;  // when the statement before was done; the unit
    std::optional<std::int64_t> wal_, probed_wal_;
    std::map<std::string, Databases::Storage> storage_;
    LockTimes locks_;  // of the unit's items so far
    // Relation -> the strongest lock that its statements have taken so far.
    std::map<std::string, sql::LockMode> by_statements_;
    // Of a step that is no transaction: what watches its statement under way, and what was seen of
    // each of its last one's.
    std::unique_ptr<LockWatch> watch_;
    std::map<std::size_t, LockWatch::Seen> watched_;
    std::size_t watching_ = 0;  // the statement
    Moment watching_took_ = 0;  // milliseconds that are none of the step's
    std::optional<compiler::Diagnostic> error_;
};

}  // namespace cairn::rehearse
