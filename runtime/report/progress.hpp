// What to say about a run, without saying it: a pure function from the runner's events and the time
// to text.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compile.hpp"
#include "runtime/report/report.hpp"
#include "runtime/report/words.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::report {

// The events give the text that stays (lines with their newlines, or nothing); live_line() what is
// under way.
class Progress {
public:
    using Time = std::chrono::steady_clock::time_point;
    Progress(const compiler::Compiled& compiled, const ReportOptions& options, std::size_t width,
             Time now);

    [[nodiscard]] std::string run_started(const journal::RunRecord&, bool resumed);
    [[nodiscard]] std::string item_started(compiler::ItemId, Time now);
    [[nodiscard]] std::string item_ended(compiler::ItemId, const run::ItemOutcome&);
    void headway(compiler::ItemId, const run::Headway&);
    // The checks that a person's answer will rest on, the passed ones too.
    [[nodiscard]] std::string asking(compiler::ItemId, const std::vector<run::CheckOutcome>&);
    [[nodiscard]] std::string retrying(compiler::ItemId, int attempt,
                                       std::chrono::milliseconds after,
                                       const compiler::Diagnostic& why);
    [[nodiscard]] std::string blocked(compiler::ItemId, const std::vector<run::Blocker>&);
    void rolling_back(const std::string& checkpoint) { rolls_back_to_ = checkpoint; }
    [[nodiscard]] std::string undo_started(compiler::ItemId, Time now);
    [[nodiscard]] std::string undo_ended(compiler::ItemId, const run::ItemOutcome&);
    [[nodiscard]] std::string message(const std::string&) const;
    [[nodiscard]] std::string window(compiler::ItemId, const run::WindowOutlook&, Time now);
    [[nodiscard]] std::string run_ended(journal::RunState, const std::string& why, Time now);

    // At most `width` columns and no newline; empty where nothing runs. For a terminal.
    [[nodiscard]] std::string live_line(Time now) const;
    // A line now and then about what takes long; mostly empty. For where there is no terminal.
    [[nodiscard]] std::string reminder(Time now);
    void resize(std::size_t width) { width_ = width; }

private:
    struct Running {
        Time since;
        bool undoing = false;
        std::vector<run::Blocker> blockers{};
        run::Headway headway{};
        std::optional<double> at_first{};  // the portion that was done before this runner came
        std::chrono::seconds next_reminder{30};
    };
    [[nodiscard]] std::string item_line(compiler::ItemId, const std::string& word,
                                        const std::string& rest) const;
    [[nodiscard]] std::string check_lines(compiler::ItemId, const std::vector<run::CheckOutcome>&,
                                          bool with_passed) const;
    [[nodiscard]] std::string details(compiler::ItemId, const run::ItemOutcome&);
    void forget_group(compiler::ItemId failed);
    [[nodiscard]] static std::string headway_in_words(const Running&, std::chrono::milliseconds took);
    [[nodiscard]] std::string position(compiler::ItemId) const;
    [[nodiscard]] std::string label(compiler::ItemId) const;
    // ", of about 20min; window ends in 58min"
    [[nodiscard]] std::string window_in_words(compiler::ItemId, Time now) const;
    [[nodiscard]] std::string summary(journal::RunState) const;
    [[nodiscard]] static bool is_outside_work(const compiler::Item&);
    [[nodiscard]] std::vector<std::string> standing() const;
    [[nodiscard]] std::string standing_line(journal::RunState) const;
    [[nodiscard]] std::string next_commands(journal::RunState) const;

    const compiler::Compiled& compiled_;
    const ReportOptions options_;
    std::size_t width_, label_width_ = 0;
    Paint paint_;
    Time started_;
    std::string run_, plan_file_;
    std::vector<journal::ItemState> states_;  // by ItemId
    std::vector<bool> in_part_;               // the same: some of it stands
    std::vector<bool> left_;                  // the same: undone but for what others have written or changed
    bool stuck_ = false;  // an undo did not go through
    std::string rolls_back_to_;  // a checkpoint; empty: the beginning
    bool needs_another_plan_ = false;  // to get past the item that has failed
    std::map<compiler::ItemId, Running> running_;
    std::string told_error_;                 // the last one that was shown with its item
    // The last item that was told how it stands to the window, and when that was.
    std::optional<run::WindowOutlook> outlook_;
    compiler::ItemId outlook_of_;
    Time outlook_at_{};
    std::optional<compiler::ItemId> asked_;  // whose checks have been told already
};

// "pid 4711 (app, idle in transaction, 5min 3s): UPDATE orders …"
[[nodiscard]] std::string blocker_text(const run::Blocker&);

}  // namespace cairn::report
