#include "runtime/rehearse/rehearse.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "runtime/rehearse/budget.hpp"
#include "runtime/rehearse/crash.hpp"
#include "runtime/rehearse/databases.hpp"
#include "runtime/rehearse/mutate.hpp"
#include "runtime/rehearse/regrade.hpp"
#include "runtime/rehearse/second_apply.hpp"
#include "runtime/rehearse/undoing.hpp"
#include "runtime/schedule/schedule.hpp"

namespace cairn::rehearse {
namespace {

using compiler::Compiled;
using compiler::Diagnostic;

class Rehearsal {
public:
    Rehearsal(const Compiled& compiled, const run::Identity& identity, const config::Config& config,
              run::Observer* progress, const Options& options, scratch::Server server)
        : options_(options),
          compiled_(compiled),
          identity_(identity),
          config_(config),
          progress_(progress),
          server_(std::move(server)),
          databases_(server_, compiled, config, options.from) {
        report_.plan = compiled.graph.plan;
        report_.digest = compiled.graph.digest;
        for (const auto& item : compiled.graph.items) {
            ItemReport row;
            row.name = item.name;
            row.kind = item.kind;
            report_.items.push_back(std::move(row));
        }
    }

    std::variant<Report, Diagnostic> run() {
        if (auto error = databases_.create()) return std::move(*error);
        for (const auto& role : databases_.without_fixture())
            report_.notes.push_back("database `" + role +
                                    "` was empty at first: it has no fixture");
        if (options_.crash || options_.mutate)
            if (auto error = databases_.keep("start")) return std::move(*error);
        auto start = databases_.read_states();
        if (auto* error = std::get_if<Diagnostic>(&start)) return std::move(*error);

        if (progress_) progress_->message("on a private server, " + origin());
        Applying applying(compiled_.graph, databases_, std::get<States>(start), report_.items,
                          progress_);
        auto measuring = settings();
        measuring.probe = probe_query();
        const auto applied = run::apply(compiled_, identity_, measuring, applying);
        if (!applying.record()) return applied.error.value_or(Diagnostic{});
        if (interrupted(applied)) return *applied.error;
        if (applying.error()) return *applying.error();
        auto first = read_end_state(databases_);
        if (auto* error = std::get_if<Diagnostic>(&first)) return std::move(*error);
        const auto& end = std::get<EndState>(first);
        applying.finish(end.states);

        if (options_.before_rollback) options_.before_rollback(databases_.conninfo());
        Undoing undoing(compiled_.graph, databases_, applying, end.states, report_.items,
                        progress_);
        if (progress_) progress_->message("rolling back");
        const auto undone = roll_back(*applying.record(), undoing);
        undoing.finish();
        if (interrupted(undone)) return *undone.error;
        if (undoing.error()) return *undoing.error();
        if (undone.exit != run::Exit::done) report_.error = undone.error;

        auto anew = databases_.read_states_anew();
        if (auto* error = std::get_if<Diagnostic>(&anew)) return std::move(*error);
        const auto& back = std::get<States>(anew);
        if (const auto missed = compare(undoing.now(), back); !missed.lines.empty())
            report_.error = Diagnostic{
                .code = 635,
                .message = "what the items changed was not all seen: " + missed.lines.front()};
        const bool as_before =
            undone.exit == run::Exit::done &&
            compare(std::get<States>(start), back).likeness != catalog::Likeness::differs;
        if (auto error = grade_again()) return std::move(*error);
        if (auto error = apply_again(as_before, std::get<States>(start), end))
            return std::move(*error);
        if (auto error = mutate_it()) return std::move(*error);
        if (auto error = crash_it()) return std::move(*error);
        if (options_.max_lock)
            report_.over_budget = over_budget(compiled_.graph, report_.items, *options_.max_lock);
        report_.proved = is_proved(report_);
        return std::move(report_);
    }

private:
    static bool interrupted(const run::Result& result) {
        return result.error && result.error->code == 713;
    }

    [[nodiscard]] run::Settings settings() const {
        run::Settings settings;
        settings.conninfo = databases_.conninfo();
        settings.root = config_.root;
        const auto& plan = compiled_.sources.at({0}).name();
        settings.plan_file = std::filesystem::absolute(plan).string();
        // A plan that changes no database writes its journal there: it goes with the server.
        settings.journal_folder = server_.folder() + "/journal";
        settings.rehearsal = true;
        settings.keep_going = true;
        settings.jobs = 1;  // each item is measured, and undone, by itself
        return settings;
    }

    // What the databases were filled from.
    [[nodiscard]] std::string origin() const {
        const auto& paths = databases_.fixtures();
        std::string text;
        for (const auto& path : paths) text += (text.empty() ? "filled from " : ", ") + path;
        return text.empty() ? "empty" : text;
    }

    // A point of no return is there for people; a rehearsal proves what lies before it too.
    [[nodiscard]] std::optional<std::string> point_passed() const {
        std::vector<journal::ItemState> states;
        for (const auto& item : report_.items)
            states.push_back(item.state == ItemState::failed ? journal::ItemState::failed
                                                             : journal::ItemState::done);
        return schedule::passed_point(compiled_.graph, states, compiler::ItemId{0});
    }

    run::Result roll_back(const journal::RunRecord& record, run::Observer& observer) {
        return run::rollback(compiled_, record, std::nullopt, point_passed(), settings(), observer);
    }

    // A rollback that goes wrong takes those after it along: each of them gets a try of its own.
    std::optional<Diagnostic> grade_again() {
        auto left = regrade(
            {.graph = compiled_.graph,
             .databases = databases_,
             .apply =
                 [this](run::Observer& observer, const std::string& until) {
                     auto up_to = settings();
                     up_to.probe = "SELECT";  // one at a time: the states between are read
                     up_to.until = until;
                     return run::apply(compiled_, identity_, up_to, observer);
                 },
             .roll_back = [this](const journal::RunRecord& record,
                                 run::Observer& observer) { return roll_back(record, observer); },
             .before_rollback =
                 [this] {
                     if (options_.before_rollback) options_.before_rollback(databases_.conninfo());
                 },
             .items = report_.items,
             .progress = progress_});
        if (auto* error = std::get_if<Diagnostic>(&left)) return std::move(*error);
        if (const auto count = std::get<std::size_t>(left); count > 0)
            report_.notes.push_back(std::to_string(count) +
                                    " rollbacks are graded by what bad ones before them had left");
        return std::nullopt;
    }

    // Of a run that nobody measures, as it is outside of a rehearsal.
    [[nodiscard]] run::Settings plain_settings() const {
        auto plain = settings();
        plain.keep_going = false;
        return plain;
    }

    std::optional<Diagnostic> crash_it() {
        if (!options_.crash || !can_be_run_again("killed")) return std::nullopt;
        auto tried = crash({.compiled = compiled_,
                            .identity = identity_,
                            .databases = databases_,
                            .settings = [this] { return plain_settings(); },
                            .folder = server_.folder(),
                            .past = point_passed(),
                            .most = options_.crash_points,
                            .seed = options_.seed,
                            .progress = progress_});
        if (auto* error = std::get_if<Diagnostic>(&tried)) return std::move(*error);
        report_.crash = std::get<CrashReport>(std::move(tried));
        return std::nullopt;
    }

    std::optional<Diagnostic> mutate_it() {
        if (!options_.mutate || !can_be_run_again("mutated")) return std::nullopt;
        auto tried = mutate({.compiled = compiled_,
                             .identity = identity_,
                             .databases = databases_,
                             .settings = [this] { return plain_settings(); },
                             .items = report_.items,
                             .progress = progress_});
        if (auto* error = std::get_if<Diagnostic>(&tried)) return std::move(*error);
        report_.checks = std::get<std::vector<CheckProof>>(std::move(tried));
        return std::nullopt;
    }

    // Says why not.
    bool can_be_run_again(const std::string& to_be) {
        if (!databases_.changed().empty() && !has_trouble()) return true;
        report_.notes.push_back("not " + to_be + ": " +
                                (has_trouble()
                                     ? "the plan must run and be rolled back undisturbed first"
                                     : "the plan changes no database"));
        return false;
    }

    [[nodiscard]] bool has_trouble() const {
        return report_.error ||
               std::any_of(report_.items.begin(), report_.items.end(), [](const ItemReport& item) {
                   return item.state == ItemState::failed || item.rollback == Grade::failed;
               });
    }

    // On the databases that were rolled back, if they are as before; else on fresh ones.
    std::optional<Diagnostic> apply_again(bool as_before, const States& start,
                                          const EndState& first) {
        if (as_before) {
            reset_sequences(databases_, start);
        } else if (auto error = databases_.create_anew()) {
            return error;
        }
        if (progress_) progress_->message("applying again");
        const auto applied = apply_unwatched();
        if (interrupted(applied)) return applied.error;
        const bool failed_first =
            std::any_of(report_.items.begin(), report_.items.end(),
                        [](const auto& item) { return item.state == ItemState::failed; });
        if (applied.exit != run::Exit::done && !failed_first) {
            report_.second_apply.push_back("it failed");
            if (!report_.error) report_.error = applied.error;
            return std::nullopt;
        }
        auto second = read_end_state(databases_);
        if (auto* error = std::get_if<Diagnostic>(&second)) return std::move(*error);
        auto again = compare_applies(first, std::get<EndState>(second));
        if (as_before && std::any_of(again.differences.begin(), again.differences.end(), is_of_values))
            if (auto error = set_random_apart(first, again)) return error;
        report_.second_apply = std::move(again.differences);
        report_.notes.insert(report_.notes.end(), again.notes.begin(), again.notes.end());
        return std::nullopt;
    }

    run::Result apply_unwatched() {
        run::Identity identity = run::new_identity();
        identity.date = identity_.date;
        identity.time = identity_.time;
        Relay relay(nullptr);
        auto as_in_the_window = settings();
        as_in_the_window.jobs = options_.jobs;
        return run::apply(compiled_, identity, as_in_the_window, relay);
    }

    // Values that differ from one fresh start to the next are no trace of a rollback: a function of
    // the plan's own may draw them at random.
    std::optional<Diagnostic> set_random_apart(const EndState& first, Again& again) {
        if (auto error = databases_.create_anew()) return error;
        if (progress_) progress_->message("applying to a fresh start: which values are random?");
        const auto applied = apply_unwatched();
        if (interrupted(applied)) return applied.error;
        auto fresh = read_end_state(databases_);
        if (auto* error = std::get_if<Diagnostic>(&fresh)) return std::move(*error);
        set_apart(compare_applies(first, std::get<EndState>(fresh)), again);
        return std::nullopt;
    }

    const Options& options_;
    const Compiled& compiled_;
    const run::Identity& identity_;
    const config::Config& config_;
    run::Observer* progress_;
    scratch::Server server_;
    Databases databases_;
    Report report_;
};

}  // namespace

std::variant<Report, Diagnostic> rehearse(const Compiled& compiled, const run::Identity& identity,
                                          const config::Config& config, run::Observer* progress,
                                          const Options& options) {
    auto server = scratch::Server::start();
    if (auto* error = std::get_if<Diagnostic>(&server)) return std::move(*error);
    return Rehearsal(compiled, identity, config, progress, options,
                     std::get<scratch::Server>(std::move(server)))
        .run();
}

}  // namespace cairn::rehearse
