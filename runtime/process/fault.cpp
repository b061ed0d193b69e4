#include "runtime/process/fault.hpp"

#include <csignal>
#include <cstdint>
#include <cstdlib>

#include <atomic>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace cairn::process {
namespace {

// What the environment asked for, read once: the runner passes a fault point several times a step.
struct Faults {
    std::uint64_t at = 0;  // 0: never
    int signal = SIGKILL;
    int trace = -1;
    bool active = false;
    std::atomic<std::uint64_t> count{0};

    Faults() {
        if (const char* text = std::getenv("CAIRN_FAULT_SIGNAL")) signal = std::atoi(text);
        const char* number = std::getenv("CAIRN_FAULT_AT");
        const char* file = std::getenv("CAIRN_FAULT_TRACE");
        arm(number ? std::strtoull(number, nullptr, 10) : 0, file ? file : "");
    }

    void arm(std::uint64_t when, const std::string& file) {
        if (trace >= 0) ::close(trace);
        at = when;
        count = 0;
        trace = file.empty() ? -1
                             : ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        active = at != 0 || trace >= 0;
    }

    void pass(const char* name) {
        const std::uint64_t number = ++count;
        if (trace >= 0) {
            const std::string line = std::to_string(number) + ' ' + name + '\n';
            // One write: lines of several threads, and of several processes, stay whole.
            [[maybe_unused]] const auto written = ::write(trace, line.data(), line.size());
        }
        if (number == at) ::kill(::getpid(), signal);
    }
};

Faults& faults() {
    static Faults the_only;
    return the_only;
}

}  // namespace

void fault_point(const char* name) {
    auto& all = faults();
    if (all.active) [[unlikely]]
        all.pass(name);
}

void arm_faults(std::uint64_t at, const std::string& trace) {
    faults().arm(at, trace);
}

}  // namespace cairn::process
