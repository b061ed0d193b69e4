#include "runtime/rehearse/applying.hpp"

#include <algorithm>
#include <set>

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

template <typename List, typename One>
bool contains(const List& list, const One& one) {
    return std::find(list.begin(), list.end(), one) != list.end();
}

// `users` of `public.users`; a quoted name with a dot in it comes out short on both sides alike.
std::string last_part(const std::string& relation) {
    return relation.substr(relation.rfind('.') + 1);
}

// Whether the statement's text takes a lock. What cairn holds already can't be seen to be taken
// again.
bool asks_for(const sql::StatementFacts& facts, const Probe::Held& held,
              const RelationNames& names) {
    const auto name = names.find(held.relation);
    return name != names.end() &&
           std::any_of(facts.locks.begin(), facts.locks.end(), [&](const sql::Lock& lock) {
               return lock.mode == held.mode && last_part(lock.relation) == last_part(name->second);
           });
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
    by_statements_.clear();
    watching_took_ = 0;
    watched_.clear();
    if (changes && !error_) {
        auto states = databases_.read_states();
        if (auto* error = std::get_if<compiler::Diagnostic>(&states)) {
            error_ = std::move(*error);
        } else {
            take_stock(std::get<States>(states));
            passed_.push_back({unit, {}});
        }
        storage_ = databases_.storage();
        probed_wal_ = wal_ = databases_.wal_position();
    }
    began_ = Clock::now();
    probed_ = moment_now();
}

void Applying::statement_started(ItemId id, std::size_t statement) {
    const auto& item = graph_.items[id.index];
    const auto* step = std::get_if<compiler::StepItem>(&item.body);
    if (step == nullptr || !record()) return;
    const Moment since = moment_now();
    watching_ = statement;
    watch_ = std::make_unique<LockWatch>(databases_.conninfo().at(role_of(item)),
                                         "cairn " + record()->run, step->statements[statement]);
    watching_took_ += moment_now() - since;
}

void Applying::statement_ended(ItemId) {
    const Moment since = moment_now();
    if (watch_) watched_[watching_] = watch_->stop();
    watch_.reset();
    watching_took_ += moment_now() - since;
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

// By the probes around each statement: a lock lasts from before the statement that took it to the
// end of the unit. Within a group they tell each item's own time and WAL.
void Applying::measure(ItemId id, const run::ItemOutcome& outcome) {
    auto& item = items_[id.index];
    const auto& from = graph_.items[id.index];
    const auto since_wal = probed_wal_;
    const auto since = probed_;
    if (watched_.empty())
        measure_transaction(id, outcome);
    else
        measure_watched(id, outcome);
    if (!from.transaction) return;
    item.took = outcome.probes.empty() ? outcome.took : rounded(probed_ - since);
    if (!outcome.probes.empty() && since_wal) item.wal_bytes = *probed_wal_ - *since_wal;
}

Moment Applying::end_of(const run::ItemOutcome& outcome) const {
    return outcome.probes_ended ? moment_of(*outcome.probes_ended) : ended_;
}

// Each lock of a transaction lasts to its end. What cairn itself takes before a statement, to be
// able to give rows back, is the item's and not the statement's; nor is what an earlier one had
// taken, or less.
void Applying::measure_transaction(ItemId id, const run::ItemOutcome& outcome) {
    const auto& from = graph_.items[id.index];
    auto& item = items_[id.index];
    const auto names = relation_names(from);
    LockTimes taken, all = locks_;
    for (const auto& look : outcome.probes) {
        const auto before = read_probe(look.before), after = read_probe(look.after);
        for (auto probe : {before, after}) {
            all.saw(probed_, probe);
            std::erase_if(probe.held, [&](const auto& held) { return locks_.knows(held); });
            taken.saw(probed_, probe);
            probed_ = std::max(probed_, probe.at);
            probed_wal_ = probe.wal;
        }
        auto& row = item.statements.emplace_back(statement_report(from, look));
        Probe own = after;
        const auto& facts =
            std::get<compiler::StepItem>(from.body).statements[look.statement].facts;
        std::erase_if(own.held, [&](const auto& held) {
            const auto known = by_statements_.find(held.relation);
            if (known != by_statements_.end() && known->second >= held.mode) return true;
            return contains(before.held, held) && !asks_for(facts, held, names);
        });
        for (const auto& held : own.held) {
            auto& strongest = by_statements_.try_emplace(held.relation, held.mode).first->second;
            strongest = std::max(strongest, held.mode);
        }
        LockTimes times;
        times.saw(before.at, own);
        row.locks = times.held(names, end_of(outcome));
        row.rewrites = rewritten(from, before, after);
    }
    locks_ = std::move(all);
    if (!outcome.probes.empty()) item.locks = taken.held(names, end_of(outcome));
}

// Statements that are no transaction of ours: what other sessions saw of each.
void Applying::measure_watched(ItemId id, const run::ItemOutcome& outcome) {
    const auto& from = graph_.items[id.index];
    auto& item = items_[id.index];
    const auto names = relation_names(from);
    std::vector<HeldLock> all;
    for (const auto& look : outcome.probes) {
        const auto& seen = watched_[look.statement];
        const auto end = read_probe(look.after).at;
        auto& row = item.statements.emplace_back(statement_report(from, look));
        row.took = std::max(row.took - rounded(seen.waited), std::chrono::milliseconds(0));
        watching_took_ += seen.waited;
        LockTimes times;
        Moment since = read_probe(look.before).at;
        for (const auto& each : seen.looks) {
            times.saw(since, each);
            since = each.at;
        }
        times.let_go(end, nullptr);
        row.locks = times.held(names, {});
        for (auto& lock : row.locks) lock.held = std::min(lock.held, row.took);  // less the waits
        all.insert(all.end(), row.locks.begin(), row.locks.end());
        for (const auto& lock : row.locks)
            if (lock.mode == sql::LockMode::access_exclusive &&
                contains(item.rewrites, lock.relation))
                row.rewrites.push_back(lock.relation);
    }
    item.locks = that_count(std::move(all));
    if (item.took)
        item.took = std::max(*item.took - rounded(watching_took_), std::chrono::milliseconds(0));
}

StatementReport Applying::statement_report(const compiler::Item& item,
                                           const run::ProbedStatement& look) {
    const auto before = read_probe(look.before), after = read_probe(look.after);
    return {.statement = look.statement,
            .sql = std::get<compiler::StepItem>(item.body).statements[look.statement].sql.text,
            .took = rounded(after.at - before.at),
            .rows = look.rows,
            .wal_bytes = after.wal - before.wal,
            .locks = {},
            .rewrites = {}};
}

// What rewrites a table holds a lock on it; its file before is known from the unit's beginning.
std::vector<std::string> Applying::rewritten(const compiler::Item& item, const Probe& before,
                                             const Probe& after) {
    std::vector<std::string> tables;
    const auto prefix = role_of(item) + ' ';
    for (const auto& [relation, file] : before.files)
        if (const auto at = storage_.find(prefix + relation); at != storage_.end())
            at->second.file = file;
    for (const auto& [relation, file] : after.files) {
        const auto known = storage_.find(prefix + relation);
        if (known == storage_.end() || known->second.file == file) continue;
        known->second.file = file;
        tables.push_back(known->second.name);
    }
    std::sort(tables.begin(), tables.end());
    return tables;
}

// Relations that were there before the unit: nobody else can wait for one that it has made. Of
// indexes those that the item's statements name; others go with their tables.
RelationNames Applying::relation_names(const compiler::Item& item) const {
    RelationNames names;
    std::set<std::string> named;
    if (const auto* step = std::get_if<compiler::StepItem>(&item.body))
        for (const auto& statement : step->statements)
            for (const auto& lock : statement.facts.locks) named.insert(last_part(lock.relation));
    const std::string prefix = role_of(item) + ' ';
    for (auto at = storage_.lower_bound(prefix);
         at != storage_.end() && at->first.starts_with(prefix); ++at)
        if (!at->second.is_index || named.contains(last_part(at->second.name)))
            names[at->first.substr(prefix.size())] = at->second.name;
    return names;
}

std::string Applying::role_of(const compiler::Item& item) const {
    if (item.database) return *item.database;
    return databases_.changed().empty() ? "" : databases_.changed().front();
}

}  // namespace cairn::rehearse
