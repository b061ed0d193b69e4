// The way forward of a run: its units one after the other, those of a `parallel` block beside each other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/run/crew.hpp"
#include "runtime/run/side_by_side.hpp"
#include "runtime/run/window.hpp"
#include "runtime/schedule/schedule.hpp"

namespace cairn::run {

class Forward {
public:
    // `states` by ItemId. The journals are open, and the leases held.
    Forward(Crew&, std::vector<journal::ItemState> states, bool resumed);
    [[nodiscard]] Result run();

private:
    void execute(const schedule::Execute&);
    void execute_in_line(const std::vector<schedule::Unit>&);
    [[nodiscard]] bool may_run_beside(const schedule::Unit&);
    void take_next();
    [[nodiscard]] Result give_up(Diagnostic);
    [[nodiscard]] Result end(journal::RunState, const std::string& why, Result);
    [[nodiscard]] Result finish();
    [[nodiscard]] std::optional<Result> finalize_former();
    [[nodiscard]] Result stop(journal::RunState, Diagnostic);
    [[nodiscard]] Result stop_in_trouble();
    [[nodiscard]] Result back(const schedule::RollBack&);

    Crew& crew_;
    Context& first_;
    schedule::Schedule schedule_;
    SideBySide beside_;
    WindowWatch window_{first_};
    std::optional<Diagnostic> error_;
    std::optional<Diagnostic> fatal_;  // nothing more can be written; what is under way ends first
    bool pooler_said_ = false;
};

}  // namespace cairn::run
