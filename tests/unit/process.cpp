// Programs, interrupts and fault points.
#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>

#include <filesystem>
#include <string>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/process/command.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"

using namespace cairn::process;
using How = CommandOutcome::How;
using std::chrono::milliseconds;

namespace {

struct Ran {
    CommandOutcome outcome;
    std::string output;
};

Ran run(const std::vector<std::string>& argv, CommandOptions options = {}) {
    Ran ran;
    options.output = [&](std::string_view text) { ran.output += text; };
    ran.outcome = run_command(argv, options);
    return ran;
}

// The wait status of a child that runs `body`.
template <typename Body>
int in_child(Body body) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        body();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return status;
}

}  // namespace

TEST_CASE("a command's output and exit status are handed on, its arguments go as they are") {
    const auto ran =
        run({"sh", "-c", "printf '%s|' \"$@\"; echo err >&2; exit 7", "x", "a b", "$HOME", ""});
    CHECK(ran.output == "a b|$HOME||err\n");
    CHECK(ran.outcome.how == How::exited);
    CHECK(ran.outcome.status == 7);
    CHECK_FALSE(ran.outcome.ok());
}

TEST_CASE("a command has the added environment, the folder and no stdin") {
    const auto ran =
        run({"sh", "-c", "cat; echo \"$CAIRN_PLAN $PWD\""},
            {.environment = {{"CAIRN_PLAN", "p"}}, .timeout = {}, .folder = "/usr", .output = {}});
    CHECK(ran.output == "p /usr\n");
    CHECK(ran.outcome.ok());
}

TEST_CASE("a program that is not there is not started, and says why") {
    const auto ran = run({"/nowhere/program"});
    CHECK(ran.outcome.how == How::not_started);
    CHECK(ran.outcome.message == "no such file or directory");
    CHECK(run({}).outcome.how == How::not_started);
}

TEST_CASE("a command past its timeout is ended with what it started") {
    const auto ran =
        run({"sh", "-c", "sleep 600 & echo $!; wait"},
            {.environment = {}, .timeout = milliseconds{300}, .folder = {}, .output = {}});
    CHECK(ran.outcome.how == How::timed_out);
    const pid_t grandchild = std::stoi(ran.output);
    // Its parent is gone; what is left at most is a zombie that init has yet to reap.
    const auto stat = "/proc/" + std::to_string(grandchild) + "/stat";
    const auto state = run({"sh", "-c", "! test -e $0 || cut -d' ' -f3 $0", stat}).output;
    CHECK((state.empty() || state == "Z\n"));
}

TEST_CASE("a command that a signal ends says which") {
    const auto ran = run({"sh", "-c", "kill -9 $$"});
    CHECK(ran.outcome.how == How::signalled);
    CHECK(ran.outcome.status == SIGKILL);
}

TEST_CASE("a daemon that holds the output open does not hold up its command") {
    const auto ran = run({"sh", "-c", "sleep 600 & echo $!"});
    CHECK(ran.outcome.ok());
    ::kill(std::stoi(ran.output), SIGKILL);
}

TEST_CASE("an interrupt ends a running command") {
    const int status = in_child([] {
        install_interrupts();
        CommandOptions options;
        options.output = [](std::string_view) { ::raise(SIGINT); };
        const auto outcome = run_command({"sh", "-c", "echo started; sleep 600"}, options);
        ::_exit(outcome.how == How::interrupted ? 42 : 1);
    });
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 42);
}

TEST_CASE("the first signal is a request, the second ends the process with 4") {
    const int status = in_child([] {
        ::signal(SIGHUP, SIG_DFL);  // nohup has it ignored, which is heeded
        install_interrupts();
        if (interrupt_requested()) ::_exit(1);
        ::raise(SIGHUP);
        pollfd polled{interrupt_fd(), POLLIN, 0};
        if (!interrupt_requested() || ::poll(&polled, 1, 0) != 1) ::_exit(2);
        ::raise(SIGHUP);  // a terminal that closes twice is still one request
        reset_interrupts();
        if (interrupt_requested() || ::poll(&polled, 1, 0) != 0) ::_exit(3);
        ::raise(SIGTERM);
        ::raise(SIGINT);
        ::_exit(5);
    });
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 4);
}

TEST_CASE("the fault point of the given number kills the process") {
    const auto trace =
        std::filesystem::temp_directory_path() / ("cairn-fault-" + std::to_string(::getpid()));
    const int status = in_child([&] {
        ::setenv("CAIRN_FAULT_AT", "2", 1);
        ::setenv("CAIRN_FAULT_TRACE", trace.c_str(), 1);
        fault_point("one");
        fault_point("two");
        fault_point("three");
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
    CHECK(run({"cat", trace}).output == "1 one\n2 two\n");
    std::filesystem::remove(trace);
}
