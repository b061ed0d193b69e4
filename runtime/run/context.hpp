// What every executor of one run shares: the graph, the sessions, the journal and who watches.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "compiler/compile.hpp"
#include "runtime/journal/database_journal.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/postgres/sentinel.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/process/clock.hpp"
#include "runtime/run/observer.hpp"
#include "runtime/run/runner.hpp"

namespace cairn::run {

using compiler::Diagnostic;
using compiler::ItemId;

// One for each database that the run changes, and while a `parallel` block runs one for each item under way: then with sessions of its
// own, under the lease of the first.
class Context {
public:
    // `home`: the database that it is for, whose journal and lease it has; empty: the journal is in a folder.
    Context(const compiler::Compiled&, const Settings&, Observer&, std::string run, std::string home);
    // Beside `holder`, which has the lease and outlives it; see work_beside().
    explicit Context(Context& holder);
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context();

    [[nodiscard]] const compiler::StepGraph& graph() const { return compiled_->graph; }
    [[nodiscard]] const compiler::Item& item(ItemId id) const { return graph().items[id.index]; }
    [[nodiscard]] const Settings& settings() const { return *settings_; }
    [[nodiscard]] Observer& observer() { return *observer_; }
    [[nodiscard]] const std::string& run() const { return run_; }
    [[nodiscard]] const compiler::Compiled& compiled() const { return *compiled_; }

    // The database whose items it is for and which holds their journal; empty: the journal is in a folder.
    [[nodiscard]] const std::string& home() const { return home_; }
    [[nodiscard]] std::string journal_folder() const;

    // Opens the session on first use. C0701 when it can't be.
    [[nodiscard]] std::variant<postgres::Session*, Diagnostic> session(const std::string& role);
    // A second session to the same database, which sees it as it is outside the transaction of the first. Opened on first
    // use, and again after it was lost.
    [[nodiscard]] std::variant<postgres::Session*, Diagnostic> outside(const std::string& role);
    // A new session for `role` after a lost one; for the home database under a new token, or, beside others, once the old
    // session has been ended: what it was at has ended either way. One try; C0701, C0714.
    [[nodiscard]] std::optional<Diagnostic> reconnect(const std::string& role);
    // The same, tried again with growing pauses. Interrupted: C0713.
    [[nodiscard]] std::optional<Diagnostic> reconnect_patiently(const std::string& role, int tries);

    [[nodiscard]] journal::Journal& journal() { return *journal_; }
    // Only for plans that change a database.
    [[nodiscard]] journal::DatabaseJournal& database_journal() { return *database_journal_; }

    // Opens the journal where it belongs, creating the schema only if `create`. nullopt in `ready`: there is none yet.
    [[nodiscard]] std::optional<Diagnostic> open_journal(bool create, bool& ready);
    [[nodiscard]] std::optional<Diagnostic> take_lease();
    // What open_journal() and take_lease() are to the holder.
    [[nodiscard]] std::optional<Diagnostic> work_beside();
    [[nodiscard]] bool is_pooled() const;  // the home database is reached through a pooler
    [[nodiscard]] bool is_at_work() const { return journal_ != nullptr; }
    [[nodiscard]] bool lease_lost() const { return sentinel_ && sentinel_->lease_lost(); }
    void working_on(std::optional<ItemId>);

    // How far a rollback under way is to go: a checkpoint's name, or empty for the beginning.
    void rolling_back_to(std::string checkpoint) { rolling_back_to_ = std::move(checkpoint); }
    // The same error, whose help, if it goes on with the rollback, goes no further than that.
    [[nodiscard]] Diagnostic with_aim(Diagnostic) const;

    // What the home session's settings are, so that a step sends only what differs: `known` is false after
    // anything that may have changed them.
    struct InForce {
        bool known = false;
        journal::StepLimits limits;
    };
    [[nodiscard]] InForce& in_force() { return in_force_; }

    // Whether code of users runs as definitions change: looked at once, by the home database's session. Also where the plan makes it so.
    [[nodiscard]] bool has_event_triggers();
    // Whether some step of the plan drops or renames a table: looked at once.
    [[nodiscard]] bool moves_tables();

    // The pause before try number `attempt` (from 1): doubling, at most 30 times the first, with jitter.
    [[nodiscard]] std::chrono::milliseconds backoff(int attempt) const;

private:
    void keep_journal_in(postgres::Session&);
    void join_sentinel();
    [[nodiscard]] std::optional<Diagnostic> fence_again(postgres::Session&);
    [[nodiscard]] std::optional<Diagnostic> wants_own_session(const postgres::Session& home) const;

    const compiler::Compiled* compiled_;
    const Settings* settings_;
    Observer* observer_;
    std::string run_, home_, rolling_back_to_;
    Context* holder_ = nullptr;     // beside whom it works
    journal::Backend backend_;      // then: of its home session
    std::map<std::string, postgres::Session> sessions_, outside_;
    std::shared_ptr<journal::Journal> journal_;
    journal::DatabaseJournal* database_journal_ = nullptr;
    InForce in_force_;
    std::optional<bool> has_event_triggers_, moves_tables_;
    using At = std::atomic<std::int64_t>;
    std::shared_ptr<At> at_ = std::make_shared<At>(-1);  // index of the item under way; read from the sentinel's thread
    std::size_t watched_as_ = 0;                         // by the sentinel
    std::shared_ptr<postgres::Sentinel> sentinel_;
};

// Sleeps, but not past an interrupt: false then.
[[nodiscard]] bool pause(std::chrono::milliseconds);

[[nodiscard]] bool pause_until(process::Moment);

// A diagnostic of the runtime, without a place in the plan unless one is given.
[[nodiscard]] Diagnostic problem(std::uint16_t code, std::string message, std::string help = {},
                                 std::optional<compiler::Location> where = {});
[[nodiscard]] Diagnostic interrupted();

}  // namespace cairn::run
