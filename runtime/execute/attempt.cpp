#include "runtime/execute/attempt.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/graph/strong_locks.hpp"
#include "runtime/execute/checks.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/journal/definition_parts.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::ItemId;
using compiler::Statement;
using compiler::StepItem;
using journal::ItemState;
using journal::UndoRow;
using postgres::Answer;
using postgres::Command;
using postgres::Fate;
using postgres::Session;
using schedule::Outcome;
using schedule::Unit;

using Clock = std::chrono::steady_clock;

std::optional<Trouble> Attempt::run() {
    const bool counts = std::any_of(unit_.items.begin(), unit_.items.end(), [&](ItemId id) {
        return undo::is_watched(context_, context_.item(id)) || undo::may_change_unseen(context_, context_.item(id));
    });
    // The group's locks are not to be held while another server is looked for.
    others_ = std::make_unique<OtherDatabases>(context_.settings().conninfo, "cairn " + context_.run());
    for (const ItemId id : unit_.items) others_->connect_for(context_.item(id));
    // The transaction's own counters show what earlier transactions left uncounted, unless that is counted first.
    if (counts) own({"SELECT pg_catalog.pg_stat_force_next_flush()", {}, true});
    own({"BEGIN", {}, false});
    for (at_ = 0; at_ < unit_.items.size(); ++at_) {
        auto trouble = add_item();
        take_time();
        if (trouble) return roll_back(std::move(*trouble));
    }
    at_ = unit_.items.size() - 1;
    if (auto trouble = close_recorder()) return roll_back(std::move(*trouble));
    for (auto& command : session_.commit()) own(std::move(command));
    if (session_.pooled()) in_force_.known = false;
    auto trouble = flush();
    take_time();
    if (trouble) return roll_back(std::move(*trouble));
    context_.in_force() = in_force_;
    return std::nullopt;
}

std::vector<Command> Attempt::build_ahead(const run::Context::InForce& in_force, std::optional<ItemId> behind, bool more_follow) {
    in_force_ = in_force;
    behind_ = behind;
    own({"BEGIN", {}, false});
    if (more_follow) own({"SET LOCAL synchronous_commit = off", {}, false});
    (void)add_item();
    for (auto& command : session_.commit()) own(std::move(command));
    if (session_.pooled()) in_force_.known = false;
    return commands_;
}

std::optional<Trouble> Attempt::judge(const std::vector<Answer>& answers) {
    auto trouble = read(answers);
    take_time();
    return trouble;
}

void Attempt::take_time() {
    const auto now = Clock::now();
    outcomes_[at_].took += std::chrono::duration_cast<std::chrono::milliseconds>(now - since_);
    since_ = now;
}

void Attempt::own(Command command) {
    commands_.push_back(std::move(command));
    origins_.push_back({.item = at_});
}

void Attempt::own(std::vector<Command> commands) {
    for (auto& command : commands) own(std::move(command));
}

void Attempt::user(const Statement& statement) {
    const auto& probe = context_.settings().probe;
    const bool probed = !probe.empty() && !statement.facts.is_setting && !statement.facts.set_transaction;
    const auto look = [&](Origin::Kind kind) {
        if (!probed) return;
        commands_.push_back({probe, {}, false});
        origins_.push_back({.item = at_, .statement = &statement, .kind = kind});
    };
    const bool has_patience = patience_ && compiler::takes_strong_lock(statement);
    if (has_patience) shorten_patience();
    look(Origin::Kind::probe_before);
    commands_.push_back({statement.sql.text, {}, false});
    origins_.push_back({.item = at_, .statement = &statement, .has_patience = has_patience});
    look(Origin::Kind::probe_after);
    if (has_patience) own_patience();
}

// What the step itself has set may be shorter still, and comes back behind the statement.
void Attempt::shorten_patience() {
    own({"SELECT pg_catalog.set_config('cairn.lock_timeout', pg_catalog.current_setting('lock_timeout'), true), "
         "pg_catalog.set_config('lock_timeout', CASE WHEN pg_catalog.current_setting('lock_timeout')::pg_catalog.interval BETWEEN '1 us' AND $1::text::pg_catalog.interval "
         "THEN pg_catalog.current_setting('lock_timeout') ELSE $1::text END, true)",
         {std::to_string(patience_->count()) + "ms"}, true});
}

void Attempt::own_patience() {
    own({"SELECT pg_catalog.set_config('lock_timeout', pg_catalog.current_setting('cairn.lock_timeout'), true)", {}, true});
}

std::optional<Trouble> Attempt::add_item() {
    const auto* step = std::get_if<StepItem>(&item().body);
    open_item(step);
    if (item().when && item().transaction) {
        if (auto trouble = flush()) return trouble;
        const WhenAnswer answer = ask_when(session_, item(), true);
        if (answer.error) return Trouble{.kind = answer.lost ? Trouble::Kind::lost : Trouble::Kind::refused, .item = at_, .error = *answer.error};
        if (!answer.run) {
            outcomes_[at_].state = ItemState::skipped;
            outcomes_[at_].note = "`when` says false";
            own(context_.database_journal().skip_item(unit_.items[at_], item().name));
            return std::nullopt;
        }
    }
    if (step != nullptr && is_watched(at_)) return add_watched_step(*step);
    if (step != nullptr && undo::may_change_unseen(context_, item())) return add_unseen_step(*step);
    if (step != nullptr) {
        add_step(*step);
        return std::nullopt;
    }
    return add_validation();
}

void Attempt::open_item(const StepItem* step) {
    if (!in_force_.known) {
        own({"RESET SESSION AUTHORIZATION", {}, false});
        own({"RESET ALL", {}, false});
    }
    if (step != nullptr && at_ == 0) {
        for (const auto& s : step->statements) {
            if (s.facts.set_transaction) user(s);
        }
    }
    journal::StepLimits limits;
    if (step != nullptr) limits = {.lock_timeout = step->lock_timeout, .statement_timeout = step->statement_timeout};
    const bool as_before = in_force_.known && in_force_.limits == limits;
    auto& journal = context_.database_journal();
    if (behind_) own(journal.fence_behind(*behind_));
    if (!as_before) {
        using Lasting = journal::DatabaseJournal::Lasting;
        own(journal.fence(limits, session_.pooled() ? Lasting::transaction : Lasting::session));
    } else if (at_ == 0 && !behind_) {
        own(journal.fence());
    }
    in_force_ = {.known = step == nullptr || std::none_of(step->statements.begin(), step->statements.end(), may_change_settings),
                 .limits = limits};
}

bool Attempt::is_watched(std::size_t at) const {
    return lessons_.watched.contains(at) || undo::is_watched(context_, context_.item(unit_.items[at]));
}

std::optional<Trouble> Attempt::add_unseen_step(const StepItem& step) {
    std::optional<undo::View> before;
    if (at_ > 0) {
        if (auto trouble = flush()) return trouble;
        auto seen = undo::look(session_);
        if (auto* error = std::get_if<Diagnostic>(&seen)) return own_trouble(std::move(*error));
        before = std::get<undo::View>(std::move(seen));
    }
    add_step(step);
    if (auto trouble = flush()) return trouble;
    const auto changed = undo::has_changed_unseen(session_, step, before);
    if (const auto* error = std::get_if<Diagnostic>(&changed)) return own_trouble(*error);
    if (!std::get<bool>(changed)) return std::nullopt;
    lessons_.watched.insert(at_);
    return Trouble{.kind = Trouble::Kind::again, .item = at_, .error = {}};
}

void Attempt::add_step(const StepItem& step) {
    auto& journal = context_.database_journal();
    ActingAs role;
    int seq = 0;
    std::vector<UndoRow> last, unknown;
    for (std::size_t i = 0; i < step.statements.size(); ++i) {
        const Statement& statement = step.statements[i];
        if (statement.facts.set_transaction && at_ == 0) continue;
        const auto rows = undo_rows(item(), unit_.items[at_], statement, seq);
        for (const auto& [row, only_if_created] : rows) {
            if (only_if_created) as_runner(role, journal.remember(row));
        }
        user(statement);
        role.note(statement);
        last.clear();
        for (const auto& [row, conditional] : rows) {
            last.push_back(row);
            if (journal::has_unknown_writer(row)) unknown.push_back(row);
        }
        if (i + 1 < step.statements.size() && !last.empty()) {
            as_runner(role, journal.note_undo(last));
            last.clear();
        }
    }
    own(role.leave());
    own(journal.finish_item(unit_.items[at_], item().name, last));
    if (!unknown.empty()) own(journal::note_parts(journal.run(), unknown));
}

void Attempt::as_runner(const ActingAs& role, Command command) {
    own(role.leave());
    own(std::move(command));
    own(role.enter());
}

std::optional<Trouble> Attempt::flush() {
    process::fault_point("transaction: before sending");
    const auto answers = session_.pipeline(commands_);
    process::fault_point("transaction: after sending");
    return read(answers);
}

std::optional<Trouble> Attempt::read(const std::vector<Answer>& answers) {
    std::optional<Trouble> trouble;
    for (std::size_t i = 0; i < answers.size() && !trouble; ++i) {
        if (answers[i].ok()) {
            take_probe(answers[i], origins_[i]);
            count_rows(answers[i], origins_[i]);
        } else {
            trouble = explain(answers[i], origins_[i]);
        }
    }
    commands_.clear();
    origins_.clear();
    return trouble;
}

void Attempt::take_probe(const Answer& answer, const Origin& origin) {
    auto& probes = outcomes_[origin.item].probes;
    if (origin.kind == Origin::Kind::probe_before) {
        const auto& step = std::get<StepItem>(context_.item(unit_.items[origin.item]).body);
        const auto at = static_cast<std::size_t>(origin.statement - step.statements.data());
        probes.push_back({.statement = at, .before = answer.rows, .after = {}, .rows = {}});
    } else if (origin.kind == Origin::Kind::probe_after) {
        probes.back().after = answer.rows;
    }
}

void Attempt::count_rows(const Answer& answer, const Origin& origin) {
    if (origin.statement == nullptr || origin.kind != Origin::Kind::command || !changes_rows(answer.tag)) return;
    auto& outcome = outcomes_[origin.item];
    const auto rows = static_cast<std::int64_t>(answer.affected);
    outcome.rows = outcome.rows.value_or(0) + rows;
    if (!outcome.probes.empty()) outcome.probes.back().rows = rows;
}

Trouble Attempt::explain(const Answer& answer, const Origin& origin) {
    Trouble trouble{.kind = Trouble::Kind::refused, .item = origin.item, .error = {}, .may_pass = may_pass(answer.error)};
    trouble.stepped_aside = origin.has_patience && answer.error.sqlstate == "55P03";
    if (answer.fate == Fate::lost) trouble.kind = Trouble::Kind::lost;
    if (answer.fate == Fate::cancelled) trouble.kind = Trouble::Kind::cancelled;
    if (origin.statement != nullptr && origin.kind == Origin::Kind::command && answer.fate != Fate::lost) {
        trouble.error = server_diagnostic(answer.error, *origin.statement, 708);
    } else if (answer.error.sqlstate.empty() || answer.error.sqlstate == "CA001" || answer.fate == Fate::lost) {
        trouble.error = journal::journal_error(answer, fmt::format("running `{}`", context_.item(unit_.items[origin.item]).name));
    } else {  // deferred constraints speak up at COMMIT
        trouble.error = run::problem(708, fmt::format("the commit of `{}` was refused: {} ({})", context_.item(unit_.items[origin.item]).name,
                                                      answer.error.message, answer.error.sqlstate),
                                     answer.error.detail, context_.item(unit_.items[origin.item]).where);
    }
    return trouble;
}

Trouble Attempt::roll_back(Trouble trouble) {
    commands_.clear();
    origins_.clear();
    context_.in_force().known = false;
    if (session_.alive() && !session_.script("ROLLBACK").ok()) trouble.kind = Trouble::Kind::lost;
    return trouble;
}

}  // namespace cairn::execute
