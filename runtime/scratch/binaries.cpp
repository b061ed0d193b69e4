#include "runtime/scratch/binaries.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/process/command.hpp"

namespace cairn::scratch {
namespace {

namespace fs = std::filesystem;
using compiler::Diagnostic;

constexpr const char* prefix = "cairn-";
// sockaddr_un holds 108 bytes with the NUL; `/.s.PGSQL.5432` goes behind the folder's path.
constexpr std::size_t longest_folder = 107 - 14;

Diagnostic problem(std::uint16_t code, std::string message, std::string help = {}) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.message = std::move(message);
    diagnostic.help = std::move(help);
    return diagnostic;
}

bool holds_server(const std::string& folder) {
    return !folder.empty() && ::access((folder + "/initdb").c_str(), X_OK) == 0 &&
           ::access((folder + "/postgres").c_str(), X_OK) == 0;
}

std::vector<std::string> path_folders() {
    std::vector<std::string> folders;
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        folders.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return folders;
}

std::string pg_config_folder() {
    std::string output;
    process::CommandOptions options;
    options.output = [&](std::string_view text) { output += text; };
    if (!process::run_command({"pg_config", "--bindir"}, options).ok()) return {};
    while (!output.empty() && output.back() == '\n') output.pop_back();
    return output;
}

// Debian's folders, the newest version first.
std::vector<std::string> debian_folders() {
    std::vector<std::pair<int, std::string>> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
        const auto name = entry.path().filename().string();
        int version = 0;
        std::from_chars(name.data(), name.data() + name.size(), version);
        found.emplace_back(version, (entry.path() / "bin").string());
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> folders;
    for (auto& [version, folder] : found) folders.push_back(std::move(folder));
    return folders;
}

std::vector<std::string> temporary_folders() {
    std::vector<std::string> folders;
    if (const char* asked = std::getenv("TMPDIR"); asked != nullptr && *asked == '/')
        folders.emplace_back(asked);
    folders.emplace_back("/tmp");
    return folders;
}

// Whether that account can work in it: a TMPDIR below root's home can't be reached by another
// account.
bool reachable(const std::string& folder, const process::Account& account) {
    process::Pipe output;
    if (!process::open_pipe(output)) return false;
    const auto child = process::spawn({.argv = {"/bin/true"},
                                       .environment = {},
                                       .folder = folder,
                                       .output = output.write.get(),
                                       .account = &account});
    if (const auto* pid = std::get_if<pid_t>(&child)) {
        process::reap(*pid);
        return true;
    }
    return false;
}

// The server may still be dying and write on its way: the lock goes last, for the next sweep to
// find.
void remove_abandoned(const std::string& folder) {
    using namespace std::chrono_literals;
    std::error_code failed;
    for (int attempt = 0; attempt < 200; ++attempt) {
        fs::remove_all(folder + "/data", failed);
        if (!failed && !fs::exists(folder + "/data/postmaster.pid", failed)) break;
        std::this_thread::sleep_for(10ms);
    }
    if (!fs::exists(folder + "/data", failed)) fs::remove_all(folder, failed);
}

}  // namespace

std::variant<std::string, Diagnostic> find_binaries(const std::string& asked) {
    if (!asked.empty()) {
        if (holds_server(asked)) return asked;
        return problem(630, "`" + asked + "` does not hold PostgreSQL's `initdb` and `postgres`");
    }
    for (const auto& folder : path_folders())
        if (holds_server(folder)) return folder;
    if (const auto folder = pg_config_folder(); holds_server(folder)) return folder;
    for (const auto& folder : debian_folders())
        if (holds_server(folder)) return folder;
    return problem(
        630,
        "PostgreSQL's server programs `initdb` and `postgres` are not on this machine: looked "
        "in PATH, `pg_config --bindir` and /usr/lib/postgresql/*/bin",
        "apt install postgresql");
}

std::variant<process::Account, Diagnostic> server_account() {
    const uid_t own = ::geteuid();
    if (own != 0) return process::Account{.name = {}, .uid = own, .gid = ::getegid()};
    for (const char* name : {"postgres", "nobody"})
        if (const passwd* entry = ::getpwnam(name); entry != nullptr && entry->pw_uid != 0)
            return process::Account{.name = name, .uid = entry->pw_uid, .gid = entry->pw_gid};
    return problem(
        631,
        "PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody` to "
        "run it as",
        "adduser --system postgres");
}

std::variant<std::string, Diagnostic> make_folder(const process::Account& account) {
    std::string seen;
    for (const auto& base : temporary_folders()) {
        std::string folder = base + "/" + prefix + "XXXXXX";
        if (folder.size() > longest_folder) {
            seen += "; `" + base + "` is too long for a socket's path";
        } else if (::mkdtemp(folder.data()) == nullptr) {
            seen += "; `" + base + "`: " + process::error_words(errno);
        } else if (::chown(folder.c_str(), account.uid, account.gid) == 0 &&
                   reachable(folder, account)) {
            return folder;
        } else {
            seen += "; `" + base + "` can't be used by `" + account.name + "`";
            ::rmdir(folder.c_str());
        }
    }
    return problem(632, "no folder for a scratch server can be made" + seen);
}

process::Descriptor hold_folder(const std::string& folder) {
    // Locked before it has its name: a sweep never sees a lock file that nobody holds yet.
    const std::string file = folder + "/lock", unnamed = file + ".new";
    process::Descriptor lock(::open(unnamed.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (lock.get() >= 0 && ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0)
        ::rename(unnamed.c_str(), file.c_str());
    return lock;
}

void sweep_abandoned(const process::Account& account) {
    std::error_code ignored;
    for (const auto& base : temporary_folders())
        for (const auto& entry : fs::directory_iterator(base, ignored)) {
            struct stat info {};
            const auto path = entry.path().string();
            if (!entry.path().filename().string().starts_with(prefix)) continue;
            if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) ||
                info.st_uid != account.uid)
                continue;
            process::Descriptor lock(
                ::open((path + "/lock").c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
            if (lock.get() < 0 || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;
            remove_abandoned(path);
        }
}

}  // namespace cairn::scratch
