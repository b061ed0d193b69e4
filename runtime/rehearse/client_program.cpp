#include "runtime/rehearse/client_program.hpp"

#include <filesystem>
#include <string_view>

#include <unistd.h>

namespace cairn::rehearse {
namespace {

namespace fs = std::filesystem;
using compiler::Diagnostic;

Diagnostic problem(std::uint16_t code, std::string message, std::string help = {}) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.message = std::move(message);
    diagnostic.help = std::move(help);
    return diagnostic;
}

// `psql:fixture.sql:12: ERROR:  …` and what follows on its lines; everything before it was said by
// statements that went well.
std::string first_error(const std::string& output, const std::string& prefix) {
    auto at = output.find(prefix);
    while (at != std::string::npos && output.compare(output.find(' ', at) + 1, 5, "ERROR") != 0 &&
           output.compare(output.find(' ', at) + 1, 5, "FATAL") != 0)
        at = output.find(prefix, at + 1);
    std::string text = at == std::string::npos ? output : output.substr(at + prefix.size());
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (text.size() > 1000) text = text.substr(0, 1000) + " …";
    return text;
}

}  // namespace

// Notices are no news here, and our own PGOPTIONS no business of the scratch server's.
Ran run(const std::vector<std::string>& argv, const std::string& folder,
        const std::string& password) {
    Ran ran;
    process::CommandOptions options{
        .environment = {{"PGOPTIONS", "-c client_min_messages=warning"}, {"LC_ALL", "C.UTF-8"}},
        .timeout = std::nullopt,
        .folder = folder,
        .output = [&](std::string_view text) { ran.output += text; }};
    if (!password.empty()) options.environment.emplace_back("PGPASSWORD", password);
    ran.outcome = process::run_command(argv, options);
    return ran;
}

std::string program(const std::string& bin, const std::string& name) {
    const std::string beside = bin + "/" + name;
    return !bin.empty() && ::access(beside.c_str(), X_OK) == 0 ? beside : name;
}

std::optional<Diagnostic> trouble(const Ran& ran, const std::string& program,
                                  const std::string& path) {
    using How = process::CommandOutcome::How;
    if (ran.outcome.ok()) return std::nullopt;
    if (ran.outcome.how == How::interrupted) return problem(713, "interrupted");
    if (ran.outcome.how == How::not_started)
        return problem(782, "`" + program + "` could not be started: " + ran.outcome.message,
                       "apt install postgresql-client");
    const auto error = first_error(ran.output, "psql:" + fs::path(path).filename().string() + ":");
    const auto colon = error.find(": ");
    const bool has_line =
        colon != std::string::npos && error.find_first_not_of("0123456789") == colon;
    if (has_line)
        return problem(780, "fixture `" + path + "` fails at line " + error.substr(0, colon) +
                                ": " + error.substr(colon + 2));
    return problem(780, "fixture `" + path + "` fails: " + error);
}

}  // namespace cairn::rehearse
