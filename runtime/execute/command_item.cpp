// run: a program with its arguments as they are.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "runtime/execute/execute.hpp"
#include "runtime/process/fault.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::ItemId;
using journal::ItemState;
using schedule::Outcome;

namespace {

std::string environment_name(const std::string& parameter) {
    std::string name = "CAIRN_PARAM_";
    for (const char c : parameter) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
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
    const auto began = std::chrono::steady_clock::now();
    std::string tail;
    process::fault_point("command: before running");
    const auto& argv = settings.rehearsal ? command.rehearse : command.argv;
    const auto outcome = run_program(context, argv, command.timeout, command.output_to, tail);
    process::fault_point("command: after running");
    ended.took = elapsed(began);
    ended.note = tail;
    if (outcome.ok()) return end_item(context, id, Outcome::done, std::move(ended));
    ended.state = ItemState::failed;
    const bool interrupted = outcome.how == process::CommandOutcome::How::interrupted;
    ended.error = run::problem(715, how_it_ended(outcome, argv), {}, item.where);
    return end_item(context, id, interrupted ? Outcome::interrupted : Outcome::failed, std::move(ended));
}

}  // namespace cairn::execute
