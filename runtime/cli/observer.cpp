#include "runtime/cli/observer.hpp"

#include "runtime/cli/findings.hpp"
#include "runtime/report/report.hpp"

namespace cairn::cli {

std::unique_ptr<run::Observer> observer_for(const compiler::Compiled& compiled, const Invocation& invocation) {
    report::ReportOptions options;
    options.terminal = is_terminal(stderr);
    options.color = use_color(invocation, stderr);
    options.quiet = invocation.quiet;
    options.verbose = invocation.verbose;
    options.log_file = invocation.log_file;
    return report::make_observer(compiled, options);
}

}  // namespace cairn::cli
