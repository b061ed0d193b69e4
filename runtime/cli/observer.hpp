// The observer that the command line's flags ask for.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "compiler/compile.hpp"
#include "runtime/cli/invocation.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::cli {

// The flags that say where the databases are, for the commands that are offered; a CONNINFO with a password only by that word.
[[nodiscard]] std::string address_flags(const Invocation&);

// Passes everything on to the report, and remembers what it told of an item's error, so that the
// command does not tell it a second time.
class Telling final : public run::Observer {
public:
    Telling(const compiler::Compiled& compiled, const Invocation&);  // `compiled` must outlive it

    void run_started(const journal::RunRecord& record, bool resumed) override {
        has_started_ = true;
        to_->run_started(record, resumed);
    }
    void item_started(compiler::ItemId id) override { to_->item_started(id); }
    void item_ended(compiler::ItemId id, const run::ItemOutcome& outcome) override;
    void retrying(compiler::ItemId id, int attempt, std::chrono::milliseconds after,
                  const compiler::Diagnostic& why) override {
        to_->retrying(id, attempt, after, why);
    }
    void headway(compiler::ItemId id, const run::Headway& headway) override { to_->headway(id, headway); }
    void blocked(compiler::ItemId id, const std::vector<run::Blocker>& by) override {
        to_->blocked(id, by);
    }
    void rolling_back(const std::string& checkpoint) override { to_->rolling_back(checkpoint); }
    void undo_started(compiler::ItemId id) override { to_->undo_started(id); }
    void undo_ended(compiler::ItemId id, const run::ItemOutcome& outcome) override;
    void message(const std::string& text) override { to_->message(text); }
    void window(compiler::ItemId id, const run::WindowOutlook& outlook) override { to_->window(id, outlook); }
    void asking(compiler::ItemId id, const std::vector<run::CheckOutcome>& checks) override {
        to_->asking(id, checks);
    }
    void answered() override { to_->answered(); }
    void run_ended(journal::RunState state, const std::string& why) override {
        to_->run_ended(state, why);
    }

    // Was this error shown with its item? Ends the report: nothing more is written by it.
    [[nodiscard]] bool told(const std::optional<compiler::Diagnostic>&);

    // Did a run begin, so that its id is in a journal?
    [[nodiscard]] bool has_started() const { return has_started_; }

private:
    bool has_started_ = false;
    std::unique_ptr<run::Observer> to_;
    std::optional<compiler::Diagnostic> last_;
};

}  // namespace cairn::cli
