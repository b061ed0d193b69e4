#include "runtime/process/machine.hpp"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>

namespace cairn::process {
namespace {

std::string host_name() {
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    return name.data();
}

std::string machine_id() {
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    std::array<char, 64> space{};
    if (readlink("/proc/self/ns/pid", space.data(), space.size() - 1) < 0) space[0] = 0;
    return boot + " " + space.data();
}

// Field 22 of /proc/PID/stat (proc(5)); the command name before it may hold spaces and parentheses.
std::string start_time(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string all{std::istreambuf_iterator<char>(file), {}};
    const auto end_of_name = all.rfind(')');
    if (end_of_name == std::string::npos) return {};
    std::istringstream rest(all.substr(end_of_name + 1));
    std::string field;
    for (int i = 3; i <= 22; ++i) rest >> field;
    return field;
}

// A killed process stays as a zombie until its parent has taken its status: it runs no more.
bool is_zombie(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string all{std::istreambuf_iterator<char>(file), {}};
    const auto end_of_name = all.rfind(')');
    return end_of_name != std::string::npos && all.compare(end_of_name, 3, ") Z") == 0;
}

}  // namespace

ProcessIdentity this_process() {
    return {.host = host_name(), .machine = machine_id(), .pid = getpid(), .started = start_time(getpid())};
}

bool is_dead(const ProcessIdentity& other) {
    if (other.host != host_name() || other.machine != machine_id()) return false;
    if (kill(other.pid, 0) != 0 && errno == ESRCH) return true;
    return start_time(other.pid) != other.started || is_zombie(other.pid);
}

std::string user_at_host() {
    const passwd* entry = getpwuid(geteuid());
    return std::string(entry ? entry->pw_name : "?") + "@" + host_name();
}

}  // namespace cairn::process
