#include "tests/cluster/harness.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/process/spawn.hpp"

namespace cairn::cluster {
namespace {

namespace fs = std::filesystem;

postgres::Session connected(const std::string& conninfo) {
    auto session = postgres::Session::connect(conninfo, "test");
    if (const auto* why = std::get_if<postgres::ServerError>(&session)) FAIL(why->message);
    return std::get<postgres::Session>(std::move(session));
}

void must(const postgres::Answer& answer, const std::string& sql) {
    if (!answer.ok()) FAIL(answer.error.message << "\nin: " << sql);
}

// Ours, but for what would lead cairn or libpq to another database.
std::vector<std::string> environment(const Environment& added) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (text.starts_with("PG") || text.starts_with("CAIRN_")) continue;
        if (added.contains(std::string(text.substr(0, text.find('='))))) continue;
        all.emplace_back(text);
    }
    for (const auto& [name, value] : added) all.push_back(name + '=' + value);
    return all;
}

std::string unique(const std::string& prefix) {
    static std::atomic<int> number{0};
    return prefix + std::to_string(++number);
}

}  // namespace

scratch::Server own_server(const scratch::Options& options) {
    auto started = scratch::Server::start(options);
    if (const auto* why = std::get_if<compiler::Diagnostic>(&started)) FAIL(why->message);
    return std::get<scratch::Server>(std::move(started));
}

scratch::Server& server() {
    static scratch::Server shared = own_server();
    return shared;
}

// ---------------------------------------------------------------- a database

Database::Database(scratch::Server& host) : server_(&host), name_(unique("test_")) {
    auto maintenance = connected(host.conninfo());
    const std::string sql = "CREATE DATABASE " + name_ + " TEMPLATE template0";
    must(maintenance.query(sql), sql);
}

Database::~Database() {
    session_.reset();
    // A server that the test has stopped takes its databases along.
    auto session = postgres::Session::connect(server_->conninfo(), "test");
    if (auto* open = std::get_if<postgres::Session>(&session))
        (void)open->query("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
}

std::string Database::conninfo() const {
    return server_->conninfo(name_);
}

postgres::Session Database::connect() const {
    return connected(conninfo());
}

postgres::Session& Database::session() {
    if (!session_ || !session_->alive()) session_ = std::make_unique<postgres::Session>(connect());
    return *session_;
}

void Database::execute(const std::string& sql) {
    must(session().script(sql), sql);
}

std::string Database::query(const std::string& sql) {
    const auto answer = session().query(sql);
    must(answer, sql);
    std::string text;
    for (std::size_t row = 0; row < answer.rows.size(); ++row) {
        if (row > 0) text += '\n';
        for (std::size_t column = 0; column < answer.rows[row].size(); ++column) {
            if (column > 0) text += '|';
            text += answer.rows[row][column].value_or("NULL");
        }
    }
    return text;
}

catalog::State state_of(const Database& database) {
    auto session = database.connect();
    auto state = catalog::read_state(session);
    if (auto* why = std::get_if<compiler::Diagnostic>(&state)) FAIL(why->message);
    return std::get<catalog::State>(std::move(state));
}

int count_lines(const std::string& text) { return static_cast<int>(std::count(text.begin(), text.end(), '\n')); }

// ---------------------------------------------------------------- a folder

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Folder::Folder() : path_((fs::temp_directory_path() / "cairn-test-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr)
        FAIL("no temporary folder: " << process::error_words(errno));
}

Folder::~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, const std::string& text) const {
    const fs::path path = fs::path(path_) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
}

std::string Folder::read(const std::string& name) const {
    return read_file(path_ + '/' + name);
}

// ---------------------------------------------------------------- the program

Cairn::Cairn(const Folder& folder, const std::vector<std::string>& arguments,
             const Environment& added)
    : folder_(folder),
      out_(unique(folder.path() + "/.out-")),
      err_(unique(folder.path() + "/.err-")) {
    // Files rather than pipes: nobody has to read them while it runs.
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    const process::Descriptor out(::open(out_.c_str(), flags, 0600)),
        err(::open(err_.c_str(), flags, 0600));
    process::Spawn what{.argv = {CAIRN_PROGRAM},
                        .environment = environment(added),
                        .folder = folder_.path(),
                        .output = out.get(),
                        .error = err.get(),
                        .death_signal = SIGKILL};
    what.argv.insert(what.argv.end(), arguments.begin(), arguments.end());
    const auto started = process::spawn(what);
    if (const auto* why = std::get_if<std::string>(&started)) FAIL(CAIRN_PROGRAM << ": " << *why);
    pid_ = std::get<pid_t>(started);
}

Cairn::~Cairn() {
    if (ended_) return;
    ::kill(pid_, SIGKILL);
    process::reap(pid_);
}

void Cairn::signal(int number) const {
    if (!ended_) ::kill(pid_, number);
}

// Waits at most so long for its end.
void Cairn::look(int milliseconds) {
    if (ended_) return;
    const process::Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    pollfd polled{handle.get(), POLLIN, 0};
    ::poll(&polled, 1, milliseconds);
    ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
}

bool Cairn::running() {
    look(0);
    return !ended_;
}

Ran Cairn::wait(std::chrono::seconds patience) {
    look(static_cast<int>(std::chrono::milliseconds(patience).count()));
    const bool late = !ended_;
    if (late) {
        ::kill(pid_, SIGKILL);
        status_ = process::reap(pid_);
        ended_ = true;
    }
    Ran ran{.exit = WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_),
            .out = read_file(out_),
            .err = read_file(err_)};
    if (late)
        FAIL("cairn has not ended after " << patience.count() << " s\n" << ran.out << ran.err);
    return ran;
}

Ran run_cairn(const Folder& folder, const std::vector<std::string>& arguments,
              const Environment& added) {
    return Cairn(folder, arguments, added).wait();
}

void await(const std::string& what, const std::function<bool()>& holds,
           std::chrono::seconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) FAIL("has not come: " << what);
        ::poll(nullptr, 0, 2);
    }
}

}  // namespace cairn::cluster
