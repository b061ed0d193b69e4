// Steps whose way back is made from what they change.
#include <fmt/format.h>

#include "runtime/execute/attempt.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/undo/claims.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::Statement;
using compiler::StepItem;

namespace {

// Of a table whose rows are to be kept: ALTER TABLE is refused then.
bool has_checks_pending(const Trouble& trouble) {
    return trouble.kind == Trouble::Kind::refused && trouble.error.code == 862 && trouble.error.message.ends_with("(55006)");
}

}  // namespace

std::optional<Trouble> Attempt::own_trouble(Diagnostic error) {
    Trouble trouble{.kind = session_.alive() ? Trouble::Kind::refused : Trouble::Kind::lost, .item = at_, .error = std::move(error)};
    trouble.may_pass = may_pass(trouble.error);
    trouble.stepped_aside = patience_ && trouble.error.message.ends_with("(55P03)");
    if (!trouble.error.where) trouble.error.where = item().where;
    return trouble;
}

std::optional<Trouble> Attempt::add_watched_step(const StepItem& step) {
    if (auto trouble = flush()) return trouble;  // BEGIN, the fence and settings: what follows asks and answers
    if (!recorder_) {
        // The lease's token makes the name new in this database even for a second run of the same item.
        auto& journal = context_.database_journal();
        recorder_.emplace(session_,
                          undo::Recorder::Of{.outside = [this] { return context_.outside(context_.home()); },
                                             .earlier = [&journal](const std::set<std::uint32_t>& tables) { return undo::kept_earlier(journal, tables); },
                                             .prefix = fmt::format("{}_{}", journal.token().value, unit_.items.front().index),
                                             .claim = undo::claim_for(context_, unit_.items[at_])},
                          lessons_.stretches);
    }
    ActingAs role;
    stretch_ = 0;
    const auto stretches = lessons_.in_one.contains(at_) ? undo::one_stretch(step) : undo::stretches(step);
    for (const auto& stretch : stretches) {
        const bool last = &stretch == &stretches.back() && at_ + 1 == unit_.items.size();
        auto trouble = run_stretch(stretch, last, step, role);
        if (trouble && &stretch != &stretches.front() && has_checks_pending(*trouble)) {
            lessons_.in_one.insert(at_);
            lessons_.stretches.clear();  // they have other numbers now
            return Trouble{.kind = Trouble::Kind::again, .item = at_, .error = {}};
        }
        if (trouble) return trouble;
    }
    own(role.leave());
    own(context_.database_journal().finish_item(unit_.items[at_], item().name, {}));
    return std::nullopt;
}

// Checks and triggers that wait for the end may speak up, or change more rows, before what watches is taken off.
std::optional<Trouble> Attempt::close_recorder() {
    if (!recorder_) return std::nullopt;
    own({"SET CONSTRAINTS ALL IMMEDIATE", {}, false});
    if (patience_) shorten_patience();
    if (auto trouble = flush()) return trouble;
    if (auto error = recorder_->close()) return own_trouble(*error);
    return count_filled();
}

void Attempt::note_made(const undo::Entry& entry) {
    Made made{.item = unit_.items[at_], .seq = stretch_, .tables = {}};
    for (const auto& guard : entry.guards) {
        if (guard.made && guard.id.catalog == "pg_class") made.tables.insert(guard.id.oid);
    }
    if (!made.tables.empty()) made_.push_back(std::move(made));
    for (const auto& rows : entry.kept.rows) kept_of_.insert(rows.oid);
}

std::optional<Trouble> Attempt::count_filled() {
    if (made_.empty() || !undo::gives_all_rows_back(context_)) return std::nullopt;
    std::set<std::uint32_t> tables;
    for (const auto& made : made_) {
        for (const auto oid : made.tables) {
            // Its rows go with an entry of their own, before it.
            if (!kept_of_.contains(oid)) tables.insert(oid);
        }
    }
    auto counted = undo::count_rows(session_, tables);
    if (auto* error = std::get_if<Diagnostic>(&counted)) return own_trouble(*error);
    for (const auto& made : made_) {
        std::vector<undo::Filled> filled;
        for (const auto& [oid, count] : std::get<0>(counted)) {
            if (made.tables.contains(oid) && count.rows > 0) filled.push_back({.table = {"pg_class", oid}, .rows = count.rows});
        }
        if (!filled.empty()) own(context_.database_journal().note_filled(made.item, made.seq, undo::to_json(filled)));
    }
    return std::nullopt;
}

std::optional<Trouble> Attempt::run_stretch(const undo::Stretch& stretch, bool last, const StepItem& step, ActingAs& role) {
    const auto as_itself = [&] {
        own(role.leave());
        return flush();
    };
    // What watches takes strong locks, too.
    if (patience_) shorten_patience();
    if (auto trouble = as_itself()) return trouble;
    if (auto error = recorder_->before(stretch, step)) return own_trouble(*error);
    if (patience_) own_patience();
    own(role.enter());
    for (const std::size_t i : stretch.statements) {
        const Statement& statement = step.statements[i];
        if (statement.facts.set_transaction && at_ == 0) continue;
        user(statement);
        role.note(statement);
    }
    if (auto trouble = flush()) return trouble;
    if (last) own({"SET CONSTRAINTS ALL IMMEDIATE", {}, false});
    if (auto trouble = as_itself()) return trouble;
    if (patience_) shorten_patience();
    if (auto trouble = flush()) return trouble;
    process::fault_point("watched: before looking");
    auto seen = recorder_->after(step);
    process::fault_point("watched: after looking");
    if (patience_) own_patience();
    if (auto* error = std::get_if<Diagnostic>(&seen)) return own_trouble(*error);
    if (std::holds_alternative<undo::Recorder::Again>(seen)) return Trouble{.kind = Trouble::Kind::again, .item = at_, .error = {}};
    const auto& entry = std::get<undo::Entry>(seen);
    if (!entry.empty()) {
        note_made(entry);
        own(context_.database_journal().note_difference(unit_.items[at_], stretch_++, undo::summary(entry), undo::to_json(entry)));
    }
    own(role.enter());
    return std::nullopt;
}

}  // namespace cairn::execute
