#include "runtime/cli/command_line.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/complete/scripts.hpp"
#include "runtime/cli/findings.hpp"

namespace cairn::cli {

int completion(const Invocation& invocation) {
    const CommandLine line = command_line();
    const std::string shell = invocation.shell.value_or("");
    print(shell == "zsh"    ? complete::zsh(line)
          : shell == "fish" ? complete::fish(line)
                            : complete::bash(line));
    return 0;
}

}  // namespace cairn::cli
