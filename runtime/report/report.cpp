#include "runtime/report/report.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/report/log_file.hpp"
#include "runtime/report/reporter.hpp"

namespace cairn::report {

namespace {

constexpr std::size_t usual_width = 100;

std::size_t terminal_width() {
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual_width;
    return size.ws_col;
}

// To stderr, whole; what a closed terminal or pipe doesn't take is dropped, and tried no more.
class StandardError {
public:
    void operator()(std::string_view text) {
        while (!text.empty() && !is_closed_) {
            const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
            if (written >= 0) {
                text.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno == EAGAIN) {
                pollfd ready{STDERR_FILENO, POLLOUT, 0};
                poll(&ready, 1, -1);
            } else if (errno != EINTR) {
                is_closed_ = true;
            }
        }
    }

private:
    bool is_closed_ = false;
};

// In the writing thread a closed pipe is an error to be read off write(), whatever the process does
// about SIGPIPE.
void ignore_closed_pipes() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

std::unique_ptr<run::Observer> make_observer(const compiler::Compiled& compiled,
                                             const ReportOptions& options) {
    Sink sink = [out = StandardError{}, is_first = true](std::string_view text) mutable {
        if (std::exchange(is_first, false)) ignore_closed_pipes();
        out(text);
    };
    std::unique_ptr<run::Observer> log;
    if (!options.log_file.empty()) {
        auto opened = open_log_file(options.log_file, compiled);
        if (auto* file = std::get_if<std::unique_ptr<run::Observer>>(&opened))
            log = std::move(*file);
        else
            std::fputs(compiler::to_text(std::get<compiler::Diagnostic>(opened), compiled.sources,
                                         options.color)
                           .c_str(),
                       stderr);
    }
    auto width = [is_terminal = options.terminal] {
        return is_terminal ? terminal_width() : usual_width;
    };
    return std::make_unique<Reporter>(compiled, options, std::move(sink), std::move(width),
                                      std::move(log));
}

}  // namespace cairn::report
