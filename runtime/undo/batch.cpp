#include "runtime/undo/batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/execute/execute.hpp"
#include "runtime/journal/cursor.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/journal/silence.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/undo/batch/copies.hpp"
#include "runtime/undo/give_back.hpp"
#include "runtime/undo/remade.hpp"
#include "runtime/undo/rows/restore.hpp"
#include "runtime/undo/rows_of_code.hpp"
#include "runtime/undo/settings.hpp"
#include "runtime/undo/trail.hpp"
#include "runtime/undo/what_to_do.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using compiler::ItemId;
using compiler::StepItem;
using journal::Cursor;
using postgres::Answer;
using postgres::Command;
using postgres::Fate;
using postgres::Session;

namespace {

using Kind = UndoResult::Kind;

class BatchUndo {
public:
    BatchUndo(run::Context& context, ItemId id)
        : context_(context), id_(id), item_(context.item(id)), step_(std::get<StepItem>(item_.body)) {}

    UndoResult run() {
        for (int attempt = 1;;) {
            process::fault_point("undo: before a range");
            UndoResult result = range();
            if (result.kind == Kind::undone) {
                result.in_part = in_part_;
                if (over_) return result;
                attempt = 1;
                if (process::interrupt_requested()) return {.kind = Kind::interrupted, .error = run::interrupted()};
                continue;
            }
            if (session_ != nullptr && session_->alive()) (void)session_->script("ROLLBACK");
            const bool lost = session_ != nullptr && !session_->alive();
            if (attempt > step_.retries || !(may_pass_ || lost)) return result;
            if (!run::pause(context_.backoff(attempt++))) return {.kind = Kind::interrupted, .error = run::interrupted()};
            if (!lost) continue;
            if (auto error = context_.reconnect_patiently(context_.home(), std::max(step_.retries + 1, 2)))
                return {.kind = Kind::fatal, .error = error};
        }
    }

private:
    UndoResult range() {
        may_pass_ = false;
        auto opened = context_.session(context_.home());
        if (auto* error = std::get_if<Diagnostic>(&opened)) return fatal(*error);
        session_ = std::get<Session*>(opened);
        auto read = journal::last_cursor(*session_, context_.run(), id_);
        if (auto* error = std::get_if<Diagnostic>(&read)) return fatal(*error);
        const auto& cursor = std::get<std::optional<Cursor>>(read);
        if (!cursor) {  // its last COMMIT took effect, and the connection was lost
            over_ = true;
            return {};
        }
        xids_.clear();
        if (cursor->copied) {
            if (auto trouble = open()) return *trouble;
            if (auto trouble = give_copies_back(*cursor)) return *trouble;
        } else {
            const std::size_t known = of_code_.size();
            if (auto trouble = give_watched_back(*cursor)) return *trouble;
            if (of_code_.size() > known) return once_more();
        }
        if (auto trouble = close(*cursor)) return *trouble;
        total_ = std::max(total_, cursor->range);
        context_.observer().headway(id_, {.rows = restored_, .portion = 1.0 - static_cast<double>(cursor->range - 1) / total_});
        return {};
    }

    // Copies are made only of tables whose code writes to no others.
    std::optional<UndoResult> give_watched_back(const Cursor& cursor) {
        // The transaction's own counters show what earlier ones left uncounted, unless that is counted first.
        if (auto trouble = send({{"SELECT pg_catalog.pg_stat_force_next_flush()", {}, true}})) return trouble;
        if (auto trouble = open()) return trouble;
        auto& journal = context_.database_journal();
        RowsOfCode code;
        if (auto error = code.begin(*session_, journal, of_code_)) {
            if (!may_not_watch(*error) || context_.settings().on_conflict == OnConflict::stop) return failed(std::move(*error));
            in_part_ = true;
            if (auto trouble = say({left_there(*error)})) return trouble;
        }
        std::set<std::uint32_t> expected = of_code_;
        if (auto trouble = give_entries_back(cursor, expected)) return trouble;
        auto more = written_besides(*session_, expected);
        if (auto* error = std::get_if<Diagnostic>(&more)) return failed(std::move(*error));
        of_code_.merge(std::get<0>(more));
        auto ended = code.end(*session_, journal);
        if (auto* error = std::get_if<Diagnostic>(&ended)) return failed(std::move(*error));
        const auto& xids = std::get<0>(ended);
        xids_.insert(xids_.end(), xids.begin(), xids.end());
        return std::nullopt;
    }

    // Functions have written to tables that were not watched: from now on they are.
    UndoResult once_more() {
        const Answer a = session_->script("ROLLBACK");
        return a.ok() ? UndoResult{} : refused(a);
    }

    std::optional<UndoResult> open() {
        context_.in_force().known = false;
        const journal::StepLimits limits{.lock_timeout = step_.lock_timeout, .statement_timeout = step_.statement_timeout};
        if (auto trouble = send({{"RESET SESSION AUTHORIZATION", {}, false}, {"RESET ALL", {}, false}, {"BEGIN", {}, false},
                                 context_.database_journal().fence(limits, journal::DatabaseJournal::Lasting::transaction)}))
            return trouble;
        const Answer pinned = session_->script(undo_settings(false));
        return pinned.ok() ? std::nullopt : std::optional(refused(pinned));
    }

    std::optional<UndoResult> give_copies_back(const Cursor& cursor) {
        auto stored = copies();
        if (auto* trouble = std::get_if<UndoResult>(&stored)) return *trouble;
        const KeptRows& all = std::get<KeptRows>(stored);
        auto remade = context_.database_journal().all_remade();
        if (auto* error = std::get_if<Diagnostic>(&remade)) return fatal(*error);
        KeptRows rows;
        if (auto trouble = send(take_out(all, cursor.range, rows))) return trouble;
        std::vector<KeptRows> of_range{std::move(rows)};
        find_columns(of_range, std::get<0>(remade));
        // By its index, row after row: a range is little beside the table, whatever the planner makes of the two.
        if (auto trouble = send({{"SET LOCAL enable_hashjoin = off", {}, false}, {"SET LOCAL enable_mergejoin = off", {}, false}})) return trouble;
        if (auto trouble = give_back({.rows = std::move(of_range), .sequences = {}})) return trouble;
        return send({drop_range(all, cursor.range)});
    }

    std::optional<UndoResult> give_entries_back(const Cursor& cursor, std::set<std::uint32_t>& tables) {
        auto read = journal::entries_of(*session_, context_.run(), id_, cursor.range);
        if (auto* error = std::get_if<Diagnostic>(&read)) return fatal(*error);
        for (const auto& detail : std::get<std::vector<std::string>>(read)) {
            const auto entry = entry_from_json(detail);
            if (!entry) return failed(run::problem(829, fmt::format("the undo trail of `{}` can't be read: it was written by another cairn, or changed", item_.name)));
            GivenBack given = undo::give_back(*session_, context_.database_journal(), *entry, context_.settings().on_conflict);
            if (given.refused) return refused(*given.refused);
            if (given.conflict) return UndoResult{.kind = Kind::conflict, .error = located(*given.conflict)};
            if (given.error) return failed(*given.error);
            xids_.insert(xids_.end(), given.xids.begin(), given.xids.end());
            tables.merge(given.tables);
            in_part_ = in_part_ || given.in_part;
            if (auto trouble = say(given.said)) return trouble;
        }
        return std::nullopt;
    }

    std::variant<KeptRows, UndoResult> copies() {
        auto read = journal::copies_of(*session_, context_.run(), id_);
        if (auto* error = std::get_if<Diagnostic>(&read)) return fatal(*error);
        const auto& text = std::get<std::optional<std::string>>(read);
        auto kept = kept_from_json(text.value_or("{}"));
        if (auto* error = std::get_if<Diagnostic>(&kept)) return failed(*error);
        if (std::get<Kept>(kept).rows.size() != 1)
            return failed(run::problem(884, fmt::format("the undo trail of `{}` does not say where its rows are kept", item_.name)));
        return std::get<Kept>(kept).rows.front();
    }

    std::optional<UndoResult> give_back(const Kept& kept) {
        const auto how = context_.settings().on_conflict;
        auto done = restore(*session_, kept, how, context_.database_journal().own_xids_query());
        if (auto* error = std::get_if<Diagnostic>(&done)) return failed(*error);
        const auto& result = std::get<RestoreResult>(done);
        if (result.conflict_count > 0) {
            if (how == OnConflict::stop || !result.gave_back) return UndoResult{.kind = Kind::conflict, .error = located(conflicts_found(result))};
            in_part_ = in_part_ || leaves_something(result, how);
            if (auto trouble = say(in_words(result, how))) return trouble;
        }
        std::vector<postgres::Command> remade;
        for (const auto& [was, is] : result.remade)
            remade.push_back(context_.database_journal().remade("pg_constraint " + was, "pg_constraint " + is));
        for (const auto& a : session_->pipeline(remade)) {
            if (!a.ok()) return failed(journal::journal_error(a, "writing down what was made again"));
        }
        xids_.insert(xids_.end(), result.xids.begin(), result.xids.end());
        restored_ += static_cast<std::int64_t>(result.restored);
        return std::nullopt;
    }

    // Out loud: to whoever looks on, and in the journal.
    std::optional<UndoResult> say(const std::vector<std::string>& lines) {
        std::vector<Command> commands;
        for (const auto& line : lines) {
            context_.observer().message(line);
            commands.push_back(context_.database_journal().say(item_.name, "conflict", line));
        }
        return send(commands);
    }

    // Out of the trail, and with the last one the item's end.
    std::optional<UndoResult> close(const Cursor& cursor) {
        auto commands = journal::forget_range(context_.run(), id_, cursor.range, xids_);
        const bool last = cursor.range == 1 || !has_former(cursor);
        if (last) {
            auto stored = journal::copies_of(*session_, context_.run(), id_);
            if (auto* error = std::get_if<Diagnostic>(&stored)) return fatal(*error);
            if (const auto& text = std::get<std::optional<std::string>>(stored)) {
                auto kept = kept_from_json(*text);
                if (auto* error = std::get_if<Diagnostic>(&kept)) return failed(*error);
                std::vector<Command> drops;
                for (const auto& rows : std::get<Kept>(kept).rows) drops.push_back({"DROP TABLE IF EXISTS " + rows.kept_table, {}, false});
                for (auto& command : journal::in_silence(std::move(drops))) commands.push_back(std::move(command));
            }
            commands.push_back(context_.database_journal().item_undone(id_, item_.name, in_part_));
        }
        for (auto& command : session_->commit()) commands.push_back(std::move(command));
        process::fault_point("undo: before a range's commit");
        auto trouble = send(commands);
        process::fault_point("undo: after a range's commit");
        if (!trouble) over_ = last;
        return trouble;
    }

    // Of ranges that keep nothing only the last one stands in the trail.
    [[nodiscard]] bool has_former(const Cursor& cursor) const {
        return cursor.after.has_value() && item_.undo.kind == compiler::Undo::Kind::difference && step_.keep_rows;
    }

    std::optional<UndoResult> send(const std::vector<Command>& commands) {
        if (commands.empty()) return std::nullopt;
        for (const Answer& a : session_->pipeline(commands)) {
            if (!a.ok()) return refused(a);
        }
        return std::nullopt;
    }

    UndoResult refused(const Answer& answer) {
        if (answer.fate == Fate::lost || answer.error.sqlstate == "CA001")
            return fatal(journal::journal_error(answer, fmt::format("undoing `{}`", item_.name)));
        if (answer.fate == Fate::cancelled) return {.kind = Kind::interrupted, .error = run::interrupted()};
        may_pass_ = execute::may_pass(answer.error);
        return failed(run::problem(822, fmt::format("undoing a range of `{}` failed: {} ({})", item_.name, answer.error.message, answer.error.sqlstate)));
    }
    static UndoResult fatal(Diagnostic error) { return {.kind = Kind::fatal, .error = std::move(error)}; }
    UndoResult failed(Diagnostic error) {
        if (error.code == 709) return fatal(std::move(error));
        may_pass_ = may_pass_ || execute::may_pass(error);
        return {.kind = Kind::failed, .error = located(std::move(error))};
    }
    Diagnostic located(Diagnostic d) {
        if (!d.where) d.where = item_.where;
        return with_help(std::move(d), context_.run());
    }

    run::Context& context_;
    ItemId id_;
    const compiler::Item& item_;
    const StepItem& step_;
    Session* session_ = nullptr;
    std::vector<std::string> xids_;  // of subtransactions that have given rows back
    std::set<std::uint32_t> of_code_;  // tables that functions write to while ranges are given back
    std::int64_t restored_ = 0;
    int total_ = 1;                  // ranges there were
    bool over_ = false, may_pass_ = false, in_part_ = false;
};

}  // namespace

std::variant<bool, Diagnostic> batch_has_begun(run::Context& context, ItemId id) {
    auto opened = context.session(context.home());
    if (auto* error = std::get_if<Diagnostic>(&opened)) return *error;
    auto read = journal::last_cursor(*std::get<Session*>(opened), context.run(), id);
    if (auto* error = std::get_if<Diagnostic>(&read)) return *error;
    return std::get<std::optional<Cursor>>(read).has_value();
}

UndoResult undo_batch(run::Context& context, ItemId id) { return BatchUndo(context, id).run(); }

}  // namespace cairn::undo
