// The rollback of a rehearsal: after each unit is undone, is everything as it was before it ran?
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "runtime/rehearse/applying.hpp"

namespace cairn::rehearse {

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
    void grade_next();
    [[nodiscard]] bool gives_up_rows(const std::vector<ItemId>&, const catalog::Difference&) const;
    [[nodiscard]] Grade grade(const ItemReport&, ItemId, bool none,
                              const catalog::Difference&) const;
    void read_now();

    const compiler::StepGraph& graph_;
    Databases& databases_;
    States after_;  // how things stood when the unit to be graded next had run
    States now_;
    std::vector<ItemReport>& items_;
    std::set<ItemId> undone_;  // units whose undo was tried
    std::map<ItemId, compiler::Diagnostic> failed_;
    std::vector<Applying::Passed>::const_reverse_iterator next_,
        last_;  // units without a grade yet
    std::optional<compiler::Diagnostic> error_;
};

}  // namespace cairn::rehearse
