#include "runtime/rehearse/applying.hpp"

#include <algorithm>

namespace cairn::rehearse {
namespace {

using Clock = std::chrono::steady_clock;
using State = rehearse::ItemState;

State state_of(const compiler::Item& item, journal::ItemState state) {
    if (state == journal::ItemState::skipped) return State::skipped;
    if (state != journal::ItemState::done) return State::failed;
    return is_left_out(item) ? State::skipped : State::applied;
}

std::chrono::milliseconds rounded(double milliseconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::max(milliseconds, 0.0) + 0.5));
}

}  // namespace

void Applying::item_started(ItemId id) {
    Relay::item_started(id);
    const ItemId unit = unit_of(graph_, id);
    if (unit_ != unit) begin_unit(unit);
}

void Applying::begin_unit(ItemId unit) {
    unit_ = unit;
    const auto items = items_of(graph_, unit);
    const bool changes = std::any_of(items.begin(), items.end(),
                                     [&](ItemId id) { return can_change(graph_.items[id.index]); });
    wal_.reset();
    locks_ = {};
    if (changes && !error_) {
        auto states = databases_.read_states();
        if (auto* error = std::get_if<compiler::Diagnostic>(&states)) {
            error_ = std::move(*error);
        } else {
            take_stock(std::get<States>(states));
            passed_.push_back({unit, {}});
        }
        storage_ = databases_.storage();
        const auto& item = graph_.items[unit.index];
        const auto* step = std::get_if<compiler::StepItem>(&item.body);
        if (step != nullptr && !step->transactional && record())
            sampler_ = std::make_unique<LockSampler>(databases_.conninfo().at(role_of(item)),
                                                     "cairn " + record()->run);
        probed_wal_ = wal_ = databases_.wal_position();
    }
    began_ = Clock::now();
    probed_ = moment_now();
}

// What the last unit has done lies between the states before and now.
void Applying::take_stock(const States& now) {
    if (!passed_.empty()) passed_.back().back = changes(now, states_);
    states_ = now;
}

void Applying::item_ended(ItemId id, const run::ItemOutcome& outcome) {
    auto& item = items_[id.index];
    if (unit_ == unit_of(graph_, id)) end_unit(id, outcome.state == journal::ItemState::failed);
    item.state = state_of(graph_.items[id.index], outcome.state);
    item.rows = outcome.rows;
    item.error = outcome.error;
    item.checks = outcome.checks;
    if (!outcome.note.empty()) item.note = outcome.note;
    for (const auto& check : outcome.checks)
        if (check.window_only) item.note = "only the window can tell: " + check.title;
    measure(id, outcome);
    if (is_left_out(graph_.items[id.index])) item.took.reset();
    Relay::item_ended(id, outcome);
}

// The items of a group are told one after the other, at its COMMIT; of one that failed only the one
// that did.
void Applying::end_unit(ItemId told, bool failed) {
    ended_ = moment_now();
    auto& item = items_[told.index];
    const ItemId unit = *unit_;
    unit_.reset();
    if (sampler_) {
        item.locks = sampler_->stop().held(relation_names(role_of(graph_.items[told.index])), {});
        sampler_.reset();
    }
    const auto items = items_of(graph_, unit);
    const bool alone = !graph_.items[unit.index].transaction;
    if (alone)
        item.took =
            rounded(std::chrono::duration<double, std::milli>(Clock::now() - began_).count());
    for (const ItemId id : items)
        if (id != told)
            items_[id.index].note =
                (failed ? "rolled back with `" : "in the transaction of `") + item.name + "`";
    if (!wal_) return;
    const auto position = databases_.wal_position();
    if (alone && position) item.wal_bytes = *position - *wal_;
    for (const auto& [key, storage] : databases_.storage()) {
        const auto known = storage_.find(key);
        if (known != storage_.end() && known->second.file != storage.file)
            item.rewrites.push_back(storage.name);
    }
    std::sort(item.rewrites.begin(), item.rewrites.end());
}

// By the probes after each statement: a lock lasts from the statement that took it to the end of
// the unit. Within a group they tell each item's own time and WAL.
void Applying::measure(ItemId id, const run::ItemOutcome& outcome) {
    auto& item = items_[id.index];
    const bool alone = !graph_.items[id.index].transaction;
    const auto since = probed_;
    const auto since_wal = probed_wal_;
    LockTimes taken;
    for (const auto& rows : outcome.probes) {
        auto probe = read_probe(rows);
        std::erase_if(probe.held, [&](const auto& held) { return locks_.knows(held); });
        taken.saw(probed_, probe);
        probed_ = std::max(probed_, probe.at);
        probed_wal_ = probe.wal;
    }
    for (const auto& rows : outcome.probes) locks_.saw(since, read_probe(rows));
    if (!outcome.probes.empty())
        item.locks = taken.held(relation_names(role_of(graph_.items[id.index])), ended_);
    if (alone) return;
    item.took = outcome.probes.empty() ? outcome.took : rounded(probed_ - since);
    if (!outcome.probes.empty() && since_wal) item.wal_bytes = *probed_wal_ - *since_wal;
}

// Relations that were there before the unit: nobody else can wait for one that it has made.
RelationNames Applying::relation_names(const std::string& role) const {
    RelationNames names;
    const std::string prefix = role + ' ';
    for (auto at = storage_.lower_bound(prefix);
         at != storage_.end() && at->first.starts_with(prefix); ++at)
        names[at->first.substr(prefix.size())] = at->second.name;
    return names;
}

std::string Applying::role_of(const compiler::Item& item) const {
    if (item.database) return *item.database;
    return databases_.changed().empty() ? "" : databases_.changed().front();
}

}  // namespace cairn::rehearse
