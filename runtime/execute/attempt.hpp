// One try at a unit of transactional items: builds its commands, sends them, and says what the answers mean.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "runtime/execute/acting_as.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/execute/other_databases.hpp"
#include "runtime/undo/filled.hpp"
#include "runtime/undo/recorder.hpp"
#include "runtime/undo/unseen.hpp"

namespace cairn::execute {

// What stopped a try.
struct Trouble {
    enum class Kind {
        refused, lost, cancelled, check_failed,
        again   // more has to be captured than was: no failure
    } kind = Kind::refused;
    std::size_t item = 0;  // index in the unit
    compiler::Diagnostic error;
    bool may_pass = false;
    bool stepped_aside = false;  // it ended at cairn's own patience for a strong lock
};

// What earlier tries at a unit have taught.
struct Lessons {
    std::vector<undo::Learned> stretches;  // one a watched stretch, in their order
    std::set<std::size_t> watched;         // items of the unit that have changed rows unseen
    std::set<std::size_t> in_one;          // and those whose statements have to be watched together
};

// One try at a unit: builds up commands, sends them in as few round trips as the unit allows.
class Attempt {
public:
    // `lessons` outlive the tries at the unit.
    Attempt(run::Context& context, postgres::Session& session, const schedule::Unit& unit, Lessons& lessons)
        : context_(context), session_(session), unit_(unit), in_force_(context.in_force()), lessons_(lessons), outcomes_(unit.items.size()) {}

    // For strong locks, shorter than the step's own lock timeout.
    void be_patient_for(std::optional<std::chrono::milliseconds> patience) { patience_ = patience; }

    std::optional<Trouble> run();
    std::vector<run::ItemOutcome>& outcomes() { return outcomes_; }

    // A unit that is one step, sent ahead: all its commands, built without asking the server anything. `behind`: the
    // step sent before it, whose answer is not in yet. `more_follow`: its commit does not wait for the disk, the last one's
    // flush covers it (commits reach the write-ahead log in their order: https://www.postgresql.org/docs/15/wal-async-commit.html).
    // A crash of the server before that takes the step back together with its journal entry.
    std::vector<postgres::Command> build_ahead(const run::Context::InForce& in_force, std::optional<compiler::ItemId> behind,
                                               bool more_follow);
    [[nodiscard]] const run::Context::InForce& in_force_after() const { return in_force_; }
    // What the answers to build_ahead's commands mean. Nothing is rolled back here.
    std::optional<Trouble> judge(const std::vector<postgres::Answer>& answers);
    void starts_now() { since_ = std::chrono::steady_clock::now(); }

private:
    // Most of a step's time is the round trip that sends it: it counts for the last item that has been sent.
    void take_time();

    struct Origin {
        std::size_t item = 0;
        const compiler::Statement* statement = nullptr;  // null: cairn's own
        enum class Kind { command, probe_before, probe_after } kind = Kind::command;
        bool has_patience = false;
    };

    [[nodiscard]] const compiler::Item& item() const { return context_.item(unit_.items[at_]); }

    void own(postgres::Command command);
    void own(std::vector<postgres::Command> commands);
    void user(const compiler::Statement& statement);
    void shorten_patience();
    void own_patience();

    std::optional<Trouble> add_item();

    // Every item starts from default settings, which are sent only where something may have changed them;
    // a first SET TRANSACTION must come before any query, and so before the fence.
    void open_item(const compiler::StepItem* step);

    void add_step(const compiler::StepItem& step);
    // What it has touched is looked at behind it.
    std::optional<Trouble> add_unseen_step(const compiler::StepItem& step);

    [[nodiscard]] bool is_watched(std::size_t at) const;
    // Watched: what it changes is read and kept as it runs, stretch by stretch.
    std::optional<Trouble> add_watched_step(const compiler::StepItem& step);
    std::optional<Trouble> run_stretch(const undo::Stretch&, bool last, const compiler::StepItem&, ActingAs& role);
    std::optional<Trouble> close_recorder();
    // Of the tables that the transaction has made, how many rows it leaves there.
    void note_made(const undo::Entry&);
    std::optional<Trouble> count_filled();
    std::optional<Trouble> own_trouble(compiler::Diagnostic);

    void as_runner(const ActingAs& role, postgres::Command command);

    // Sees what the group has done so far, and can't change it: under a savepoint, read only.
    std::optional<Trouble> add_validation();

    std::optional<Trouble> flush();

    std::optional<Trouble> read(const std::vector<postgres::Answer>& answers);

    void take_probe(const postgres::Answer& answer, const Origin& origin);

    void count_rows(const postgres::Answer& answer, const Origin& origin);

    Trouble explain(const postgres::Answer& answer, const Origin& origin);

    Trouble roll_back(Trouble trouble);

    run::Context& context_;
    postgres::Session& session_;
    const schedule::Unit& unit_;
    run::Context::InForce in_force_;  // as it will be where the commands so far have run
    std::optional<std::chrono::milliseconds> patience_;
    Lessons& lessons_;
    std::optional<undo::Recorder> recorder_;
    int stretch_ = 0;  // number of the next trail entry of the item
    struct Made {
        compiler::ItemId item;
        int seq = 0;
        std::set<std::uint32_t> tables;
    };
    std::vector<Made> made_;              // by entry of the trail
    std::set<std::uint32_t> kept_of_;     // tables whose rows some entry keeps
    std::unique_ptr<OtherDatabases> others_;  // what the validations of a group read beside its own database
    std::size_t at_ = 0;
    std::optional<compiler::ItemId> behind_;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
    std::vector<postgres::Command> commands_;
    std::vector<Origin> origins_;
    std::vector<run::ItemOutcome> outcomes_;
};

}  // namespace cairn::execute
