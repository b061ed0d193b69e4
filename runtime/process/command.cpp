#include "runtime/process/command.hpp"

#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <algorithm>
#include <array>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/process/interrupt.hpp"

namespace cairn::process {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds grace{5'000};  // between SIGTERM and SIGKILL
// The end of a program is seen through its pidfd; a kernel without them is asked this often
// instead.
constexpr milliseconds glance{50};

class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { reset(); }
    void reset(int fd = -1) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = fd;
    }
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

// Not by glibc's <sys/pidfd.h>: that of 2.36 can't be used from C++.
int open_pidfd(pid_t pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

bool open_pipe(Descriptor& read, Descriptor& write) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read.reset(ends[0]);
    write.reset(ends[1]);
    return true;
}

std::string reason(int error) {
    std::string text = std::strerror(error);
    if (!text.empty())
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
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

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

// Runs in the child between fork and exec: system calls only, everything else was prepared before.
[[noreturn]] void become(char* const* argv, char* const* envp, const char* folder, int null,
                         int output, int failure) {
    ::setpgid(0, 0);
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
        ::sigaction(signal, &plain, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::dup2(null, 0) >= 0 && ::dup2(output, 1) >= 0 && ::dup2(output, 2) >= 0 &&
        (*folder == '\0' || ::chdir(folder) == 0))
        ::execvpe(argv[0], argv, envp);
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(failure, &error, sizeof error);
    ::_exit(127);
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
    if (argv.empty() || argv[0].empty()) return not_started("no program is named");
    if (interrupt_requested())
        return {.how = CommandOutcome::How::interrupted,
                .status = 0,
                .message = "interrupted before it started"};
    Descriptor output, output_end, failure, failure_end;
    Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (null.get() < 0 || !open_pipe(output, output_end) || !open_pipe(failure, failure_end))
        return not_started(reason(errno));
    const auto env = environment(options);
    const auto args = pointers(argv), envp = pointers(env);

    const pid_t pid = ::fork();
    if (pid < 0) return not_started(reason(errno));
    if (pid == 0)
        become(args.data(), envp.data(), options.folder.c_str(), null.get(), output_end.get(),
               failure_end.get());
    ::setpgid(pid, pid);  // in both: whoever comes first
    output_end.reset();
    failure_end.reset();

    int error = 0;
    ssize_t told = 0;
    do told = ::read(failure.get(), &error, sizeof error);
    while (told < 0 && errno == EINTR);
    if (told == sizeof error) {
        ::waitpid(pid, nullptr, 0);
        return not_started(reason(error));
    }
    return Child(pid, output.get(), options).wait();
}

}  // namespace cairn::process
