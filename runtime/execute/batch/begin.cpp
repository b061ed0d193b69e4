#include <fmt/format.h>

#include <algorithm>

#include "runtime/execute/batch/lag.hpp"
#include "runtime/execute/batch/step.hpp"
#include "runtime/undo/claims.hpp"
#include "runtime/undo/trail.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using journal::Cursor;
using postgres::Answer;
using postgres::Session;

// Before the first range, and again after trouble: the journal says how far the batch has come.
auto BatchStep::begin() -> Ended {
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
    if (!claim_) claim_ = undo::claim_for(context_, id_);
    if (claim_) {
        if (auto error = claim_(*session_, {key_.table})) return refused(std::move(*error));
    }
    if (auto trouble = choose_keeping()) return *trouble;
    auto behind = behind_already(*session_, context_.settings().lag);
    if (auto* answer = std::get_if<Answer>(&behind)) return from_answer(*answer, "looking at the standbys");
    behind_ = std::get<std::set<int>>(behind);
    return {};
}

// How the old rows of each range are kept.
auto BatchStep::choose_keeping() -> std::optional<Ended> {
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

auto BatchStep::before_again(const Ended& ended, int attempt) -> std::optional<Ended> {
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

}  // namespace cairn::execute
