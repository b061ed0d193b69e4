#include "runtime/process/interrupt.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>

#include <atomic>
#include <mutex>

#include <sys/eventfd.h>
#include <unistd.h>

namespace cairn::process {
namespace {

// Written by a signal handler: nothing here may lock or allocate.
std::atomic<bool> requested{false};
std::atomic<int> event{-1};

// The descriptor lives as long as the process, so a handler can never meet a closed one.
int open_event() {
    static std::once_flag once;
    std::call_once(once, [] { event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); });
    return event;
}

extern "C" void on_signal(int signal) {
    const int saved = errno;
    if (requested.exchange(true)) {
        if (signal != SIGHUP) ::_exit(4);
    } else {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(event, &one, sizeof one);
    }
    errno = saved;
}

void handle(int signal) {
    struct sigaction now {};
    // nohup and setsid wrappers ask for a signal to be ignored; that wish outlives us.
    if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) return;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
}

}  // namespace

void install_interrupts() {
    open_event();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) handle(signal);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, nullptr);
}

bool interrupt_requested() {
    return requested;
}

int interrupt_fd() {
    return open_event();
}

void reset_interrupts() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(open_event(), &count, sizeof count);
    requested = false;
}

}  // namespace cairn::process
