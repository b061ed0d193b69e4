// Steps, alone or in a `transaction` group: one transaction with its journal entry in it.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/execute/checks.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::ItemId;
using compiler::Statement;
using compiler::StepItem;
using journal::ItemState;
using journal::UndoRow;
using postgres::Answer;
using postgres::Command;
using postgres::Fate;
using postgres::Session;
using schedule::Outcome;
using schedule::Unit;

namespace {

using Clock = std::chrono::steady_clock;

// What stopped a try.
struct Trouble {
    enum class Kind { refused, lost, cancelled, check_failed } kind = Kind::refused;
    std::size_t item = 0;  // index in the unit
    Diagnostic error;
    bool may_pass = false;
};

// One try at a unit: builds up commands, sends them in as few round trips as the unit allows.
class Attempt {
public:
    Attempt(run::Context& context, Session& session, const Unit& unit)
        : context_(context), session_(session), unit_(unit), in_force_(context.in_force()), outcomes_(unit.items.size()) {}

    std::optional<Trouble> run() {
        own({"BEGIN", {}, false});
        for (at_ = 0; at_ < unit_.items.size(); ++at_) {
            auto trouble = add_item();
            take_time();
            if (trouble) return roll_back(std::move(*trouble));
        }
        at_ = unit_.items.size() - 1;
        own({"COMMIT", {}, false});
        auto trouble = flush();
        take_time();
        if (trouble) return roll_back(std::move(*trouble));
        context_.in_force() = in_force_;
        return std::nullopt;
    }
    std::vector<run::ItemOutcome>& outcomes() { return outcomes_; }

    // A unit that is one step, sent ahead: all its commands, built without asking the server anything. `behind`: the
    // step sent before it, whose answer is not in yet.
    std::vector<Command> build_ahead(const run::Context::InForce& in_force, std::optional<ItemId> behind) {
        in_force_ = in_force;
        behind_ = behind;
        own({"BEGIN", {}, false});
        (void)add_item();
        own({"COMMIT", {}, false});
        return commands_;
    }
    [[nodiscard]] const run::Context::InForce& in_force_after() const { return in_force_; }
    // What the answers to build_ahead's commands mean. Nothing is rolled back here.
    std::optional<Trouble> judge(const std::vector<Answer>& answers) {
        auto trouble = read(answers);
        take_time();
        return trouble;
    }
    void starts_now() { since_ = Clock::now(); }

private:
    // Most of a step's time is the round trip that sends it: it counts for the last item that has been sent.
    void take_time() {
        const auto now = Clock::now();
        outcomes_[at_].took += std::chrono::duration_cast<std::chrono::milliseconds>(now - since_);
        since_ = now;
    }

    struct Origin {
        std::size_t item = 0;
        const Statement* statement = nullptr;  // null: cairn's own
    };

    [[nodiscard]] const compiler::Item& item() const { return context_.item(unit_.items[at_]); }

    void own(Command command) {
        commands_.push_back(std::move(command));
        origins_.push_back({at_, nullptr});
    }
    void user(const Statement& statement) {
        commands_.push_back({statement.sql.text, {}, false});
        origins_.push_back({at_, &statement});
    }

    std::optional<Trouble> add_item() {
        const auto* step = std::get_if<StepItem>(&item().body);
        open_item(step);
        if (item().when && item().transaction) {
            if (auto trouble = flush()) return trouble;
            const WhenAnswer answer = ask_when(session_, item(), true);
            if (answer.error) return Trouble{.kind = answer.lost ? Trouble::Kind::lost : Trouble::Kind::refused, .item = at_, .error = *answer.error};
            if (!answer.run) {
                outcomes_[at_].state = ItemState::skipped;
                outcomes_[at_].note = "`when` says false";
                own(context_.database_journal().skip_item(unit_.items[at_], item().name));
                return std::nullopt;
            }
        }
        if (step != nullptr) {
            add_step(*step);
            return std::nullopt;
        }
        return add_validation();
    }

    // Every item starts from default settings, which are sent only where something may have changed them;
    // a first SET TRANSACTION must come before any query, and so before the fence.
    void open_item(const StepItem* step) {
        if (!in_force_.known) {
            own({"RESET SESSION AUTHORIZATION", {}, false});
            own({"RESET ALL", {}, false});
        }
        if (step != nullptr && at_ == 0) {
            for (const auto& s : step->statements) {
                if (s.facts.set_transaction) user(s);
            }
        }
        journal::StepLimits limits;
        if (step != nullptr) limits = {.lock_timeout = step->lock_timeout, .statement_timeout = step->statement_timeout};
        const bool as_before = in_force_.known && in_force_.limits == limits;
        auto& journal = context_.database_journal();
        if (behind_) own(journal.fence_behind(*behind_));
        if (!as_before) {
            own(journal.fence(limits, journal::DatabaseJournal::Lasting::session));
        } else if (at_ == 0 && !behind_) {
            own(journal.fence());
        }
        in_force_ = {.known = step == nullptr || std::none_of(step->statements.begin(), step->statements.end(), may_change_settings),
                     .limits = limits};
    }

    void add_step(const StepItem& step) {
        auto& journal = context_.database_journal();
        const Statement* role = nullptr;  // the step's SET ROLE in force: cairn's own statements need the runner's
        int seq = 0;
        std::vector<UndoRow> last;
        for (std::size_t i = 0; i < step.statements.size(); ++i) {
            const Statement& statement = step.statements[i];
            if (statement.facts.set_transaction && at_ == 0) continue;
            const auto rows = undo_rows(item(), unit_.items[at_], statement, seq);
            for (const auto& [row, only_if_created] : rows) {
                if (only_if_created) as_runner(role, journal.remember(row));
            }
            user(statement);
            if (changes_role(statement)) role = &statement;
            last.clear();
            for (const auto& [row, conditional] : rows) last.push_back(row);
            if (i + 1 < step.statements.size() && !last.empty()) {
                as_runner(role, journal.note_undo(last));
                last.clear();
            }
        }
        if (role != nullptr) own({"RESET SESSION AUTHORIZATION", {}, false});
        own(journal.finish_item(unit_.items[at_], item().name, last));
    }

    void as_runner(const Statement* role, Command command) {
        if (role != nullptr) own({"RESET SESSION AUTHORIZATION", {}, false});
        own(std::move(command));
        if (role != nullptr) own({role->sql.text, {}, false});
    }

    // Sees what the group has done so far, and can't change it: under a savepoint, read only.
    std::optional<Trouble> add_validation() {
        own({"SAVEPOINT cairn_validate", {}, false});
        own({"SET TRANSACTION READ ONLY", {}, false});
        own({"SET LOCAL row_security = off", {}, false});
        if (auto trouble = flush()) return trouble;
        const auto& checks = std::get<compiler::ValidateItem>(item().body).checks;
        auto& outcome = outcomes_[at_];
        outcome.checks = run_checks(session_, checks, context_.settings().rehearsal, context_.settings().root);
        own({"ROLLBACK TO SAVEPOINT cairn_validate", {}, false});
        own({"RELEASE SAVEPOINT cairn_validate", {}, false});
        if (auto error = failed_checks(outcome.checks, item())) {
            Trouble trouble{.kind = Trouble::Kind::check_failed, .item = at_, .error = *error};
            if (!session_.alive()) trouble.kind = Trouble::Kind::lost;
            return trouble;
        }
        own(context_.database_journal().finish_item(unit_.items[at_], item().name, {}));
        return std::nullopt;
    }

    std::optional<Trouble> flush() {
        process::fault_point("transaction: before sending");
        const auto answers = session_.pipeline(commands_);
        process::fault_point("transaction: after sending");
        return read(answers);
    }

    std::optional<Trouble> read(const std::vector<Answer>& answers) {
        std::optional<Trouble> trouble;
        for (std::size_t i = 0; i < answers.size() && !trouble; ++i) {
            if (answers[i].ok()) {
                count_rows(answers[i], origins_[i]);
            } else {
                trouble = explain(answers[i], origins_[i]);
            }
        }
        commands_.clear();
        origins_.clear();
        return trouble;
    }

    void count_rows(const Answer& answer, const Origin& origin) {
        if (origin.statement == nullptr || !changes_rows(answer.tag)) return;
        auto& rows = outcomes_[origin.item].rows;
        rows = rows.value_or(0) + static_cast<std::int64_t>(answer.affected);
    }

    Trouble explain(const Answer& answer, const Origin& origin) {
        Trouble trouble{.kind = Trouble::Kind::refused, .item = origin.item, .error = {}, .may_pass = may_pass(answer.error)};
        if (answer.fate == Fate::lost) trouble.kind = Trouble::Kind::lost;
        if (answer.fate == Fate::cancelled) trouble.kind = Trouble::Kind::cancelled;
        if (origin.statement != nullptr && answer.fate != Fate::lost) {
            trouble.error = server_diagnostic(answer.error, *origin.statement, 708);
        } else if (answer.error.sqlstate.empty() || answer.error.sqlstate == "CA001" || answer.fate == Fate::lost) {
            trouble.error = journal::journal_error(answer, fmt::format("running `{}`", context_.item(unit_.items[origin.item]).name));
        } else {  // deferred constraints speak up at COMMIT
            trouble.error = run::problem(708, fmt::format("the commit of `{}` was refused: {} ({})", context_.item(unit_.items[origin.item]).name,
                                                          answer.error.message, answer.error.sqlstate),
                                         answer.error.detail, context_.item(unit_.items[origin.item]).where);
        }
        return trouble;
    }

    Trouble roll_back(Trouble trouble) {
        commands_.clear();
        origins_.clear();
        context_.in_force().known = false;
        if (session_.alive() && !session_.script("ROLLBACK").ok()) trouble.kind = Trouble::Kind::lost;
        return trouble;
    }

    run::Context& context_;
    Session& session_;
    const Unit& unit_;
    run::Context::InForce in_force_;  // as it will be where the commands so far have run
    std::size_t at_ = 0;
    std::optional<ItemId> behind_;
    Clock::time_point since_ = Clock::now();
    std::vector<Command> commands_;
    std::vector<Origin> origins_;
    std::vector<run::ItemOutcome> outcomes_;
};

int retries_of(run::Context& context, const Unit& unit) {
    int retries = 0;
    for (const ItemId id : unit.items) {
        if (const auto* step = std::get_if<StepItem>(&context.item(id).body)) retries = std::max(retries, step->retries);
    }
    return retries;
}

UnitResult committed(run::Context& context, const Unit& unit, std::vector<run::ItemOutcome>& outcomes) {
    UnitResult result;
    for (std::size_t i = 0; i < unit.items.size(); ++i) {
        if (outcomes[i].rows) context.database_journal().add_rows(unit.items[i], *outcomes[i].rows);
        result.states.push_back(outcomes[i].state);
        context.observer().item_ended(unit.items[i], outcomes[i]);
    }
    return result;
}

UnitResult failed(run::Context& context, const Unit& unit, const Trouble& trouble, run::ItemOutcome outcome) {
    outcome.state = ItemState::failed;
    outcome.error = trouble.error;
    if (trouble.kind == Trouble::Kind::cancelled) {  // by whoever interrupted us: no error of the statement's
        outcome.error = run::interrupted();
        outcome.error->where = trouble.error.where;
    }
    auto result = end_item(context, unit.items[trouble.item],
                           trouble.kind == Trouble::Kind::cancelled ? Outcome::interrupted : Outcome::failed, std::move(outcome));
    if (trouble.kind == Trouble::Kind::cancelled) result.error = run::interrupted();
    result.states.assign(unit.items.size(), ItemState::pending);
    result.states[trouble.item] = ItemState::failed;
    return result;
}

// After a lost connection, under a new token: has the unit's transaction taken effect?
std::variant<bool, Diagnostic> look_up(run::Context& context, const Unit& unit, int tries) {
    for (;;) {
        if (auto error = context.reconnect_patiently(context.home(), tries)) return *error;
        auto progress = context.database_journal().progress(unit.items.back());
        if (const auto* found = std::get_if<journal::DatabaseJournal::Progress>(&progress))
            return found->state == ItemState::done || found->state == ItemState::skipped;
        if (std::get<Diagnostic>(progress).code != 709) return std::get<Diagnostic>(progress);
    }
}

}  // namespace

namespace {

// Tries until it has worked, or trying again can't help. `former`: a first try that was made already.
UnitResult try_until_done(run::Context& context, const Unit& unit, std::optional<std::pair<Trouble, std::vector<run::ItemOutcome>>> former) {
    const int tries = retries_of(context, unit) + 1;
    for (int attempt = 1;; ++attempt) {
        std::optional<Trouble> trouble;
        std::vector<run::ItemOutcome> outcomes;
        if (former) {
            trouble = std::move(former->first);
            outcomes = std::move(former->second);
            former.reset();
        } else {
            auto session = context.session(context.home());
            if (auto* error = std::get_if<Diagnostic>(&session)) return fatal(*error, unit.items.size());
            Attempt this_try(context, *std::get<Session*>(session), unit);
            trouble = this_try.run();
            outcomes = std::move(this_try.outcomes());
        }
        if (!trouble) return committed(context, unit, outcomes);
        if (trouble->error.code == 714) return fatal(trouble->error, unit.items.size());
        if (trouble->kind == Trouble::Kind::lost) {
            context.observer().message(trouble->error.message);
            auto done = look_up(context, unit, std::max(tries, 2));
            if (auto* error = std::get_if<Diagnostic>(&done)) return fatal(*error, unit.items.size());
            if (std::get<bool>(done)) return committed(context, unit, outcomes);
        }
        const bool again = trouble->kind == Trouble::Kind::lost || (trouble->kind == Trouble::Kind::refused && trouble->may_pass);
        if (process::interrupt_requested()) trouble->kind = Trouble::Kind::cancelled;
        if (!again || attempt >= tries || trouble->kind == Trouble::Kind::cancelled)
            return failed(context, unit, *trouble, outcomes[trouble->item]);
        const auto wait = context.backoff(attempt);
        context.observer().retrying(unit.items[trouble->item], attempt, wait, trouble->error);
        if (auto error = context.journal().event(context.item(unit.items[trouble->item]).name, "retry", trouble->error.message))
            return fatal(*error, unit.items.size());
        if (!run::pause(wait)) {
            trouble->kind = Trouble::Kind::cancelled;
            return failed(context, unit, *trouble, {});
        }
    }
}

}  // namespace

UnitResult execute_transaction(run::Context& context, const Unit& unit) { return try_until_done(context, unit, std::nullopt); }

// Steps that need no answer of one another are sent in one go; each is its own transaction with its own fence. When
// one fails, the server refuses those behind it (its transaction block stays failed until ROLLBACK), so what is sent
// ahead never runs past a failure.
std::vector<UnitResult> execute_train(run::Context& context, const std::vector<Unit>& units) {
    auto opened = context.session(context.home());
    if (auto* error = std::get_if<Diagnostic>(&opened)) return {fatal(*error)};
    Session& session = *std::get<Session*>(opened);
    std::vector<Attempt> attempts;
    attempts.reserve(units.size());
    std::vector<std::vector<Command>> groups;
    run::Context::InForce in_force = context.in_force();
    for (const auto& unit : units) {
        attempts.emplace_back(context, session, unit);
        const bool first = groups.empty();
        groups.push_back(attempts.back().build_ahead(in_force, first ? std::nullopt : std::optional(units[groups.size() - 1].items.front())));
        in_force = attempts.back().in_force_after();
    }
    std::vector<UnitResult> results;
    std::optional<Trouble> trouble;
    auto start = [&](std::size_t i) {
        context.observer().item_started(units[i].items.front());
        context.working_on(units[i].items.front());
        attempts[i].starts_now();
    };
    start(0);
    process::fault_point("train: before sending");
    const auto answers = session.pipelines(groups, [&](std::size_t i, const std::vector<Answer>& group) {
        if (trouble) return;  // refused behind a failure
        trouble = attempts[i].judge(group);
        if (trouble) return;
        results.push_back(committed(context, units[i], attempts[i].outcomes()));
        if (i + 1 < units.size()) start(i + 1);
        if (process::interrupt_requested()) session.heed_interrupts(true);  // the cancel request came between two steps
    });
    if (process::interrupt_requested()) session.heed_interrupts(false);
    process::fault_point("train: after sending");
    if (results.size() == units.size()) {
        context.in_force() = in_force;
        context.working_on(std::nullopt);
        return results;
    }
    const std::size_t at = results.size();
    context.in_force().known = false;
    if (!trouble) trouble = attempts[at].judge(answers[at]);  // lost before its answers were complete
    if (session.alive() && !session.script("ROLLBACK").ok()) trouble->kind = Trouble::Kind::lost;
    if (trouble->kind != Trouble::Kind::lost) {
        results.push_back(try_until_done(context, units[at], std::pair(*trouble, std::move(attempts[at].outcomes()))));
        context.working_on(std::nullopt);
        return results;
    }
    // The server may have gone on with what was sent: under a new token each step is looked up, none is repeated blindly.
    context.observer().message(trouble->error.message);
    for (std::size_t i = at; i < units.size(); ++i) {
        auto done = look_up(context, units[i], retries_of(context, units[i]) + 1);
        if (auto* error = std::get_if<Diagnostic>(&done)) {
            results.push_back(fatal(*error));
            break;
        }
        if (i > at) start(i);
        if (!std::get<bool>(done)) {
            results.push_back(try_until_done(context, units[i], std::nullopt));
            break;
        }
        results.push_back(committed(context, units[i], attempts[i].outcomes()));
    }
    context.working_on(std::nullopt);
    return results;
}

}  // namespace cairn::execute
