#include "runtime/rehearse/undoing.hpp"

#include <algorithm>

namespace cairn::rehearse {
namespace {

using State = rehearse::ItemState;

}  // namespace

Undoing::Undoing(const compiler::StepGraph& graph, Databases& databases, const Applying& applied,
                 States end, std::vector<ItemReport>& items, run::Observer* to)
    : Relay(to),
      graph_(graph),
      databases_(databases),
      after_(end),
      now_(std::move(end)),
      items_(items),
      next_(applied.passed().rbegin()),
      last_(applied.passed().rend()) {}

void Undoing::undo_started(ItemId id) {
    // Units that come after this one's are behind us; those without an undo are graded with what
    // they have left.
    while (next_ != last_ && next_->unit > unit_of(graph_, id)) grade_next();
    Relay::undo_started(id);
}

void Undoing::undo_ended(ItemId id, const run::ItemOutcome& outcome) {
    undone_.insert(unit_of(graph_, id));
    if (outcome.error) failed_[id] = *outcome.error;
    items_[id.index].undo_took = outcome.took;
    Relay::undo_ended(id, outcome);
}

void Undoing::finish() {
    while (next_ != last_) grade_next();
}

void Undoing::read_now() {
    auto states = databases_.read_states();
    if (auto* error = std::get_if<compiler::Diagnostic>(&states))
        error_ = std::move(*error);
    else
        now_ = std::get<States>(std::move(states));
}

void Undoing::grade_next() {
    const ItemId unit = next_->unit;
    States before = after_;
    apply(next_->back, before);
    ++next_;
    const States then = now_;
    if (undone_.contains(unit)) read_now();
    const auto difference = compare(without_left(before, after_, then, now_), now_);
    after_ = std::move(before);
    // What a group leaves behind can't be told apart: one `rollback none` in it speaks for all.
    const auto items = items_of(graph_, unit);
    const bool none = std::any_of(items.begin(), items.end(), [&](ItemId id) {
        return graph_.items[id.index].undo.kind == compiler::Undo::Kind::none;
    });
    for (const ItemId id : items) {
        auto& item = items_[id.index];
        if (item.state == State::skipped || !can_change(graph_.items[id.index])) continue;
        item.differences = difference.lines;
        item.rollback = grade(item, id, none, difference);
        if (item.rollback == Grade::differs && gives_up_rows(items, difference)) {
            item.rollback = Grade::none;
            item.rows_given_up = true;
        }
        if (const auto failed = failed_.find(id); failed != failed_.end() && !item.error)
            item.error = failed->second;
    }
}

// Whether a `keep no rows` among the items says that there may be a difference, and it is one of rows alone.
bool Undoing::gives_up_rows(const std::vector<ItemId>& items,
                            const catalog::Difference& difference) const {
    return std::any_of(items.begin(), items.end(),
                       [&](ItemId id) {
                           const auto* step =
                               std::get_if<compiler::StepItem>(&graph_.items[id.index].body);
                           return step != nullptr && !step->keep_rows;
                       }) &&
           std::all_of(difference.lines.begin(), difference.lines.end(),
                       [](const std::string& line) { return line.starts_with("rows of "); });
}

Grade Undoing::grade(const ItemReport& item, ItemId id, bool none,
                     const catalog::Difference& difference) const {
    if (item.state == State::failed || failed_.contains(id)) return Grade::failed;
    if (none) return Grade::none;
    if (!undone_.contains(unit_of(graph_, id))) return Grade::failed;  // it did not come this far
    if (difference.likeness == catalog::Likeness::differs) return Grade::differs;
    return difference.likeness == catalog::Likeness::column_order ? Grade::column_order
                                                                  : Grade::exact;
}

}  // namespace cairn::rehearse
