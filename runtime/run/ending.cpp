#include "runtime/run/ending.hpp"

namespace cairn::run {

Exit exit_for(const Diagnostic& error) {
    switch (error.code) {
        case 701: case 702: case 703: case 709: case 718: case 728: case 883: return Exit::unreachable;
        case 704: case 714: return Exit::lease_held;
        case 705: return Exit::already_finished;
        case 729: case 730: return Exit::usage;
        case 706: case 707: case 723: case 824: case 825: case 831: return Exit::plan_errors;
        case 710: case 711: case 712: case 725: case 726: return Exit::check_failed;
        case 820: case 821: case 822: case 884: return Exit::rollback_incomplete;
        default: return Exit::step_failed;
    }
}

Result failed(const Context& context, Diagnostic error) {
    const Exit exit = exit_for(error);
    return {.exit = exit, .run = context.run(), .error = std::move(error)};
}

Result not_undone(const Context& context, Diagnostic error) {
    const Exit exit = error.code == 713 ? Exit::step_failed : Exit::rollback_incomplete;
    return {.exit = exit, .run = context.run(), .error = std::move(error)};
}

}  // namespace cairn::run
