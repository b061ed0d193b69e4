#include "runtime/cli/observer.hpp"

#include "runtime/cli/findings.hpp"
#include "runtime/report/report.hpp"

namespace cairn::cli {

Telling::Telling(const compiler::Compiled& compiled, const Invocation& invocation) {
    report::ReportOptions options;
    options.terminal = is_terminal(stderr);
    options.color = use_color(invocation, stderr);
    options.quiet = invocation.quiet;
    options.verbose = invocation.verbose;
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
