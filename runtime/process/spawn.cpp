#include "runtime/process/spawn.hpp"

#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <array>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn::process {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

void plain_signals() {
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD})
        ::sigaction(signal, &plain, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool drop_to(const Account* account) {
    if (account == nullptr || account->uid == ::geteuid()) return true;
    return ::setgroups(1, &account->gid) == 0 && ::setgid(account->gid) == 0 &&
           ::setuid(account->uid) == 0;
}

// After the change of account, which would clear it. The parent may have died before it was set.
bool die_with(pid_t parent, int signal) {
    if (signal == 0) return true;
    if (::prctl(PR_SET_PDEATHSIG, signal) != 0) return false;
    if (::getppid() != parent) ::_exit(127);
    return true;
}

// Runs in the child between fork and exec: system calls only, everything else was prepared before.
[[noreturn]] void become(const Spawn& what, char* const* argv, char* const* envp, pid_t parent,
                         int null, int failure) {
    if (what.session)
        ::setsid();
    else
        ::setpgid(0, 0);
    plain_signals();
    if (drop_to(what.account) && die_with(parent, what.death_signal) && ::dup2(null, 0) >= 0 &&
        ::dup2(what.output, 1) >= 0 && ::dup2(what.error >= 0 ? what.error : what.output, 2) >= 0 &&
        (what.folder.empty() || ::chdir(what.folder.c_str()) == 0))
        ::execvpe(argv[0], argv, envp);
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(failure, &error, sizeof error);
    ::_exit(127);
}

}  // namespace

void Descriptor::reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

bool open_pipe(Pipe& pipe) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    pipe.read.reset(ends[0]);
    pipe.write.reset(ends[1]);
    return true;
}

std::string error_words(int error) {
    std::string text = std::strerror(error);
    if (!text.empty())
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

std::variant<pid_t, std::string> spawn(const Spawn& what) {
    if (what.argv.empty() || what.argv[0].empty()) return "no program is named";
    Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    Pipe failure;
    if (null.get() < 0 || !open_pipe(failure)) return error_words(errno);
    const auto argv = pointers(what.argv), envp = pointers(what.environment);

    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return error_words(errno);
    if (pid == 0) become(what, argv.data(), envp.data(), parent, null.get(), failure.write.get());
    if (!what.session) ::setpgid(pid, pid);  // in both: whoever comes first
    failure.write.reset();

    int error = 0;
    ssize_t told = 0;
    do told = ::read(failure.read.get(), &error, sizeof error);
    while (told < 0 && errno == EINTR);
    if (told != sizeof error) return pid;
    reap(pid);
    return error_words(error);
}

int reap(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace cairn::process
