#include "runtime/execute/strong_locks/clear_way.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/graph/strong_locks.hpp"
#include "compiler/preview/words.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::execute {

using compiler::ItemId;
using compiler::StepItem;
using postgres::Session;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds between_looks{200};
constexpr milliseconds first_patience{50};
// So many tries at the first patience take longer than a transaction needs to become an old one.
constexpr int tries_at_first = 5;
constexpr milliseconds longest_patience{3200};

std::vector<compiler::Statement> settings_of(const StepItem& step) {
    std::vector<compiler::Statement> out;
    for (const auto& s : step.statements) {
        if (s.facts.is_setting && !s.facts.set_transaction && s.facts.acts == sql::Acts::as_before) out.push_back(s);
    }
    return out;
}

}  // namespace

ClearWay::ClearWay(run::Context& context, const std::vector<ItemId>& items, Direction direction) : context_(context), direction_(direction) {
    if (context.settings().rehearsal) return;  // only the window has other sessions
    milliseconds longest{0};
    bool unlimited = false;
    for (const ItemId id : items) {
        const auto& item = context.item(id);
        const auto* step = std::get_if<StepItem>(&item.body);
        if (step == nullptr || !step->strong_locks_wait) continue;
        policy_ = *step->strong_locks_wait;
        unlimited = unlimited || !step->lock_timeout;
        longest = std::max(longest, step->lock_timeout.value_or(milliseconds(0)));
        auto wanted = direction == Direction::forward ? compiler::strong_locks(item) : compiler::strong_locks_of_undo(item);
        if (!wanted.empty()) locks_.push_back({.item = id, .wanted = std::move(wanted), .settings = settings_of(*step)});
    }
    if (!unlimited) own_ = longest;
}

std::variant<std::vector<Holder>, postgres::Answer> ClearWay::look(Session& session) {
    if (!context_.in_force().known) {
        const auto reset = session.script("RESET SESSION AUTHORIZATION; RESET ALL");
        if (!reset.ok()) return reset;
    }
    std::vector<Holder> all;
    for (const auto& locks : locks_) {
        auto found = find_holders(session, locks.wanted, locks.settings);
        if (auto* failed = std::get_if<postgres::Answer>(&found)) return *failed;
        for (auto& holder : std::get<std::vector<Holder>>(found)) all.push_back(std::move(holder));
    }
    return all;
}

// Whose age can't be seen is old when it has been seen for that long.
std::vector<Holder> ClearWay::in_the_way(const std::vector<Holder>& holders) {
    std::vector<Holder> out;
    std::map<std::string, Clock::time_point> unknown;
    const auto now = Clock::now();
    autovacuum_ = milliseconds(0);
    for (const Holder& holder : holders) {
        if (holder.kind == Holder::Kind::autovacuum) autovacuum_ = holder.deadlock_timeout;
        if (holder.is_long()) out.push_back(holder);
        if (holder.kind != Holder::Kind::unknown) continue;
        const auto known = unknown_since_.find(holder.transaction);
        const auto first = known == unknown_since_.end() ? now : known->second;
        unknown.emplace(holder.transaction, first);
        Holder aged = holder;
        aged.session.since = std::chrono::duration_cast<milliseconds>(now - first);
        out.push_back(std::move(aged));
    }
    unknown_since_ = std::move(unknown);
    return out;
}

std::optional<NotClear> ClearWay::wait(Session& session) {
    while (!locks_.empty()) {
        process::fault_point("strong locks: before looking");
        auto looked = look(session);
        if (auto* failed = std::get_if<postgres::Answer>(&looked)) {
            if (failed->fate == postgres::Fate::cancelled) return NotClear{.kind = NotClear::Kind::cancelled, .error = run::interrupted()};
            if (failed->fate == postgres::Fate::lost)
                return NotClear{.kind = NotClear::Kind::lost, .error = journal::journal_error(*failed, "looking for who holds a table")};
            return NotClear{.kind = NotClear::Kind::gave_up,
                            .error = run::problem(708, fmt::format("looking for who holds {} was refused: {} ({})", relations(), failed->error.message,
                                                                   failed->error.sqlstate),
                                                  failed->error.detail, context_.item(locks_.front().item).where)};
        }
        auto holders = in_the_way(std::get<std::vector<Holder>>(looked));
        if (holders.empty()) break;
        holders_ = std::move(holders);
        if (!since_) since_ = Clock::now();
        if (auto trouble = tell(holders_)) return trouble;
        const auto left = std::chrono::duration_cast<milliseconds>(*since_ + policy_ - Clock::now());
        if (left.count() <= 0) return NotClear{.kind = NotClear::Kind::gave_up, .error = out_of_time()};
        if (context_.lease_lost())
            return NotClear{.kind = NotClear::Kind::fatal,
                            .error = run::problem(714, "another runner has taken over this run", "cairn status " + context_.run())};
        if (!run::pause(std::min(between_looks, left))) return NotClear{.kind = NotClear::Kind::cancelled, .error = run::interrupted()};
    }
    return tell_clear();
}

std::optional<NotClear> ClearWay::tell(const std::vector<Holder>& holders) {
    std::vector<run::Blocker> blockers;
    std::string names;
    bool news = false;
    for (const Holder& holder : holders) {
        // One that may be gone in a moment is not worth a word yet.
        if (holder.kind == Holder::Kind::unknown && holder.session.since < old_transaction) continue;
        news = told_.insert(holder.transaction).second || news;
        blockers.push_back(holder.session);
        names += (names.empty() ? "" : "; ") + holder.in_words();
    }
    if (!news) return std::nullopt;
    context_.observer().blocked(locks_.front().item, blockers);
    const auto error = context_.journal().event(context_.item(locks_.front().item).name, "waiting",
                                                fmt::format("{}, before it locks {}: {}", direction_ == Direction::forward ? "waits" : "its rollback waits",
                                                            relations(), names));
    if (!error) return std::nullopt;
    return NotClear{.kind = error->code == 709 ? NotClear::Kind::lost : NotClear::Kind::fatal, .error = *error};
}

std::optional<NotClear> ClearWay::tell_clear() {
    if (told_.empty()) return std::nullopt;
    told_.clear();
    context_.observer().blocked(locks_.front().item, {});
    const auto waited = std::chrono::duration_cast<milliseconds>(Clock::now() - *since_);
    const auto error = context_.journal().event(context_.item(locks_.front().item).name, "waited",
                                                fmt::format("the way to {} is clear after {} ms", relations(), waited.count()));
    if (!error) return std::nullopt;
    return NotClear{.kind = error->code == 709 ? NotClear::Kind::lost : NotClear::Kind::fatal, .error = *error};
}

std::optional<milliseconds> ClearWay::patience() const {
    if (locks_.empty()) return std::nullopt;
    auto patience = first_patience;
    for (int i = tries_at_first; i <= aside_ && patience < longest_patience; ++i) patience *= 2;
    // An autovacuum is cancelled when it has been waited for that long, and not before.
    if (autovacuum_.count() > 0) patience = std::max(patience, autovacuum_ + 2 * first_patience);
    if (own_ && *own_ <= patience) return std::nullopt;
    return patience;
}

bool ClearWay::stepped_aside() {
    ++aside_;
    if (!since_) since_ = Clock::now();
    return Clock::now() < *since_ + policy_;
}

compiler::Diagnostic ClearWay::out_of_time() const {
    const auto& item = context_.item(locks_.front().item);
    std::string who, unseen;
    for (const Holder& holder : holders_) {
        who += (who.empty() ? "" : "; ") + holder.in_words();
        if (holder.kind == Holder::Kind::unknown) unseen = "; GRANT pg_read_all_stats to cairn's role lets it tell old transactions from young ones";
    }
    if (who.empty()) who = "transactions that come and go";
    const bool forward = direction_ == Direction::forward;
    return run::problem(724, fmt::format("{}`{}` has waited {} to lock {} and has given up, so that nobody queues behind it: {}{}",
                                         forward ? "" : "the rollback of ", item.name, compiler::words(policy_), relations(), who, unseen),
                        fmt::format("cairn {} {}", forward ? "resume" : "rollback", context_.run()), item.where);
}

std::string ClearWay::relations() const {
    std::vector<std::string> names;
    for (const auto& locks : locks_) {
        for (const auto& lock : locks.wanted) {
            if (std::find(names.begin(), names.end(), lock.relation) == names.end()) names.push_back(lock.relation);
        }
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace cairn::execute
