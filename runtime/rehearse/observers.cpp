#include "runtime/rehearse/observers.hpp"

#include <algorithm>

namespace cairn::rehearse {

namespace {

using Clock = std::chrono::steady_clock;
using State = rehearse::ItemState;

bool alone(const compiler::StepGraph& graph, ItemId unit) {
    return !graph.items[unit.index].transaction.has_value();
}

bool not_executed(const compiler::Item& item) {
    const auto* run = std::get_if<compiler::RunItem>(&item.body);
    return (run != nullptr && run->rehearse.empty()) ||
           std::holds_alternative<compiler::WaitItem>(item.body);
}

std::string object_of(const std::string& line) {
    return line.substr(0, line.find(": "));
}

bool is_column_order(const std::string& object) {
    return object.starts_with("column order ") ||
           object.find("] column order ") != std::string::npos;
}

}  // namespace

ItemId unit_of(const compiler::StepGraph& graph, ItemId id) {
    const auto& group = graph.items[id.index].transaction;
    if (!group) return id;
    auto first = id.index;
    while (first > 0 && graph.items[first - 1].transaction == group) --first;
    return ItemId{first};
}

bool can_change(const compiler::Item& item) {
    const auto* run = std::get_if<compiler::RunItem>(&item.body);
    return item.changes_database() || (run != nullptr && !run->rehearse.empty());
}

catalog::Difference compare(const States& before, const States& after) {
    catalog::Difference all;
    for (const auto& [role, state] : before) {
        const auto other = after.find(role);
        auto difference =
            catalog::compare(state, other == after.end() ? catalog::State{} : other->second);
        all.likeness = std::max(all.likeness, difference.likeness);
        const std::string prefix = before.size() > 1 ? "[" + role + "] " : "";
        for (auto& line : difference.lines) all.lines.push_back(prefix + line);
        for (auto& note : difference.notes) all.notes.push_back(prefix + note);
    }
    return all;
}

// ---------------------------------------------------------------- relay

void Relay::run_started(const journal::RunRecord& record, bool resumed) {
    record_ = record;
    if (to_ && !resumed) to_->run_started(record, resumed);
}
void Relay::item_started(ItemId id) {
    if (to_) to_->item_started(id);
}
void Relay::item_ended(ItemId id, const run::ItemOutcome& outcome) {
    if (to_) to_->item_ended(id, outcome);
}
void Relay::retrying(ItemId id, int attempt, std::chrono::milliseconds after,
                     const compiler::Diagnostic& why) {
    if (to_) to_->retrying(id, attempt, after, why);
}
void Relay::blocked(ItemId id, const std::vector<run::Blocker>& blockers) {
    if (to_) to_->blocked(id, blockers);
}
void Relay::undo_started(ItemId id) {
    if (to_) to_->undo_started(id);
}
void Relay::undo_ended(ItemId id, const run::ItemOutcome& outcome) {
    if (to_) to_->undo_ended(id, outcome);
}
void Relay::message(const std::string& text) {
    if (to_) to_->message(text);
}
void Relay::run_ended(journal::RunState state, const std::string&) {
    if (record_) record_->state = state;
}

// ---------------------------------------------------------------- apply

void Applying::item_started(ItemId id) {
    Relay::item_started(id);
    const ItemId unit = unit_of(graph_, id);
    if (unit_ != unit) begin_unit(unit);
}

void Applying::begin_unit(ItemId unit) {
    unit_ = unit;
    bool changes = false;
    for (auto at = unit.index; at < graph_.items.size() && unit_of(graph_, ItemId{at}) == unit;
         ++at)
        changes = changes || can_change(graph_.items[at]);
    wal_.reset();
    if (changes && !error_) {
        auto states = databases_.read_states();
        if (auto* error = std::get_if<compiler::Diagnostic>(&states))
            error_ = std::move(*error);
        else
            before_[unit] = std::get<States>(std::move(states));
        storage_ = databases_.storage();
        wal_ = databases_.wal_position();
    }
    began_ = Clock::now();
}

void Applying::item_ended(ItemId id, const run::ItemOutcome& outcome) {
    auto& item = items_[id.index];
    const ItemId unit = unit_of(graph_, id);
    if (unit_ == unit) end_unit(unit, id);
    item.state = outcome.state == journal::ItemState::done      ? State::applied
                 : outcome.state == journal::ItemState::skipped ? State::skipped
                                                                : State::failed;
    if (item.state == State::applied && not_executed(graph_.items[id.index])) {
        item.state = State::skipped;
        item.took.reset();
    }
    item.rows = outcome.rows;
    item.error = outcome.error;
    item.checks = outcome.checks;
    if (!outcome.note.empty()) item.note = outcome.note;
    for (const auto& check : outcome.checks)
        if (check.window_only) item.note = "only the window can tell: " + check.title;
    Relay::item_ended(id, outcome);
}

// The items of a group end together, at its COMMIT: the first one told stands for it.
void Applying::end_unit(ItemId unit, ItemId told) {
    auto& item = items_[told.index];
    item.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_);
    unit_.reset();
    if (!alone(graph_, unit)) {
        for (auto at = unit.index; at < graph_.items.size() && unit_of(graph_, ItemId{at}) == unit;
             ++at)
            items_[at].note = at == told.index ? "time and WAL are the whole transaction's"
                                               : "in the transaction of `" + item.name + "`";
    }
    if (!wal_) return;
    if (const auto position = databases_.wal_position()) item.wal_bytes = *position - *wal_;
    for (const auto& [key, storage] : databases_.storage()) {
        const auto known = storage_.find(key);
        if (known != storage_.end() && known->second.file != storage.file)
            item.rewrites.push_back(storage.name);
    }
    std::sort(item.rewrites.begin(), item.rewrites.end());
}

// ---------------------------------------------------------------- rollback

Undoing::Undoing(const compiler::StepGraph& graph, Databases& databases, const Applying& applied,
                 States end, std::vector<ItemReport>& items, run::Observer* to)
    : Relay(to),
      graph_(graph),
      databases_(databases),
      applied_(applied),
      now_(std::move(end)),
      items_(items),
      next_(applied.before().rbegin()) {}

void Undoing::undo_started(ItemId id) {
    // Units that come after this one's are behind us; those without an undo are graded with what
    // they have left.
    const ItemId unit = unit_of(graph_, id);
    while (next_ != applied_.before().rend() && next_->first > unit) {
        grade(next_->first, next_->second);
        ++next_;
    }
    Relay::undo_started(id);
}

void Undoing::undo_ended(ItemId id, const run::ItemOutcome& outcome) {
    undone_.insert(unit_of(graph_, id));
    if (outcome.error) failed_[id] = *outcome.error;
    Relay::undo_ended(id, outcome);
}

void Undoing::finish() {
    for (; next_ != applied_.before().rend(); ++next_) grade(next_->first, next_->second);
}

void Undoing::read_now() {
    auto states = databases_.read_states();
    if (auto* error = std::get_if<compiler::Diagnostic>(&states))
        error_ = std::move(*error);
    else
        now_ = std::get<States>(std::move(states));
}

void Undoing::grade(ItemId unit, const States& before) {
    if (undone_.contains(unit)) read_now();
    const auto difference = compare(before, now_);
    // What later units have left behind is not held against this one.
    std::vector<std::string> lines;
    bool differs = false;
    for (const auto& line : difference.lines) {
        const auto object = object_of(line);
        if (!left_.insert(object).second) continue;
        lines.push_back(line);
        differs = differs || !is_column_order(object);
    }
    // What a group leaves behind can't be told apart: one `rollback none` in it speaks for all.
    bool none = false;
    const auto in_unit = [&](std::uint32_t at) {
        return at < graph_.items.size() && unit_of(graph_, ItemId{at}) == unit;
    };
    for (auto at = unit.index; in_unit(at); ++at)
        none = none || graph_.items[at].undo.kind == compiler::Undo::Kind::none;
    for (auto at = unit.index; in_unit(at); ++at) {
        auto& item = items_[at];
        if (item.state == State::skipped || !can_change(graph_.items[at])) continue;
        item.differences = lines;
        item.rollback = differs         ? Grade::differs
                        : lines.empty() ? Grade::exact
                                        : Grade::column_order;
        if (none && item.state == State::applied) item.rollback = Grade::none;
        if (const auto failed = failed_.find(ItemId{at}); failed != failed_.end()) {
            item.rollback = Grade::failed;
            if (!item.error) item.error = failed->second;
        }
    }
}

}  // namespace cairn::rehearse
