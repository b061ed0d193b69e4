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

const std::string* found(const std::map<std::string, std::string>& texts, const std::string& key) {
    const auto at = texts.find(key);
    return at == texts.end() ? nullptr : &at->second;
}

bool same(const std::string* one, const std::string* other) {
    return one == nullptr || other == nullptr ? one == other : *one == *other;
}

void set(std::map<std::string, std::string>& texts, const std::string& key,
         const std::string* text) {
    if (text == nullptr)
        texts.erase(key);
    else
        texts[key] = *text;
}

// A unit ran from `before` to `after`; its undo led from `then` to `now`. Where later units had
// left something behind, `then` is not `after`: what neither the unit nor its undo has touched is
// theirs, and so are rows if the undo has taken back exactly the rows that the unit had added.
// Gives `before` with what is theirs in it.
catalog::State without_left(catalog::State before, const catalog::State& after,
                            const catalog::State& then, const catalog::State& now) {
    const auto forgive = [&](auto member, auto is_theirs) {
        std::set<std::string> keys;
        for (const auto& [key, text] : before.*member)
            if (!same(&text, found(now.*member, key))) keys.insert(key);
        for (const auto& [key, text] : now.*member)
            if (!(before.*member).contains(key)) keys.insert(key);
        for (const auto& key : keys) {
            const auto *from = found(before.*member, key), *to = found(after.*member, key);
            const auto *undone_from = found(then.*member, key),
                       *undone_to = found(now.*member, key);
            if ((same(from, to) && same(undone_from, undone_to)) ||
                is_theirs(key, from, to, undone_from, undone_to))
                set(before.*member, key, undone_to);
        }
    };
    forgive(&catalog::State::contents,
            [&](const auto& key, auto from, auto to, auto undone_from, auto undone_to) {
                if (!from || !to || !undone_from || !undone_to || key.starts_with("sequence "))
                    return false;
                if (catalog::same_change(*from, *undone_to, *to, *undone_from)) return true;
                // With other columns the rows have other digests: what is left is their number.
                return !same(found(before.objects, "column order " + key),
                             found(after.objects, "column order " + key)) &&
                       !same(to, undone_from) &&
                       catalog::same_change_of_count(*from, *undone_to, *to, *undone_from);
            });
    forgive(&catalog::State::objects, [](auto&&...) { return false; });
    return before;
}

States without_left(const States& before, const States& after, const States& then,
                    const States& now) {
    States adjusted;
    const auto of = [](const States& states, const std::string& role) {
        const auto at = states.find(role);
        return at == states.end() ? catalog::State{} : at->second;
    };
    for (const auto& [role, state] : before)
        adjusted.emplace(role, without_left(state, of(after, role), of(then, role), of(now, role)));
    return adjusted;
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
      after_(end),
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
    const States then = now_;
    if (undone_.contains(unit)) read_now();
    const auto difference = compare(without_left(before, after_, then, now_), now_);
    after_ = before;
    const auto& lines = difference.lines;
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
        item.rollback = difference.likeness == catalog::Likeness::differs ? Grade::differs
                        : difference.likeness == catalog::Likeness::column_order
                            ? Grade::column_order
                            : Grade::exact;
        if (none && item.state == State::applied) item.rollback = Grade::none;
        if (const auto failed = failed_.find(ItemId{at}); failed != failed_.end()) {
            item.rollback = Grade::failed;
            if (!item.error) item.error = failed->second;
        }
    }
}

}  // namespace cairn::rehearse
