#include <fmt/format.h>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/findings.hpp"

namespace cairn::cli {

int later(const Invocation& invocation) {
    Findings findings(invocation);
    findings.add(
        {.code = 490,
         .message = fmt::format("`cairn {}` is not in this version yet", invocation.command)});
    return findings.give_up(2);
}

}  // namespace cairn::cli
