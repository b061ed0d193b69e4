#include "runtime/scratch/server.hpp"

#include <cerrno>
#include <csignal>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/process/spawn.hpp"
#include "runtime/scratch/binaries.hpp"

namespace cairn::scratch {

using compiler::Diagnostic;

struct Server::State {
    std::string bin, folder;
    process::Account account;
    process::Descriptor lock;
    pid_t postmaster = -1;

    [[nodiscard]] std::string data() const { return folder + "/data"; }
    [[nodiscard]] std::string log() const { return folder + "/log"; }

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        stop();
        std::error_code ignored;
        if (!folder.empty()) std::filesystem::remove_all(folder, ignored);
    }

    // SIGQUIT: no checkpoint, no waiting for clients. Nothing here outlives the server.
    void stop() {
        if (postmaster < 0) return;
        ::kill(postmaster, SIGQUIT);
        process::reap(postmaster);
        postmaster = -1;
    }
};

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 60s;  // for a start; a crash recovery may be part of it
constexpr auto glance = 2ms;    // between looks at postmaster.pid

Diagnostic problem(std::uint16_t code, std::string message) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.message = std::move(message);
    return diagnostic;
}

// Ours without PG* and locale settings, which would reach into the server.
std::vector<std::string> clean_environment() {
    std::vector<std::string> kept{"LC_ALL=C", "TZ=UTC"};
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (text.starts_with("PG") || text.starts_with("LC_") || text.starts_with("LANG") ||
            text.starts_with("TZ="))
            continue;
        kept.emplace_back(text);
    }
    return kept;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The last lines of a log, on one line: diagnostics are one.
std::string tail(std::string text, int lines) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    std::size_t begin = text.size();
    for (int line = 0; line < lines && begin != std::string::npos && begin > 0; ++line)
        begin = text.rfind('\n', begin - 1);
    text.erase(0, begin == std::string::npos ? 0 : begin + 1);
    std::string joined;
    for (const char c : text) joined += c == '\n' ? std::string("; ") : std::string(1, c);
    return joined.empty() ? "it said nothing" : joined;
}

// Nothing is synced and nothing is vacuumed unasked: a rehearsal measures the plan, not the
// server's own work.
constexpr const char* private_settings = R"(
fsync = off
autovacuum = off
checkpoint_timeout = 1d
max_wal_size = 16GB
)";

constexpr const char* common_settings = R"(
listen_addresses = ''
unix_socket_permissions = 0777
wal_level = replica
log_line_prefix = '%m [%p] %q%u@%d/%a '
timezone = 'UTC'
log_timezone = 'UTC'
jit = off
)";

std::string quoted_setting(const std::string& value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += c;
        text += c;
    }
    return text + "'";
}

std::string configuration(const Options& options, const std::string& folder) {
    std::string text = common_settings;
    if (!options.durable) text += private_settings;
    text += "unix_socket_directories = " + quoted_setting(folder) + "\n";
    for (const auto& [name, value] : options.settings)
        text += name + " = " + quoted_setting(value) + "\n";
    return text;
}

// What initdb said, when it failed.
std::optional<std::string> make_cluster(const std::string& bin, const std::string& folder,
                                        const process::Account& account) {
    process::Pipe output;
    if (!process::open_pipe(output)) return process::error_words(errno);
    const auto child = process::spawn(
        {.argv = {bin + "/initdb", "--no-sync", "--no-instructions", "--pgdata=" + folder + "/data",
                  "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                  "--text-search-config=english"},
         .environment = clean_environment(),
         .folder = folder,
         .output = output.write.get(),
         .session = true,
         .death_signal = SIGTERM,
         .account = &account});
    if (const auto* why = std::get_if<std::string>(&child)) return *why;
    output.write.reset();
    std::string said;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(output.read.get(), buffer, sizeof buffer)) != 0;) {
        if (count > 0)
            said.append(buffer, static_cast<std::size_t>(count));
        else if (errno != EINTR)
            break;
    }
    if (process::reap(std::get<pid_t>(child)) == 0) return std::nullopt;
    return tail(said, 4);
}

// The postmaster writes its state into the eighth line of postmaster.pid, padded with blanks.
bool is_ready(const std::string& data, pid_t postmaster) {
    std::ifstream file(data + "/postmaster.pid");
    std::string line, pid;
    for (int number = 1; std::getline(file, line); ++number) {
        if (number == 1) pid = line;
        if (number == 8) return pid == std::to_string(postmaster) && line.starts_with("ready");
    }
    return false;
}

bool has_ended(pid_t pid) {
    return ::waitpid(pid, nullptr, WNOHANG) != 0;
}

// Starts `postgres` on the data folder and waits until it takes connections.
std::variant<pid_t, Diagnostic> start_postmaster(const std::string& bin, const std::string& folder,
                                                 const process::Account& account) {
    const std::string data = folder + "/data", log = folder + "/log";
    process::Descriptor output(
        ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (output.get() < 0)
        return problem(634,
                       "the scratch server's log can't be written: " + process::error_words(errno));
    const auto before = static_cast<std::size_t>(::lseek(output.get(), 0, SEEK_END));
    const auto child = process::spawn({.argv = {bin + "/postgres", "-D", data},
                                       .environment = clean_environment(),
                                       .folder = folder,
                                       .output = output.get(),
                                       .session = true,
                                       .death_signal = SIGQUIT,
                                       .account = &account});
    if (const auto* why = std::get_if<std::string>(&child))
        return problem(634, "`" + bin + "/postgres` could not be started: " + *why);
    const pid_t pid = std::get<pid_t>(child);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_ready(data, pid)) {
        if (has_ended(pid))
            return problem(
                634, "the scratch server did not start: " + tail(read_file(log).substr(before), 4));
        if (std::chrono::steady_clock::now() > deadline) {
            ::kill(pid, SIGQUIT);
            process::reap(pid);
            return problem(634, "the scratch server was not ready after a minute: " +
                                    tail(read_file(log).substr(before), 4));
        }
        std::this_thread::sleep_for(glance);
    }
    return pid;
}

// A value of a conninfo string: single quotes and backslashes are escaped with a backslash there.
std::string conninfo_value(const std::string& value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

}  // namespace

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

std::variant<Server, Diagnostic> Server::start(const Options& options) {
    auto state = std::make_unique<State>();
    auto bin = find_binaries(options.bin);
    if (auto* diagnostic = std::get_if<Diagnostic>(&bin)) return std::move(*diagnostic);
    state->bin = std::get<std::string>(std::move(bin));
    auto account = server_account();
    if (auto* diagnostic = std::get_if<Diagnostic>(&account)) return std::move(*diagnostic);
    state->account = std::get<process::Account>(std::move(account));
    sweep_abandoned(state->account);
    auto folder = make_folder(state->account);
    if (auto* diagnostic = std::get_if<Diagnostic>(&folder)) return std::move(*diagnostic);
    state->folder = std::get<std::string>(std::move(folder));
    state->lock = hold_folder(state->folder);
    if (const auto why = make_cluster(state->bin, state->folder, state->account))
        return problem(633, "`initdb` failed: " + *why);
    std::ofstream(state->data() + "/postgresql.conf", std::ios::app)
        << configuration(options, state->folder);
    Server server(std::move(state));
    auto started = server.restart();
    if (auto* diagnostic = std::get_if<Diagnostic>(&started)) return std::move(*diagnostic);
    return server;
}

std::string Server::conninfo(const std::string& database) const {
    return "host=" + conninfo_value(state_->folder) +
           " port=5432 user=postgres dbname=" + conninfo_value(database);
}

const std::string& Server::folder() const {
    return state_->folder;
}
std::string Server::socket_folder() const {
    return state_->folder;
}
std::string Server::log_file() const {
    return state_->log();
}

const std::string& Server::bin() const { return state_->bin; }

void Server::stop_immediate() {
    state_->stop();
}

std::variant<std::monostate, Diagnostic> Server::restart() {
    state_->stop();
    auto started = start_postmaster(state_->bin, state_->folder, state_->account);
    if (auto* diagnostic = std::get_if<Diagnostic>(&started)) return std::move(*diagnostic);
    state_->postmaster = std::get<pid_t>(started);
    return std::monostate{};
}

}  // namespace cairn::scratch
