#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/execute/batch/bound.hpp"
#include "runtime/execute/batch/step.hpp"
#include "runtime/execute/checks.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/undo/trail.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::Statement;
using journal::Cursor;
using postgres::Answer;
using postgres::Command;

auto BatchStep::range() -> Ended {
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

auto BatchStep::clear_way() -> std::optional<Ended> {
    auto found = way_.wait(*session_);
    return found ? std::optional(ended_by<Ended>(std::move(*found))) : std::nullopt;
}

compiler::BatchRange BatchStep::bounds(const Cursor& next) const {
    return {.after = next.after ? key_.literal(*next.after) : "", .last = key_.literal(next.last)};
}

std::vector<Statement> BatchStep::filled(const compiler::BatchRange& range) const {
    std::vector<Statement> statements;
    for (std::size_t i = 0; i < step_.statements.size(); ++i)
        statements.push_back(compiler::fill(step_.statements[i], batch_.holes[i], batch_.column, range));
    return statements;
}

// Whatever the statements change: triggers keep the rows, and the transaction's own counters tell whether they saw all.
auto BatchStep::watch(Cursor& next) -> std::optional<Ended> {
    auto& journal = context_.database_journal();
    undo::Recorder recorder(*session_,
                            {.outside = [this] { return context_.outside(context_.home()); },
                             .earlier = [&journal](const std::set<std::uint32_t>& tables) { return undo::kept_earlier(journal, tables); },
                             .prefix = fmt::format("{}_{}_{}", journal.token().value, id_.index, next.range),
                             .claim = claim_},
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
void BatchStep::add(const std::vector<Statement>& statements, std::size_t at, const Cursor& next, std::vector<Command>& commands, std::vector<const Statement*>& of) {
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

auto BatchStep::read(const std::vector<Answer>& answers, const std::vector<const Statement*>& of, Cursor& next) -> std::optional<Ended> {
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

auto BatchStep::send(Cursor& next) -> std::optional<Ended> {
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

auto BatchStep::commit(const Cursor& next) -> Ended {
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
auto BatchStep::nothing_left() -> Ended {
    const auto answers = session_->pipeline({context_.database_journal().finish_item(id_, item_.name, {}), {"COMMIT", {}, false}});
    for (const auto& a : answers) {
        if (!a.ok()) return after_rollback(from_answer(a, fmt::format("ending `{}`", item_.name)));
    }
    finished_ = true;
    return {};
}

}  // namespace cairn::execute
