// Runs a program with its arguments as they are: no shell.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn::process {

struct CommandOptions {
    std::vector<std::pair<std::string, std::string>> environment;  // added to ours
    std::optional<std::chrono::milliseconds>
        timeout;         // then SIGTERM, after 5 s SIGKILL, to its process group
    std::string folder;  // working directory; empty: ours
    std::function<void(std::string_view)> output;  // stdout and stderr, as they come
};
struct CommandOutcome {
    enum class How { exited, signalled, timed_out, not_started, interrupted } how = How::exited;
    int status = 0;       // exit status or signal number
    std::string message;  // for not_started: why
    [[nodiscard]] bool ok() const { return how == How::exited && status == 0; }
};
// stdin is /dev/null. An interrupt (Ctrl-C) is passed on as SIGTERM.
[[nodiscard]] CommandOutcome run_command(const std::vector<std::string>& argv,
                                         const CommandOptions&);

}  // namespace cairn::process
