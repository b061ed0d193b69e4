#include "runtime/process/command.hpp"

#include <cerrno>
#include <csignal>

#include <algorithm>
#include <array>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/process/interrupt.hpp"
#include "runtime/process/spawn.hpp"

namespace cairn::process {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds grace{5'000};  // between SIGTERM and SIGKILL
// The end of a program is seen through its pidfd; a kernel without them is asked this often
// instead.
constexpr milliseconds glance{50};

// Not by glibc's <sys/pidfd.h>: that of 2.36 can't be used from C++.
int open_pidfd(pid_t pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

std::vector<std::string> environment(const CommandOptions& options) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto name = text.substr(0, text.find('='));
        const bool replaced = std::any_of(options.environment.begin(), options.environment.end(),
                                          [&](const auto& added) { return added.first == name; });
        if (!replaced) all.emplace_back(text);
    }
    for (const auto& [name, value] : options.environment) all.push_back(name + '=' + value);
    return all;
}

CommandOutcome not_started(std::string why) {
    return {.how = CommandOutcome::How::not_started, .status = 0, .message = std::move(why)};
}

// A program that has been started: its output is handed on until it has ended.
class Child {
public:
    Child(pid_t pid, int output, const CommandOptions& options)
        : pid_(pid), pidfd_(open_pidfd(pid)), output_(output), options_(options) {
        if (options.timeout) deadline_ = Clock::now() + *options.timeout;
    }

    CommandOutcome wait() {
        while (!ended_) {
            await();
            if (how_ == How::exited && interrupt_requested()) stop(How::interrupted);
            if (deadline_ && Clock::now() >= *deadline_) {
                if (how_ == How::exited)
                    stop(How::timed_out);
                else
                    kill_now();
            }
        }
        drain();
        CommandOutcome outcome{.how = how_, .status = 0, .message = {}};
        if (how_ == How::exited && WIFSIGNALED(status_)) outcome.how = How::signalled;
        outcome.status = WIFSIGNALED(status_) ? WTERMSIG(status_) : WEXITSTATUS(status_);
        return outcome;
    }

private:
    using How = CommandOutcome::How;

    // Waits for output, an interrupt, the deadline or the end, whichever is first.
    void await() {
        std::array<pollfd, 3> polled{pollfd{open_ ? output_ : -1, POLLIN, 0},
                                     pollfd{how_ == How::exited ? interrupt_fd() : -1, POLLIN, 0},
                                     pollfd{pidfd_.get(), POLLIN, 0}};
        milliseconds pause{pidfd_.get() >= 0 ? -1 : glance.count()};
        if (deadline_) {
            const auto left = std::max(std::chrono::ceil<milliseconds>(*deadline_ - Clock::now()),
                                       milliseconds{0});
            pause = pause.count() < 0 ? left : std::min(left, pause);
        }
        ::poll(polled.data(), polled.size(),
               static_cast<int>(std::min<long>(pause.count(), 3'600'000)));
        if ((polled[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) read_once();
        const pid_t seen = ::waitpid(pid_, &status_, WNOHANG);
        ended_ = seen == pid_ || (seen < 0 && errno == ECHILD);
    }

    bool read_once() {
        std::array<char, 65536> buffer;
        const auto count = ::read(output_, buffer.data(), buffer.size());
        if (count > 0) {
            if (options_.output) options_.output({buffer.data(), static_cast<std::size_t>(count)});
            return true;
        }
        if (count == 0) open_ = false;
        return count < 0 && errno == EINTR;
    }

    // What it wrote before it ended is still in the pipe.
    void drain() {
        ::fcntl(output_, F_SETFL, O_NONBLOCK);
        while (open_ && read_once()) {
        }
    }

    void stop(How why) {
        how_ = why;
        ::kill(-pid_, SIGTERM);
        deadline_ = Clock::now() + grace;
    }
    void kill_now() {
        ::kill(-pid_, SIGKILL);
        deadline_.reset();
    }

    pid_t pid_;
    Descriptor pidfd_;
    int output_;
    const CommandOptions& options_;
    std::optional<Clock::time_point> deadline_;
    How how_ = How::exited;
    bool open_ = true, ended_ = false;
    int status_ = 0;
};

}  // namespace

CommandOutcome run_command(const std::vector<std::string>& argv, const CommandOptions& options) {
    if (interrupt_requested())
        return {.how = CommandOutcome::How::interrupted,
                .status = 0,
                .message = "interrupted before it started"};
    Pipe output;
    if (!open_pipe(output)) return not_started(error_words(errno));
    const auto started = spawn({.argv = argv,
                                .environment = environment(options),
                                .folder = options.folder,
                                .output = output.write.get()});
    output.write.reset();
    if (const auto* why = std::get_if<std::string>(&started)) return not_started(*why);
    return Child(std::get<pid_t>(started), output.read.get(), options).wait();
}

}  // namespace cairn::process
