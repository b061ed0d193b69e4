// Who carries out a run: one Context for each database that the plan changes, each with its lease and its journal.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "runtime/run/context.hpp"

namespace cairn::run {

// Where the first database that the plan changes is, or the folder where it changes none, the journal says how the run stands: it begins
// first and ends last. The journals of the others hold what was done there, in the same transaction.
class Crew {
public:
    Crew(const compiler::Compiled&, const Settings&, Observer&, const std::string& run);

    [[nodiscard]] Context& first() { return *all_.front(); }
    // Of the database that the item changes, or looks at where the plan changes it; else the first.
    [[nodiscard]] Context& of(ItemId);
    [[nodiscard]] const std::vector<std::unique_ptr<Context>>& all() const { return all_; }

    // `ready`: there is a journal in each of them.
    [[nodiscard]] std::optional<Diagnostic> open_journals(bool create, bool& ready);
    // All leases, or none.
    [[nodiscard]] std::optional<Diagnostic> take_leases();
    [[nodiscard]] bool lease_lost() const;
    [[nodiscard]] std::optional<Diagnostic> begin(const journal::RunRecord&);
    // As Journal::state().
    [[nodiscard]] std::optional<Diagnostic> state(journal::RunState, const std::string& why, bool release);
    [[nodiscard]] std::optional<Diagnostic> release();
    // Under the leases of a run that has begun: C0730 where an address leads to another database than it did then. Begins wherever it has not
    // begun yet: the process may have died in between.
    [[nodiscard]] std::optional<Diagnostic> join(const journal::RunRecord&);
    // How each item stands in the journal that it belongs to, by ItemId.
    [[nodiscard]] std::variant<std::vector<journal::ItemRecord>, Diagnostic> items();
    void rolling_back_to(const std::string& checkpoint);

private:
    [[nodiscard]] std::optional<Diagnostic> begin_at(Context&, journal::RunRecord);
    std::vector<std::unique_ptr<Context>> all_;
};

}  // namespace cairn::run
