// validate and gate: their checks in one read-only transaction, and a gate's question.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "runtime/execute/checks.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/execute/free_space.hpp"
#include "runtime/execute/undo_rows.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::ItemId;
using journal::ItemState;
using postgres::Fate;
using postgres::Session;
using schedule::Outcome;

namespace {

bool lost_on_the_way(const std::vector<run::CheckOutcome>& checks) {
    return !checks.empty() && checks.back().error && checks.back().error->code == 754;
}

struct Looked {
    std::vector<run::CheckOutcome> checks;
    std::optional<Diagnostic> error;
    bool lost = false;           // the connection to the item's own database
    bool lost_elsewhere = false;
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
    OtherDatabases others(settings.conninfo, "cairn " + context.run());
    looked.checks = run_checks(session, others, checks, settings.rehearsal, settings.root);
    looked.lost = !session.alive() || !session.script("ROLLBACK").ok();
    looked.lost_elsewhere = !looked.lost && lost_on_the_way(looked.checks);
    for (const auto& check : looked.checks) {
        if (check.error && check.error->code == 701 && !check.warn) looked.error = check.error;
    }
    return looked;
}

// Reading can be tried again without harm.
Looked look_patiently(run::Context& context, const std::string& role, const std::vector<compiler::Check>& checks) {
    constexpr int tries = 5;
    for (int attempt = 1;; ++attempt) {
        Looked looked = look(context, role, checks);
        // After a loss a server may be on its way up again.
        const bool elsewhere = looked.lost_elsewhere || (attempt > 1 && looked.error && looked.error->code == 701);
        if ((!looked.lost && !elsewhere) || attempt == tries || process::interrupt_requested()) return looked;
        if (looked.lost) {
            if (auto error = context.reconnect_patiently(role, tries)) return {.checks = {}, .error = error};
        } else if (!run::pause(context.backoff(attempt))) {
            return looked;
        }
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
    const auto began = std::chrono::steady_clock::now();
    run::ItemOutcome ended;
    if (!checks.empty()) {
        Looked looked = look_patiently(context, item.database.value_or(context.home()), checks);
        if (looked.error) return fatal(*looked.error);
        ended.checks = std::move(looked.checks);
        ended.error = failed_checks(ended.checks, item);
    }
    ended.took = elapsed(began);
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

}  // namespace cairn::execute
