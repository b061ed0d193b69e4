// The kinds of item that change no database: checks, commands, waits, checkpoints.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "runtime/execute/checks.hpp"
#include "runtime/execute/free_space.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/command.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::ItemId;
using journal::ItemState;
using postgres::Fate;
using postgres::Session;
using schedule::Outcome;
using Clock = std::chrono::steady_clock;

namespace {

std::chrono::milliseconds since(Clock::time_point began) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
}

// ---------------------------------------------------------------- checks

bool lost_on_the_way(const std::vector<run::CheckOutcome>& checks) {
    return !checks.empty() && checks.back().error && checks.back().error->code == 754;
}

struct Looked {
    std::vector<run::CheckOutcome> checks;
    std::optional<Diagnostic> error;
    bool lost = false;
};

// All checks of a block see one state, read only; row security must not hide rows from them.
Looked look(run::Context& context, const std::string& role, const std::vector<compiler::Check>& checks) {
    const auto& settings = context.settings();
    if (auto outcomes = run_space_checks(checks, settings.rehearsal, settings.root)) return {.checks = std::move(*outcomes), .error = {}};
    auto opened = context.session(role);
    if (auto* error = std::get_if<Diagnostic>(&opened)) return {.checks = {}, .error = *error};
    Session& session = *std::get<Session*>(opened);
    context.in_force().known = false;
    const auto answers = session.pipeline({{"BEGIN", {}, false},
                                           {"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", {}, false},
                                           {"RESET SESSION AUTHORIZATION", {}, false},
                                           {"RESET ALL", {}, false},
                                           {"SET LOCAL row_security = off", {}, false}});
    for (const auto& a : answers) {
        if (!a.ok()) return {.checks = {}, .error = journal::journal_error(a, "opening a read-only transaction"), .lost = a.fate == Fate::lost};
    }
    Looked looked;
    looked.checks = run_checks(session, checks, settings.rehearsal, settings.root);
    if (!session.alive() || lost_on_the_way(looked.checks) || !session.script("ROLLBACK").ok()) looked.lost = true;
    return looked;
}

// Reading can be tried again without harm.
Looked look_patiently(run::Context& context, const std::string& role, const std::vector<compiler::Check>& checks) {
    constexpr int tries = 5;
    for (int attempt = 1;; ++attempt) {
        Looked looked = look(context, role, checks);
        if (!looked.lost || attempt == tries || process::interrupt_requested()) return looked;
        if (auto error = context.reconnect_patiently(role, tries)) return {.checks = {}, .error = error};
    }
}

// `when` of an item that stands alone.
std::optional<UnitResult> skipped_by_when(run::Context& context, ItemId id) {
    const auto& item = context.item(id);
    if (!item.when) return std::nullopt;
    const std::string role = item.database.value_or(context.home());
    for (int attempt = 1;; ++attempt) {
        auto opened = context.session(role);
        if (auto* error = std::get_if<Diagnostic>(&opened)) return fatal(*error);
        const WhenAnswer answer = ask_when(*std::get<Session*>(opened), item, false);
        if (answer.lost && attempt < 5) {
            if (auto error = context.reconnect_patiently(role, 5)) return fatal(*error);
            continue;
        }
        if (answer.error) {
            run::ItemOutcome ended;
            ended.state = ItemState::failed;
            ended.error = answer.error;
            return end_item(context, id, Outcome::failed, std::move(ended));
        }
        if (answer.run) return std::nullopt;
        run::ItemOutcome ended;
        ended.state = ItemState::skipped;
        ended.note = "`when` says false";
        return end_item(context, id, Outcome::done, std::move(ended));
    }
}

// ---------------------------------------------------------------- confirm

std::string read_answer() {
    std::string answer;
    for (char c = 0;;) {
        pollfd fds[2] = {{STDIN_FILENO, POLLIN, 0}, {process::interrupt_fd(), POLLIN, 0}};
        if (poll(fds, process::interrupt_fd() >= 0 ? 2 : 1, -1) < 0 && errno != EINTR) return {};
        if (process::interrupt_requested()) return {};
        if ((fds[0].revents & (POLLIN | POLLHUP)) == 0) continue;
        if (read(STDIN_FILENO, &c, 1) != 1 || c == '\n') return answer;
        answer += c;
    }
}

struct Confirmed {
    bool yes = false;
    std::string how;
};

Confirmed confirm(run::Context& context, ItemId id, const std::string& question, const std::vector<run::CheckOutcome>& checks) {
    const auto& item = context.item(id);
    const auto& settings = context.settings();
    if (settings.rehearsal) return {.yes = true, .how = "confirmed: a rehearsal says yes"};
    if (settings.confirmed.contains(item.name)) return {.yes = true, .how = fmt::format("confirmed by --confirm {}", item.name)};
    if (!settings.interactive) return {.yes = false, .how = fmt::format("nobody is there to answer `{}`", question)};
    context.observer().asking(id, checks);
    std::cerr << question << " [yes/no] " << std::flush;
    std::string answer = read_answer();
    context.observer().answered();
    std::transform(answer.begin(), answer.end(), answer.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool yes = answer == "yes" || answer == "y";
    return {.yes = yes, .how = fmt::format("`{}` was answered {}", question, yes ? "yes" : answer.empty() ? "with nothing" : "no")};
}

}  // namespace

UnitResult execute_checks(run::Context& context, ItemId id) {
    if (auto skipped = skipped_by_when(context, id)) return std::move(*skipped);
    const auto& item = context.item(id);
    const auto* gate = std::get_if<compiler::GateItem>(&item.body);
    const auto& checks = gate ? gate->checks : std::get<compiler::ValidateItem>(item.body).checks;
    const Outcome on_failure = !gate ? Outcome::failed : gate->else_rollback ? Outcome::gate_rolled_back : Outcome::gate_stopped;
    const auto began = Clock::now();
    run::ItemOutcome ended;
    if (!checks.empty()) {
        Looked looked = look_patiently(context, item.database.value_or(context.home()), checks);
        if (looked.error) return fatal(*looked.error);
        ended.checks = std::move(looked.checks);
        ended.error = failed_checks(ended.checks, item);
    }
    ended.took = since(began);
    if (process::interrupt_requested()) {
        ended.state = ItemState::failed;
        ended.error = run::interrupted();
        return end_item(context, id, Outcome::interrupted, std::move(ended));
    }
    if (!ended.error && gate && gate->confirm) {
        const Confirmed answer = confirm(context, id, *gate->confirm, ended.checks);
        ended.note = answer.how;
        if (process::interrupt_requested()) {
            ended.error = run::interrupted();
        } else if (!answer.yes) {
            ended.error = run::problem(712, fmt::format("gate `{}`: {}", item.name, answer.how), fmt::format("cairn resume {} --confirm {}", context.run(), item.name),
                                       item.where);
        }
    }
    if (ended.error) {
        ended.state = ItemState::failed;
        const bool stopped = ended.error->code == 713;
        return end_item(context, id, stopped ? Outcome::interrupted : on_failure, std::move(ended));
    }
    return end_item(context, id, Outcome::done, std::move(ended));
}

// ---------------------------------------------------------------- run

namespace {

std::string environment_name(const std::string& parameter) {
    std::string name = "CAIRN_PARAM_";
    for (const char c : parameter) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

std::string how_it_ended(const process::CommandOutcome& outcome, const std::vector<std::string>& argv) {
    using How = process::CommandOutcome::How;
    switch (outcome.how) {
        case How::exited: return fmt::format("`{}` ended with exit status {}", argv[0], outcome.status);
        case How::signalled: return fmt::format("`{}` was ended by signal {}", argv[0], outcome.status);
        case How::timed_out: return fmt::format("`{}` did not end within its timeout", argv[0]);
        case How::not_started: return fmt::format("`{}` could not be started: {}", argv[0], outcome.message);
        case How::interrupted: return fmt::format("`{}` was interrupted", argv[0]);
    }
    return {};
}

struct Output {
    std::string tail;  // the last of it, for the journal
    std::ofstream file;

    void take(std::string_view text) {
        constexpr std::size_t kept = 4000;
        tail += text;
        if (tail.size() > kept) tail.erase(0, tail.size() - kept);
        if (file.is_open()) file << text << std::flush;
    }
};

}  // namespace

process::CommandOutcome run_program(run::Context& context, const std::vector<std::string>& argv,
                                    std::optional<std::chrono::milliseconds> timeout, const std::optional<std::string>& output_to,
                                    std::string& tail) {
    Output output;
    if (output_to) {
        const std::filesystem::path path = std::filesystem::path(context.settings().root) / *output_to;
        std::error_code ignored;
        if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
        output.file.open(path, std::ios::app);
        if (!output.file) {
            process::CommandOutcome outcome;
            outcome.how = process::CommandOutcome::How::not_started;
            outcome.message = fmt::format("its output file `{}` can't be written", path.string());
            return outcome;
        }
    }
    process::CommandOptions options{.environment = {{"CAIRN_PLAN", context.graph().plan}, {"CAIRN_RUN", context.run()}},
                                    .timeout = timeout,
                                    .folder = context.settings().root,
                                    .output = [&](std::string_view text) { output.take(text); }};
    for (const auto& p : context.graph().parameters) options.environment.emplace_back(environment_name(p.name), p.value);
    auto outcome = process::run_command(argv, options);
    tail = std::move(output.tail);
    return outcome;
}

UnitResult execute_command(run::Context& context, ItemId id) {
    const auto& item = context.item(id);
    const auto& command = std::get<compiler::RunItem>(item.body);
    const auto& settings = context.settings();
    run::ItemOutcome ended;
    if (settings.rehearsal && command.rehearse.empty()) {
        ended.note = "not executed in a rehearsal";
        return end_item(context, id, Outcome::done, std::move(ended));
    }
    auto states = context.journal().items();
    if (auto* error = std::get_if<Diagnostic>(&states)) return fatal(*error);
    if (std::get<std::vector<journal::ItemRecord>>(states)[id.index].state == ItemState::running) {
        if (settings.done.contains(item.name)) {
            ended.note = "said to be done by --done";
            return end_item(context, id, Outcome::done, std::move(ended));
        }
        if (!settings.repeat.contains(item.name)) {
            UnitResult result;
            result.outcome = Outcome::interrupted;
            result.states = {ItemState::running};
            result.error = run::problem(716, fmt::format("the runner died while `{}` ran: whether it did its work is not known", item.name),
                                        fmt::format("cairn resume {0} --repeat {1}, or, if it has done it: cairn resume {0} --done {1}", context.run(), item.name), item.where);
            return result;
        }
    }
    if (auto error = context.journal().record({{.item = id, .name = item.name, .state = ItemState::running, .event = "started", .detail = {}, .error = {}, .rows = {}}}))
        return fatal(*error);
    const auto began = Clock::now();
    std::string tail;
    process::fault_point("command: before running");
    const auto& argv = settings.rehearsal ? command.rehearse : command.argv;
    const auto outcome = run_program(context, argv, command.timeout, command.output_to, tail);
    process::fault_point("command: after running");
    ended.took = since(began);
    ended.note = tail;
    if (outcome.ok()) return end_item(context, id, Outcome::done, std::move(ended));
    ended.state = ItemState::failed;
    const bool interrupted = outcome.how == process::CommandOutcome::How::interrupted;
    ended.error = run::problem(715, how_it_ended(outcome, argv), {}, item.where);
    return end_item(context, id, interrupted ? Outcome::interrupted : Outcome::failed, std::move(ended));
}

// ---------------------------------------------------------------- wait, checkpoint

UnitResult execute_wait(run::Context& context, ItemId id) {
    const auto& wait = std::get<compiler::WaitItem>(context.item(id).body);
    run::ItemOutcome ended;
    if (context.settings().rehearsal) {
        ended.note = "not waited for in a rehearsal";
        return end_item(context, id, Outcome::done, std::move(ended));
    }
    const auto began = Clock::now();
    std::chrono::milliseconds time = wait.duration.value_or(std::chrono::milliseconds(0));
    if (wait.until) time = std::chrono::duration_cast<std::chrono::milliseconds>(*wait.until - std::chrono::system_clock::now());
    const bool waited = run::pause(time);
    ended.took = since(began);
    if (waited) return end_item(context, id, Outcome::done, std::move(ended));
    ended.state = ItemState::failed;
    ended.error = run::interrupted();
    return end_item(context, id, Outcome::interrupted, std::move(ended));
}

UnitResult execute_checkpoint(run::Context& context, ItemId id) {
    return end_item(context, id, Outcome::done, {});
}

// ---------------------------------------------------------------- dispatch

UnitResult execute(run::Context& context, const schedule::Unit& unit) {
    for (const ItemId id : unit.items) context.observer().item_started(id);
    const ItemId first = unit.items.front();
    const auto& item = context.item(first);
    context.working_on(first);
    UnitResult result;
    if (item.transaction) {
        result = execute_transaction(context, unit);
    } else if (const auto* step = std::get_if<compiler::StepItem>(&item.body)) {
        if (auto skipped = skipped_by_when(context, first)) {
            result = std::move(*skipped);
        } else {
            result = step->transactional ? execute_transaction(context, unit) : execute_non_transactional(context, first);
        }
    } else if (std::holds_alternative<compiler::RunItem>(item.body)) {
        result = execute_command(context, first);
    } else if (std::holds_alternative<compiler::WaitItem>(item.body)) {
        result = execute_wait(context, first);
    } else if (std::holds_alternative<compiler::CheckpointItem>(item.body)) {
        result = execute_checkpoint(context, first);
    } else {
        result = execute_checks(context, first);
    }
    context.working_on(std::nullopt);
    return result;
}

namespace {

// A step whose sending needs no answer first. A rehearsal looks at the database between items.
bool may_be_sent_ahead(run::Context& context, const schedule::Unit& unit) {
    const auto& item = context.item(unit.items.front());
    const auto* step = std::get_if<compiler::StepItem>(&item.body);
    return step != nullptr && step->transactional && !item.transaction && !item.when && !context.settings().rehearsal;
}

}  // namespace

std::vector<UnitResult> execute_ahead(run::Context& context, const std::vector<schedule::Unit>& units) {
    constexpr std::size_t statements_at_once = 64;
    std::size_t statements = 0;
    std::vector<schedule::Unit> train;
    for (const auto& unit : units) {
        if (!may_be_sent_ahead(context, unit)) break;
        statements += std::get<compiler::StepItem>(context.item(unit.items.front()).body).statements.size();
        if (statements > statements_at_once && !train.empty()) break;
        train.push_back(unit);
    }
    if (train.size() > 1) return execute_train(context, train);
    return {execute(context, units.front())};
}

}  // namespace cairn::execute
