#include "runtime/cli/observer.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "runtime/cli/findings.hpp"
#include "runtime/report/report.hpp"

namespace cairn::cli {

namespace {

bool is_plain(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("-_./:=@%+,").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

// As a shell takes it back.
std::string quoted(const std::string& text) {
    if (is_plain(text)) return text;
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// A password must not be printed, however a CONNINFO holds it.
bool holds_password(const std::string& conninfo) {
    if (conninfo.find("password") != std::string::npos) return true;
    const std::size_t scheme = conninfo.find("://"), at = conninfo.find('@');
    if (scheme == std::string::npos || at == std::string::npos) return false;
    const std::size_t colon = conninfo.find(':', scheme + 3);
    return colon < at;
}

}  // namespace

std::string address_flags(const Invocation& invocation) {
    std::string out;
    auto add = [&](const char* flag, const std::string& value) {
        out += (out.empty() ? "" : " ") + std::string(flag) + " " + quoted(value);
    };
    if (invocation.profile) add("--profile", *invocation.profile);
    for (const auto& [role, conninfo] : invocation.databases)
        add("--db", role + "=" + (holds_password(conninfo) ? "CONNINFO" : conninfo));
    return out;
}

Telling::Telling(const compiler::Compiled& compiled, const Invocation& invocation) {
    report::ReportOptions options;
    options.terminal = is_terminal(stderr);
    options.color = use_color(invocation, stderr);
    options.quiet = invocation.quiet;
    options.verbose = invocation.verbose;
    options.flags = address_flags(invocation);
    options.log_file = invocation.log_file;
    to_ = report::make_observer(compiled, options);
}

void Telling::item_ended(compiler::ItemId id, const run::ItemOutcome& outcome) {
    if (outcome.error) last_ = outcome.error;
    to_->item_ended(id, outcome);
}

void Telling::undo_ended(compiler::ItemId id, const run::ItemOutcome& outcome) {
    if (outcome.error) last_ = outcome.error;
    to_->undo_ended(id, outcome);
}

bool Telling::told(const std::optional<compiler::Diagnostic>& error) {
    to_ = std::make_unique<run::Observer>();  // the report's own writer ends here
    return error && last_ && error->code == last_->code && error->message == last_->message;
}

}  // namespace cairn::cli
