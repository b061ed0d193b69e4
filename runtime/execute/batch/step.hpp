// A step that goes in batches: range after range of a key, each a transaction with its cursor in it.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/graph/batch.hpp"
#include "runtime/execute/batch/key.hpp"
#include "runtime/execute/batch/pace.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/execute/strong_locks/clear_way.hpp"
#include "runtime/journal/cursor.hpp"
#include "runtime/undo/claims.hpp"
#include "runtime/undo/batch/copies.hpp"
#include "runtime/undo/recorder.hpp"

namespace cairn::execute {

// One runner's way through the ranges. What it must know of a former runner's stands in the journal.
class BatchStep {
public:
    BatchStep(run::Context&, compiler::ItemId);
    // To the end of the last range, or to where it stops for good; written to the journal.
    UnitResult run();

private:
    using Clock = std::chrono::steady_clock;

    // What became of one range, or of looking for it.
    struct Ended {
        enum class Kind { done, refused, lost, cancelled, fatal, again } kind = Kind::done;
        compiler::Diagnostic error{};
        bool may_pass = false;
    };

    // begin.cpp: before the first range, and again after trouble.
    Ended begin();
    std::optional<Ended> choose_keeping();
    std::optional<Ended> before_again(const Ended&, int attempt);

    // range.cpp: one range, from looking for its end to its commit.
    Ended range();
    std::optional<Ended> clear_way();
    [[nodiscard]] std::vector<compiler::Statement> filled(const compiler::BatchRange&) const;
    [[nodiscard]] compiler::BatchRange bounds(const journal::Cursor&) const;
    std::optional<Ended> watch(journal::Cursor& next);
    std::optional<Ended> send(journal::Cursor& next);
    void add(const std::vector<compiler::Statement>&, std::size_t at, const journal::Cursor& next,
             std::vector<postgres::Command>&, std::vector<const compiler::Statement*>& of);
    std::optional<Ended> read(const std::vector<postgres::Answer>&, const std::vector<const compiler::Statement*>& of,
                              journal::Cursor& next);
    Ended commit(const journal::Cursor& next);
    Ended nothing_left();

    // between.cpp: what is heeded when a range has committed.
    std::optional<Ended> between();
    std::optional<Ended> wait_for_standbys();
    void tell();

    // ../batch.cpp: how a range and the whole have ended.
    UnitResult end_done();
    UnitResult end(const Ended&);
    Ended after_rollback(Ended);
    Ended refused(compiler::Diagnostic);
    // `statement`: the plan's own that the answer is to, if it is to one.
    Ended from_answer(const postgres::Answer&, const std::string& doing, const compiler::Statement* statement = nullptr);
    static Ended from_journal(compiler::Diagnostic);

    run::Context& context_;
    compiler::ItemId id_;
    const compiler::Item& item_;
    const compiler::StepItem& step_;
    const compiler::Batch& batch_;
    postgres::Session* session_ = nullptr;
    BatchKey key_;
    Pace pace_;
    ClearWay way_;
    std::optional<journal::Cursor> cursor_;    // of the last range that has committed
    bool keeps_ = false;                       // the rollback is made from what each range changes
    std::optional<undo::RangeCopies> copies_;  // while copies of a range hold all that it changes
    bool has_copies_ = false;                  // the kept table has been made
    std::vector<undo::Learned> learned_;       // where copies don't do
    std::vector<postgres::Command> entries_;   // of the range's trail
    undo::Claim claim_;                        // of the tables that it changes, within a `parallel`
    bool sees_more_ = false;                   // the statement has changed rows that are not of its range
    std::set<int> behind_;                     // standbys that had fallen behind before the batch began
    std::optional<UnitResult> skipped_;
    bool ready_ = false, finished_ = false;
    compiler::Statement before_, after_;  // stand for the probes among statements
    std::vector<run::ProbedStatement> probes_;
    std::optional<std::chrono::system_clock::time_point> probes_ended_;
    Clock::time_point began_ = Clock::now(), looked_{};
};

}  // namespace cairn::execute
