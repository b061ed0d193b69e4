// Ctrl-C, SIGTERM and a closing terminal (SIGHUP), as a flag and a file descriptor to poll.
#pragma once

namespace cairn::process {

// First signal: requested() is true and fd() readable from then on. Second SIGINT or SIGTERM:
// _exit(4) at once. SIGPIPE is ignored: a closed terminal must not end a run between two actions.
void install_interrupts();
[[nodiscard]] bool interrupt_requested();
[[nodiscard]] int interrupt_fd();  // readable after a request; never read from it
void reset_interrupts();           // for tests

}  // namespace cairn::process
