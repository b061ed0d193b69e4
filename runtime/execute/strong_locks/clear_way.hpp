// `before strong locks wait`: lets long transactions of others end before a lock is asked for, behind which everybody
// else would queue.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/execute/strong_locks/holders.hpp"
#include "runtime/run/context.hpp"

namespace cairn::execute {

// What ended a wait before the way was clear.
struct NotClear {
    enum class Kind {
        gave_up,    // the policy's time is up: C0724; or the server refuses the look
        lost,       // the connection
        cancelled,  // by an interrupt
        fatal       // the lease is gone, or the journal can't be written
    } kind = Kind::gave_up;
    compiler::Diagnostic error;
};

// How a step's try ends by it. `Ended`: of whatever kind of step, with these kinds of its own.
template <class Ended>
[[nodiscard]] Ended ended_by(NotClear found) {
    using Kind = NotClear::Kind;
    const auto kind = found.kind == Kind::lost        ? Ended::Kind::lost
                      : found.kind == Kind::cancelled ? Ended::Kind::cancelled
                      : found.kind == Kind::fatal     ? Ended::Kind::fatal
                                                      : Ended::Kind::refused;
    return {.kind = kind, .error = std::move(found.error)};
}

// For one unit, over all its tries: the policy's time is for all of them together.
class ClearWay {
public:
    enum class Direction { forward, back };
    ClearWay(run::Context&, const std::vector<compiler::ItemId>&, Direction);

    // Returns when nobody who is on the tables will be there for long. No transaction is open. At once where the plan has no
    // such policy, or nothing takes a strong lock.
    [[nodiscard]] std::optional<NotClear> wait(postgres::Session&);

    // How long the coming try may wait for a strong lock: somebody may have come after the look, and readers queue meanwhile.
    // It grows, as many short transactions may leave no gap. nullopt: as long as the step's own lock timeout says.
    [[nodiscard]] std::optional<std::chrono::milliseconds> patience() const;
    // A try has ended at that patience: it is made again, after a pause and another look. False when the time is up.
    [[nodiscard]] bool stepped_aside();
    // Why, once the time is up.
    [[nodiscard]] compiler::Diagnostic out_of_time() const;

private:
    struct Locks {
        compiler::ItemId item;
        std::vector<sql::Lock> wanted;
        std::vector<compiler::Statement> settings;
    };
    [[nodiscard]] std::variant<std::vector<Holder>, postgres::Answer> look(postgres::Session&);
    [[nodiscard]] std::vector<Holder> in_the_way(const std::vector<Holder>&);
    [[nodiscard]] std::optional<NotClear> tell(const std::vector<Holder>&);
    [[nodiscard]] std::optional<NotClear> tell_clear();
    [[nodiscard]] std::string relations() const;

    using Clock = std::chrono::steady_clock;
    run::Context& context_;
    std::vector<Locks> locks_;
    Direction direction_;
    std::chrono::milliseconds policy_{0};
    std::optional<std::chrono::milliseconds> own_;  // the unit's longest lock timeout; none where a step has none
    std::optional<Clock::time_point> since_;        // when somebody was in the way for the first time
    std::map<std::string, Clock::time_point> unknown_since_;
    std::set<std::string> told_;
    std::vector<Holder> holders_;  // the last ones that were waited for
    std::chrono::milliseconds autovacuum_{0};  // the server's deadlock_timeout, where an autovacuum is to give way
    int aside_ = 0;
};

}  // namespace cairn::execute
