// Starts a child process: no shell, nothing inherited but what is named here.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include <sys/types.h>

namespace cairn::process {

// Closes its descriptor when it goes out of scope.
class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        reset(other.release());
        return *this;
    }
    ~Descriptor() { reset(); }
    void reset(int fd = -1);
    int release() {
        const int fd = fd_;
        fd_ = -1;
        return fd;
    }
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};
struct Pipe {
    Descriptor read, write;  // both close-on-exec
};
// False, with errno set, when the process has no descriptors left.
[[nodiscard]] bool open_pipe(Pipe&);

// An account of the machine that a child runs as. `uid` of our own: no change.
struct Account {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
};

struct Spawn {
    std::vector<std::string> argv;         // argv[0] is looked for in PATH when it has no slash
    std::vector<std::string> environment;  // the whole of it, NAME=VALUE
    std::string folder;                    // working directory; empty: ours
    int output = -1;       // becomes stdout and, without `error`, stderr; stdin is /dev/null
    int error = -1;        // becomes stderr
    bool session = false;  // a session of its own, else a process group of its own
    int death_signal = 0;  // sent to it when the *thread* that started it ends; 0: none
    const Account* account = nullptr;  // dropped to for good before exec; only root can
};
// The child's pid (also its process group's id), or why the program could not be started, in lower
// case.
[[nodiscard]] std::variant<pid_t, std::string> spawn(const Spawn&);

// Waits for a child; its wait status.
int reap(pid_t);

// The words of an errno, in lower case.
[[nodiscard]] std::string error_words(int error);

}  // namespace cairn::process
