// Puts progress on the terminal, or into lines, without ever holding up the run that it tells
// about.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/report/progress.hpp"

namespace cairn::report {

// Where the text goes. Called from one thread only; may block (a terminal stopped by Ctrl-S): the
// run goes on.
using Sink = std::function<void(std::string_view)>;

// An observer that hands every text to a thread of its own, which also keeps the live line ticking.
// The destructor takes the live line away and writes out what is left.
class Reporter : public run::Observer {
public:
    // `log` may be null. `width` is asked again with every live line: terminals are resized.
    Reporter(const compiler::Compiled& compiled, const ReportOptions& options, Sink sink,
             std::function<std::size_t()> width, std::unique_ptr<run::Observer> log);
    ~Reporter() override;
    Reporter(const Reporter&) = delete;
    Reporter& operator=(const Reporter&) = delete;

    void run_started(const journal::RunRecord&, bool resumed) override;
    void item_started(compiler::ItemId) override;
    void item_ended(compiler::ItemId, const run::ItemOutcome&) override;
    void retrying(compiler::ItemId, int attempt, std::chrono::milliseconds after,
                  const compiler::Diagnostic& why) override;
    void headway(compiler::ItemId, const run::Headway&) override;
    void blocked(compiler::ItemId, const std::vector<run::Blocker>&) override;
    void rolling_back(const std::string& checkpoint) override;
    void undo_started(compiler::ItemId) override;
    void undo_ended(compiler::ItemId, const run::ItemOutcome&) override;
    void message(const std::string&) override;
    void window(compiler::ItemId, const run::WindowOutlook&) override;
    void asking(compiler::ItemId, const std::vector<run::CheckOutcome>& checks) override;
    void answered() override;
    void run_ended(journal::RunState, const std::string& why) override;

private:
    template <class Tell>
    void tell(const Tell& event);
    void work(const std::stop_token&);
    std::string living(std::string& text);

    const ReportOptions options_;
    const Sink sink_;
    const std::function<std::size_t()> width_;
    const std::unique_ptr<run::Observer> log_;
    std::mutex lock_;  // of what follows
    std::condition_variable_any changed_;
    Progress progress_;
    std::string pending_;
    bool is_asking_ = false;  // a question stands on the terminal
    bool is_written_ = true;  // nothing is pending or being written, and no live line stands there
    std::jthread writer_;     // last: it uses all of the above
};

}  // namespace cairn::report
