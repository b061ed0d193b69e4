// Executes the units of a run: each kind of item has its file beside this header.
#pragma once

#include <optional>
#include <vector>

#include "runtime/process/command.hpp"
#include "runtime/run/context.hpp"
#include "runtime/schedule/schedule.hpp"

namespace cairn::execute {

// What became of a unit, already written to the journal.
struct UnitResult {
    schedule::Outcome outcome = schedule::Outcome::done;
    std::vector<journal::ItemState> states;       // of the unit's items
    std::optional<compiler::Diagnostic> error;    // why not
    // The run can't go on and nothing more can be written: the lease or the database is gone.
    bool fatal = false;
};

[[nodiscard]] UnitResult execute(run::Context&, const schedule::Unit&);

// Executes the first of `units`, and as many of the next as may be sent ahead of its answer: plain transactional
// steps, each a transaction of its own as ever. One result a unit that was dealt with, in their order; only the last
// may be other than done.
[[nodiscard]] std::vector<UnitResult> execute_ahead(run::Context&, const std::vector<schedule::Unit>& units);

// ---------------------------------------------------------------- the kinds

[[nodiscard]] UnitResult execute_transaction(run::Context&, const schedule::Unit&);        // steps, groups
[[nodiscard]] std::vector<UnitResult> execute_train(run::Context&, const std::vector<schedule::Unit>&);  // steps ahead
[[nodiscard]] UnitResult execute_non_transactional(run::Context&, compiler::ItemId);      // CREATE INDEX CONCURRENTLY …
[[nodiscard]] UnitResult execute_batch(run::Context&, compiler::ItemId);                  // `batch on`
[[nodiscard]] UnitResult execute_checks(run::Context&, compiler::ItemId);                 // validate, gate
[[nodiscard]] UnitResult execute_command(run::Context&, compiler::ItemId);                // run
[[nodiscard]] UnitResult execute_wait(run::Context&, compiler::ItemId);
[[nodiscard]] UnitResult execute_checkpoint(run::Context&, compiler::ItemId);

// ---------------------------------------------------------------- shared by them

// Records the item's end and tells the observer.
[[nodiscard]] UnitResult end_item(run::Context&, compiler::ItemId, schedule::Outcome, run::ItemOutcome);
[[nodiscard]] UnitResult fatal(compiler::Diagnostic, std::size_t items = 1);

// A `when`: true when there is none. Evaluated in a read-only transaction of its own, or, with
// `inside`, under a savepoint of the transaction that is open.
struct WhenAnswer {
    bool run = true;
    std::optional<compiler::Diagnostic> error;
    bool lost = false;
};
// "`sh` ended with exit status 7"
[[nodiscard]] std::string how_it_ended(const process::CommandOutcome&, const std::vector<std::string>& argv);

// `when` of an item that stands alone: its end when it is skipped, or can't be asked; nullopt: it runs.
[[nodiscard]] std::optional<UnitResult> skipped_by_when(run::Context&, compiler::ItemId);
[[nodiscard]] WhenAnswer ask_when(postgres::Session&, const compiler::Item&, bool inside);

// Runs a program of the plan, under the environment that the language promises; `tail` takes the end of its output.
[[nodiscard]] process::CommandOutcome run_program(run::Context&, const std::vector<std::string>& argv,
                                                  std::optional<std::chrono::milliseconds> timeout,
                                                  const std::optional<std::string>& output_to, std::string& tail);

[[nodiscard]] std::chrono::milliseconds elapsed(std::chrono::steady_clock::time_point since);

// Whether trying again can help: lock timeout, deadlock, serialization failure.
[[nodiscard]] bool may_pass(const postgres::ServerError&);
// The same of what keeping or giving back rows has met: the SQLSTATE stands at the message's end, `(55P03)`.
[[nodiscard]] bool may_pass(const compiler::Diagnostic&);

}  // namespace cairn::execute
