// Rehearses a plan on a private server: runs it, measures it, rolls it back, proves that everything
// is as before, and runs it again. Touches nothing but its own server.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/compile.hpp"
#include "compiler/sql/facts.hpp"
#include "runtime/config/config.hpp"
#include "runtime/run/runner.hpp"

namespace cairn::rehearse {

enum class ItemState { applied, skipped, failed };
// What the rollback of an item left behind, as the catalog and the contents tell.
enum class Grade {
    exact,         // every schema object and every row is as before
    column_order,  // the same but for the position of re-created columns
    differs,
    none,   // the plan declares `rollback none`, or `keep no rows` and nothing but rows is lost
    failed  // the rollback itself failed, or did not come this far
};
[[nodiscard]] const char* name(ItemState);  // "applied"
[[nodiscard]] const char* name(Grade);      // "column order"

struct HeldLock {
    std::string relation;  // `public.users`
    sql::LockMode mode = sql::LockMode::access_share;
    std::chrono::milliseconds held{0};
};

// One statement of a step, measured right before and right after it: what cairn does around it, to be
// able to give rows back, is not in these figures, but for what triggers of its own write meanwhile.
struct StatementReport {
    std::size_t statement = 0;  // its place in the step
    std::string sql;
    std::chrono::milliseconds took{0};
    std::optional<std::int64_t> rows;  // changed
    std::int64_t wal_bytes = 0;
    // As ItemReport::locks, those that it took itself, until they were let go.
    std::vector<HeldLock> locks;
    std::vector<std::string> rewrites;
};

struct ItemReport {
    std::string name, kind;
    ItemState state = ItemState::skipped;
    std::optional<std::chrono::milliseconds> took;
    std::optional<std::chrono::milliseconds> undo_took;  // absent: nothing was undone
    std::optional<std::int64_t> rows;       // changed
    std::optional<std::int64_t> wal_bytes;  // written by the server while the item ran
    // On relations that were there before, as long as they were held: of each the strongest, and
    // weaker ones that were held for longer.
    std::vector<HeldLock> locks;
    std::vector<std::string> rewrites;     // tables that got new storage, by name
    std::vector<StatementReport> statements;  // of a step, those that ran; of a batch its first range
    std::optional<Grade> rollback;         // absent: there was nothing to undo and nothing to prove
    bool rows_given_up = false;  // `none` because of `keep no rows`
    std::vector<std::string> differences;  // what was not as before, sorted
    std::optional<compiler::Diagnostic> error;
    std::vector<run::CheckOutcome> checks;
    std::string note;  // why skipped, what only the window can tell
};

// One point at which the runner was killed, and how things stood once it had been resumed.
struct CrashPoint {
    bool in_rollback = false;
    std::size_t number = 0;                // of the runner's actions, from 1
    std::string name;                      // "transaction: before sending"
    std::vector<std::string> differences;  // from an undisturbed run
    std::string error;                     // why it could not be resumed; else empty
    [[nodiscard]] bool survived() const { return differences.empty() && error.empty(); }
};
struct CrashReport {
    std::size_t apply_points = 0, rollback_points = 0;  // there are so many
    std::vector<CrashPoint> points;                     // those that were tried
};

// Whether a check can fail: what made it, on a copy of the state in which it runs.
struct CheckProof {
    std::string item, title;
    std::optional<std::string> tripped_by;  // absent: nothing that was tried did
    std::size_t tried = 0;                  // ways of spoiling what it looks at
    std::string note;                       // why nothing could be tried; else empty
    [[nodiscard]] bool protects_nothing() const { return !tripped_by && note.empty(); }
};

struct Report {
    std::string plan, digest;
    bool proved = false;
    std::vector<ItemReport> items;  // in the plan's order
    // How the end state of the second apply differs from that of the first; empty: it gave the
    // same.
    std::vector<std::string> second_apply;
    std::vector<std::string>
        notes;  // differences that prove nothing: values of now(), random functions, sequences
    std::optional<compiler::Diagnostic>
        error;  // why the rollback or the second apply did not come to its end
    // With Options::max_lock: C0785 for each lock that made others wait for longer; empty: none did.
    std::optional<std::vector<compiler::Diagnostic>> over_budget;
    std::optional<CrashReport>
        crash;  // with Options::crash; absent too where nothing could be tried
    std::optional<std::vector<CheckProof>> checks;  // with Options::mutate; the same
};

struct Options {
    bool crash = false;  // kill the runner at its actions and resume
    std::optional<std::size_t>
        crash_points{};      // at so many of each of apply and rollback; else all
    std::uint64_t seed = 1;  // of their choice
    bool mutate = false;     // ask of each check whether it can fail
    int jobs = 2;            // items of a `parallel` at a time, in the second apply
    // How long a lock may be held in which readers or writers wait: SHARE and stronger.
    std::optional<std::chrono::milliseconds> max_lock{};
    // A profile whose databases the rehearsal starts from, whatever else names a fixture.
    std::optional<std::string> from{};
    // Called between the apply and its rollback with where the databases are: for tests that
    // tamper with what the rollback goes by.
    std::function<void(const std::map<std::string, std::string>& conninfo)> before_rollback{};
};

// `identity` is what `compiled` was compiled with; the second apply has a run id of its own, and
// the same date and time. `progress` may be null; it hears of the first apply, the rollback and the
// second apply. A diagnostic means that nothing was rehearsed: no scratch server (C063x), or no
// fixture (C078x).
[[nodiscard]] std::variant<Report, compiler::Diagnostic> rehearse(const compiler::Compiled&,
                                                                  const run::Identity&,
                                                                  const config::Config&,
                                                                  run::Observer* progress,
                                                                  const Options& = {});

// Whether all of it speaks for the plan: what becomes Report::proved.
[[nodiscard]] bool is_proved(const Report&);

// 0 proved, 3 not proved.
[[nodiscard]] run::Exit exit_of(const Report&);
// 1 for a broken fixture (it belongs to the plan), 8 for a server that could not be started.
[[nodiscard]] run::Exit exit_of(const compiler::Diagnostic&);

[[nodiscard]] std::string report_text(const Report&, const compiler::Sources&, bool color);
[[nodiscard]] std::string report_json(const Report&, const compiler::Sources&);  // keys of cli.md

}  // namespace cairn::rehearse
