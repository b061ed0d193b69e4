// A step that goes in batches: range after range of a key, each a transaction with its cursor in it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/graph/batch.hpp"
#include "runtime/execute/batch/bound.hpp"
#include "runtime/execute/batch/key.hpp"
#include "runtime/execute/batch/lag.hpp"
#include "runtime/execute/batch/pace.hpp"
#include "runtime/execute/checks.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/execute/strong_locks/clear_way.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/journal/cursor.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/undo/batch/copies.hpp"
#include "runtime/undo/recorder.hpp"
#include "runtime/undo/trail.hpp"

namespace cairn::execute {

using compiler::Batch;
using compiler::Diagnostic;
using compiler::ItemId;
using compiler::Statement;
using compiler::StepItem;
using journal::Cursor;
using journal::ItemState;
using postgres::Answer;
using postgres::Command;
using postgres::Fate;
using postgres::Session;
using schedule::Outcome;

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// What became of one range, or of looking for it.
struct Ended {
    enum class Kind { done, refused, lost, cancelled, fatal, again } kind = Kind::done;
    Diagnostic error{};
    bool may_pass = false;
};

class BatchStep {
public:
    BatchStep(run::Context& context, ItemId id)
        : context_(context), id_(id), item_(context.item(id)), step_(std::get<StepItem>(item_.body)), batch_(*step_.batch),
          pace_(batch_.by, context.settings().range), way_(context, {id}, ClearWay::Direction::forward) {}

    UnitResult run() {
        for (int attempt = 1;;) {
            process::fault_point("batch: before a range");
            const auto began = Clock::now();
            Ended ended = ready_ ? range() : begin();
            if (skipped_) return std::move(*skipped_);
            if (ended.kind == Ended::Kind::done) {
                if (finished_) return end_done();
                if (std::exchange(ready_, true)) {
                    attempt = 1;
                    pace_.took(elapsed(began));
                    tell();
                    if (auto trouble = between()) return end(*trouble);
                }
                continue;
            }
            if (ended.kind == Ended::Kind::again) continue;
            if (process::interrupt_requested()) ended = {.kind = Ended::Kind::cancelled, .error = run::interrupted()};
            const bool again = ended.kind == Ended::Kind::lost || (ended.kind == Ended::Kind::refused && ended.may_pass);
            if (!again || attempt > step_.retries) return end(ended);
            if (auto trouble = before_again(ended, attempt++)) return end(*trouble);
        }
    }

private:
    // ------------------------------------------------ the beginning

    // Before the first range, and again after trouble: the journal says how far the batch has come.
    Ended begin() {
        auto opened = context_.session(context_.home());
        if (auto* error = std::get_if<Diagnostic>(&opened)) return {.kind = Ended::Kind::fatal, .error = *error};
        session_ = std::get<Session*>(opened);
        auto read = journal::last_cursor(*session_, context_.run(), id_);
        if (auto* error = std::get_if<Diagnostic>(&read)) return from_journal(*error);
        cursor_ = std::get<std::optional<Cursor>>(read);
        if (cursor_) {
            pace_.continue_with(cursor_->size);
        } else if ((skipped_ = skipped_by_when(context_, id_))) {
            return {};
        }
        context_.in_force().known = false;
        const Answer reset = session_->script("RESET SESSION AUTHORIZATION; RESET ALL");
        if (!reset.ok()) return from_answer(reset, "setting the session back");
        auto key = look_at_key(*session_, batch_, item_.where);
        if (auto* unfit = std::get_if<UnfitKey>(&key)) return {.kind = Ended::Kind::refused, .error = unfit->error};
        if (auto* answer = std::get_if<Answer>(&key)) return from_answer(*answer, "looking at the batch's key");
        key_ = std::get<BatchKey>(key);
        if (auto trouble = choose_keeping()) return *trouble;
        auto behind = behind_already(*session_, context_.settings().lag);
        if (auto* answer = std::get_if<Answer>(&behind)) return from_answer(*answer, "looking at the standbys");
        behind_ = std::get<std::set<int>>(behind);
        return {};
    }

    // How the old rows of each range are kept.
    std::optional<Ended> choose_keeping() {
        keeps_ = item_.undo.kind == compiler::Undo::Kind::difference && step_.keep_rows;
        if (!keeps_ || sees_more_) return std::nullopt;
        auto stored = journal::copies_of(*session_, context_.run(), id_);
        if (auto* error = std::get_if<Diagnostic>(&stored)) return from_journal(*error);
        const auto& kept = std::get<std::optional<std::string>>(stored);
        has_copies_ = kept.has_value();
        // The lease's token makes the name new in this database.
        std::string name = fmt::format("kept_{}_{}_batch", context_.database_journal().token().value, id_.index);
        if (kept) {
            auto read = undo::kept_from_json(*kept);
            if (auto* error = std::get_if<Diagnostic>(&read)) return Ended{.kind = Ended::Kind::fatal, .error = *error};
            const std::string& table = std::get<undo::Kept>(read).rows.at(0).kept_table;
            name = table.substr(table.find('.') + 1);
        }
        auto copies = undo::RangeCopies::of(*session_, step_, key_.table, name);
        if (auto* error = std::get_if<Diagnostic>(&copies)) return from_journal(*error);
        copies_ = std::get<std::optional<undo::RangeCopies>>(std::move(copies));
        constexpr std::size_t room = journal::entries_a_range - 1;
        const std::size_t stretches = undo::stretches(step_).size();
        if (copies_ || stretches <= room) return std::nullopt;
        return Ended{.kind = Ended::Kind::refused,
                     .error = run::problem(885, fmt::format("`{}` has {} statements that call functions, and the trail of a range has room for {}",
                                                            item_.name, stretches, room), {}, item_.where)};
    }

    std::optional<Ended> before_again(const Ended& ended, int attempt) {
        const auto wait = context_.backoff(attempt);
        context_.observer().retrying(id_, attempt, wait, ended.error);
        if (ended.kind == Ended::Kind::refused) {
            pace_.refused();
            if (auto error = context_.journal().event(item_.name, "retry", ended.error.message); error && error->code != 709) return from_journal(*error);
        }
        if (!run::pause(wait)) return Ended{.kind = Ended::Kind::cancelled, .error = run::interrupted()};
        if (session_ == nullptr || session_->alive()) return std::nullopt;
        ready_ = false;
        if (auto error = context_.reconnect_patiently(context_.home(), std::max(step_.retries + 1, 2)))
            return Ended{.kind = Ended::Kind::fatal, .error = *error};
        return std::nullopt;
    }

    // ------------------------------------------------ one range

    Ended range() {
        const bool watched = keeps_ && !copies_;
        if (watched) {  // triggers keep its rows, and they take strong locks
            if (auto trouble = clear_way()) return *trouble;
        }
        // The transaction's own counters show what earlier transactions left uncounted, unless that is counted first.
        if (watched) {
            const Answer flushed = session_->query("SELECT pg_catalog.pg_stat_force_next_flush()");
            if (!flushed.ok()) return from_answer(flushed, "beginning a range");
        }
        journal::StepLimits limits{.lock_timeout = step_.lock_timeout, .statement_timeout = step_.statement_timeout};
        // Copies are what the statement changes: they see the same rows, or a serialization failure says they don't.
        std::vector<Command> opening = {{copies_ ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN", {}, false},
                                        context_.database_journal().fence(limits, journal::DatabaseJournal::Lasting::transaction)};
        const std::size_t bound_at = opening.size() + bound_answer;
        for (auto& command : find_bound(key_, batch_.column, cursor_, pace_.size())) opening.push_back(std::move(command));
        const auto answers = session_->pipeline(opening);
        for (const auto& a : answers) {
            if (!a.ok()) return after_rollback(from_answer(a, fmt::format("looking for the next range of `{}`", item_.name)));
        }
        process::fault_point("batch: with a range found");
        const auto& found = answers[bound_at].rows.at(0);
        if (!found[1]) return nothing_left();
        Cursor next = cursor_.value_or(Cursor{});
        if (cursor_) next.after = cursor_->last;
        ++next.range;
        next.end = *found[1];
        next.last = found[0].value_or(next.end);
        next.size = pace_.size();
        if (next.range == 1) probes_.clear();  // of a try before this one
        if (found[0]) next.visited += pace_.size();
        if (auto trouble = watched ? watch(next) : send(next)) return after_rollback(*trouble);
        return commit(next);
    }

    std::optional<Ended> clear_way() {
        auto found = way_.wait(*session_);
        if (!found) return std::nullopt;
        switch (found->kind) {
            case NotClear::Kind::lost: return Ended{.kind = Ended::Kind::lost, .error = std::move(found->error)};
            case NotClear::Kind::cancelled: return Ended{.kind = Ended::Kind::cancelled, .error = std::move(found->error)};
            case NotClear::Kind::fatal: return Ended{.kind = Ended::Kind::fatal, .error = std::move(found->error)};
            case NotClear::Kind::gave_up: break;
        }
        return Ended{.kind = Ended::Kind::refused, .error = std::move(found->error)};
    }

    [[nodiscard]] compiler::BatchRange bounds(const Cursor& next) const {
        return {.after = next.after ? key_.literal(*next.after) : "", .last = key_.literal(next.last)};
    }

    [[nodiscard]] std::vector<Statement> filled(const compiler::BatchRange& range) const {
        std::vector<Statement> statements;
        for (std::size_t i = 0; i < step_.statements.size(); ++i)
            statements.push_back(compiler::fill(step_.statements[i], batch_.holes[i], batch_.column, range));
        return statements;
    }

    // Whatever the statements change: triggers keep the rows, and the transaction's own counters tell whether they saw all.
    std::optional<Ended> watch(Cursor& next) {
        auto& journal = context_.database_journal();
        undo::Recorder recorder(*session_,
                                {.outside = [this] { return context_.outside(context_.home()); },
                                 .earlier = [&journal](const std::set<std::uint32_t>& tables) { return undo::kept_earlier(journal, tables); },
                                 .prefix = fmt::format("{}_{}_{}", journal.token().value, id_.index, next.range)},
                                learned_);
        const auto statements = filled(bounds(next));
        int seq = journal::first_seq(next.range);
        entries_.clear();
        const auto stretches = undo::stretches(step_);
        for (const auto& stretch : stretches) {
            if (auto error = recorder.before(stretch, step_)) return refused(std::move(*error));
            std::vector<Command> commands;
            std::vector<const Statement*> of;
            for (const std::size_t i : stretch.statements) add(statements, i, next, commands, of);
            // Checks and triggers that wait for the end may speak up, or change more rows.
            if (&stretch == &stretches.back()) {
                commands.push_back({"SET CONSTRAINTS ALL IMMEDIATE", {}, false});
                of.push_back(nullptr);
            }
            process::fault_point("batch: before sending");
            const auto answers = session_->pipeline(commands);
            process::fault_point("batch: after sending");
            if (auto trouble = read(answers, of, next)) return trouble;
            auto seen = recorder.after(step_);
            if (auto* error = std::get_if<Diagnostic>(&seen)) return refused(std::move(*error));
            if (std::holds_alternative<undo::Recorder::Again>(seen)) return Ended{.kind = Ended::Kind::again};
            const auto& entry = std::get<undo::Entry>(seen);
            if (!entry.empty()) entries_.push_back(journal.note_difference(id_, seq++, undo::summary(entry), undo::to_json(entry)));
        }
        if (auto error = recorder.close()) return refused(std::move(*error));
        return std::nullopt;
    }

    // A rehearsal measures the first range: what the others do is the same, and as many probes as ranges would be no help.
    void add(const std::vector<Statement>& statements, std::size_t at, const Cursor& next, std::vector<Command>& commands,
             std::vector<const Statement*>& of) {
        const auto& probe = context_.settings().probe;
        const bool probed = !probe.empty() && next.range == 1;
        const auto look = [&](const Statement& when) {
            if (!probed) return;
            commands.push_back({probe, {}, false});
            of.push_back(&when);
        };
        if (probed) probes_.push_back({.statement = at, .before = {}, .after = {}, .rows = {}});
        look(before_);
        commands.push_back({statements[at].sql.text, {}, false});
        of.push_back(&statements[at]);
        look(after_);
    }

    std::optional<Ended> read(const std::vector<Answer>& answers, const std::vector<const Statement*>& of, Cursor& next) {
        const auto probes = static_cast<std::size_t>(std::count(of.begin(), of.end(), &before_));
        auto probed = probes_.end() - static_cast<std::ptrdiff_t>(probes);  // the statement that these are of
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const bool own = of[i] == nullptr || of[i] == &before_ || of[i] == &after_;
            if (!answers[i].ok()) return from_answer(answers[i], fmt::format("running `{}`", item_.name), own ? nullptr : of[i]);
            if (of[i] == &before_) probed->before = answers[i].rows;
            if (!own && changes_rows(answers[i].tag)) {
                next.rows += static_cast<std::int64_t>(answers[i].affected);
                if (probes > 0) probed->rows = static_cast<std::int64_t>(answers[i].affected);
            }
            if (of[i] == &after_) (probed++)->after = answers[i].rows;
        }
        return std::nullopt;
    }

    Ended refused(Diagnostic error) {
        if (!error.where) error.where = item_.where;
        const bool passes = may_pass(error);
        return {.kind = session_->alive() ? Ended::Kind::refused : Ended::Kind::lost, .error = std::move(error), .may_pass = passes};
    }

    std::optional<Ended> send(Cursor& next) {
        const compiler::BatchRange range = bounds(next);
        const auto statements = filled(range);
        std::vector<Command> commands;
        if (copies_) commands = copies_->before(!has_copies_, range);
        std::vector<const Statement*> of(commands.size(), nullptr);
        for (std::size_t i = 0; i < statements.size(); ++i) add(statements, i, next, commands, of);
        if (copies_) commands.push_back(copies_->after(next.range, range));
        of.resize(commands.size(), nullptr);
        process::fault_point("batch: before sending");
        const auto answers = session_->pipeline(commands);
        process::fault_point("batch: after sending");
        if (auto trouble = read(answers, of, next)) return trouble;
        const auto first = static_cast<std::size_t>(std::find(of.begin(), of.end(), &statements.front()) - of.begin());
        if (copies_ && answers[first].affected != answers.back().affected) {  // rows that are not of the range
            copies_.reset();
            sees_more_ = true;
            return Ended{.kind = Ended::Kind::again};
        }
        next.copied = copies_.has_value();
        return std::nullopt;
    }

    Ended commit(const Cursor& next) {
        auto& journal = context_.database_journal();
        std::vector<Command> commands = journal::note_cursor(context_.run(), id_, next, keeps_);
        if (keeps_ && !copies_) commands.insert(commands.end(), entries_.begin(), entries_.end());
        if (copies_ && !has_copies_) {
            const undo::Kept kept{.rows = {copies_->rows()}, .sequences = {}};
            commands.push_back(journal.note_difference(id_, journal::copies_seq, "rows of " + copies_->rows().table,
                                                       fmt::format("{{\"kept\": {}}}", undo::to_json(kept))));
        }
        if (next.is_at_end()) commands.push_back(journal.finish_item(id_, item_.name, {}));
        for (auto& command : session_->commit()) commands.push_back(std::move(command));
        process::fault_point("batch: before commit");
        const auto answers = session_->pipeline(commands);
        process::fault_point("batch: after commit");
        for (const auto& a : answers) {
            if (!a.ok()) return after_rollback(from_answer(a, fmt::format("committing a range of `{}`", item_.name)));
        }
        has_copies_ = has_copies_ || next.copied;
        if (next.range == 1) probes_ended_ = std::chrono::system_clock::now();
        cursor_ = next;
        finished_ = next.is_at_end();
        return {};
    }

    // An empty table.
    Ended nothing_left() {
        const auto answers = session_->pipeline({context_.database_journal().finish_item(id_, item_.name, {}), {"COMMIT", {}, false}});
        for (const auto& a : answers) {
            if (!a.ok()) return after_rollback(from_answer(a, fmt::format("ending `{}`", item_.name)));
        }
        finished_ = true;
        return {};
    }

    // ------------------------------------------------ between two ranges

    std::optional<Ended> between() {
        if (process::interrupt_requested()) return Ended{.kind = Ended::Kind::cancelled, .error = run::interrupted()};
        if (context_.lease_lost())
            return Ended{.kind = Ended::Kind::fatal, .error = run::problem(714, "another runner has taken over this run", "cairn status " + context_.run())};
        if (context_.settings().rehearsal) return std::nullopt;
        if (batch_.pause.count() > 0 && !run::pause(batch_.pause)) return Ended{.kind = Ended::Kind::cancelled, .error = run::interrupted()};
        return wait_for_standbys();
    }

    std::optional<Ended> wait_for_standbys() {
        constexpr auto between_looks = milliseconds(250);
        const auto now = Clock::now();
        if (now - looked_ < between_looks) return std::nullopt;
        for (bool told = false;; told = true) {
            looked_ = Clock::now();
            auto found = furthest_behind(*session_, behind_);
            if (std::holds_alternative<Answer>(found)) return std::nullopt;  // the next range says what is wrong
            const auto& standby = std::get<Standby>(found);
            if (standby.lag <= context_.settings().lag) return std::nullopt;
            if (!told) {
                const std::string text = fmt::format("standby {} is {:.1f} s behind: `{}` waits", standby.name,
                                                     static_cast<double>(standby.lag.count()) / 1000, item_.name);
                context_.observer().message(text);
                if (auto error = context_.journal().event(item_.name, "waiting", text)) return from_journal(*error);
            }
            if (!run::pause(between_looks)) return Ended{.kind = Ended::Kind::cancelled, .error = run::interrupted()};
        }
    }

    void tell() {
        run::Headway headway{.rows = cursor_->rows, .portion = {}};
        if (key_.rows > 0) headway.portion = std::min(0.99, static_cast<double>(cursor_->visited) / key_.rows);
        context_.observer().headway(id_, headway);
    }

    // ------------------------------------------------ the end

    UnitResult end_done() {
        run::ItemOutcome ended;
        ended.took = elapsed(began_);
        if (cursor_) ended.rows = cursor_->rows;
        ended.probes = std::move(probes_);
        ended.probes_ended = probes_ended_;
        context_.observer().item_ended(id_, ended);
        UnitResult result;
        result.states = {ItemState::done};
        return result;
    }

    UnitResult end(const Ended& ended) {
        if (ended.kind == Ended::Kind::fatal) return fatal(ended.error);
        run::ItemOutcome outcome;
        outcome.state = ItemState::failed;
        outcome.took = elapsed(began_);
        outcome.error = ended.error;
        if (cursor_) outcome.rows = cursor_->rows;
        return end_item(context_, id_, ended.kind == Ended::Kind::cancelled ? Outcome::interrupted : Outcome::failed, std::move(outcome));
    }

    Ended after_rollback(Ended ended) {
        if (session_->alive() && !session_->script("ROLLBACK").ok()) ended.kind = Ended::Kind::lost;
        return ended;
    }

    Ended from_answer(const Answer& answer, const std::string& doing, const Statement* statement = nullptr) {
        if (answer.fate == Fate::lost) return {.kind = Ended::Kind::lost, .error = journal::journal_error(answer, doing)};
        if (answer.fate == Fate::cancelled) return {.kind = Ended::Kind::cancelled, .error = run::interrupted()};
        if (answer.error.sqlstate == "CA001") return {.kind = Ended::Kind::fatal, .error = journal::journal_error(answer, doing)};
        Ended ended{.kind = Ended::Kind::refused, .error = {}, .may_pass = may_pass(answer.error)};
        ended.error = statement != nullptr ? server_diagnostic(answer.error, *statement, 708)
                                           : run::problem(708, fmt::format("{}: {} ({})", doing, answer.error.message, answer.error.sqlstate),
                                                          answer.error.detail, item_.where);
        return ended;
    }

    static Ended from_journal(Diagnostic error) {
        const auto kind = error.code == 709 ? Ended::Kind::lost : Ended::Kind::fatal;
        return {.kind = kind, .error = std::move(error)};
    }

    run::Context& context_;
    ItemId id_;
    const compiler::Item& item_;
    const StepItem& step_;
    const Batch& batch_;
    Session* session_ = nullptr;
    BatchKey key_;
    Pace pace_;
    ClearWay way_;
    std::optional<Cursor> cursor_;
    bool keeps_ = false;                        // the rollback is made from what each range changes
    std::optional<undo::RangeCopies> copies_;   // while copies of a range hold all that it changes
    bool has_copies_ = false;                   // the kept table has been made
    std::vector<undo::Learned> learned_;                     // where copies don't do
    std::vector<Command> entries_;              // of the range's trail
    bool sees_more_ = false;                    // the statement has changed rows that are not of its range
    std::set<int> behind_;      // standbys that had fallen behind before the batch began
    std::optional<UnitResult> skipped_;
    bool ready_ = false, finished_ = false;
    Statement before_, after_;  // stand for the probes among statements
    std::vector<run::ProbedStatement> probes_;
    std::optional<std::chrono::system_clock::time_point> probes_ended_;
    Clock::time_point began_ = Clock::now(), looked_{};
};

}  // namespace

UnitResult execute_batch(run::Context& context, ItemId id) { return BatchStep(context, id).run(); }

}  // namespace cairn::execute
