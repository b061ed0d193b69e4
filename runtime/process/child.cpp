#include "runtime/process/child.hpp"

#include <array>
#include <cerrno>
#include <exception>
#include <string_view>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "runtime/process/spawn.hpp"

namespace cairn::process {
namespace {

[[noreturn]] void be_child(pid_t parent, const std::function<std::string()>& work, int out) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    std::string said;
    try {
        said = work();
    } catch (const std::exception& error) {
        said = error.what();
    }
    for (std::string_view rest = said; !rest.empty();) {
        const auto written = ::write(out, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    ::_exit(0);
}

std::string read_all(int from) {
    std::string text;
    std::array<char, 4096> buffer;
    for (;;) {
        const auto count = ::read(from, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace

ChildEnd run_in_child(const std::function<std::string()>& work) {
    Pipe pipe;
    if (!open_pipe(pipe)) return {.said = {}, .error = error_words(errno)};
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) return {.said = {}, .error = error_words(errno)};
    if (child == 0) be_child(parent, work, pipe.write.get());
    pipe.write.reset();
    ChildEnd end;
    end.said = read_all(pipe.read.get());
    const int status = reap(child);
    if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
    return end;
}

}  // namespace cairn::process
