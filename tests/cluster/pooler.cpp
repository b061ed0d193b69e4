#include "tests/cluster/pooler.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "runtime/scratch/binaries.hpp"
#include "tests/cluster/harness.hpp"

namespace cairn::cluster {

namespace {

// Where Debian has it, which may not be in PATH.
constexpr const char* program = "/usr/sbin/pgbouncer";

}  // namespace

Pooler::Pooler(const scratch::Server& server, int pool_size) {
    const auto account = std::get<process::Account>(scratch::server_account());
    folder_ = std::get<std::string>(scratch::make_folder(account));
    std::ofstream(folder_ + "/pgbouncer.ini") << fmt::format(
        "[databases]\n* = host={} user=postgres\n[pgbouncer]\nlisten_addr =\nunix_socket_dir = {}\nlisten_port = 6432\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = {}\nmax_client_conn = 100\nignore_startup_parameters = extra_float_digits\n",
        server.socket_folder(), folder_, pool_size);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all | std::filesystem::perms::group_exec | std::filesystem::perms::others_exec);
    log_.reset(open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    auto started = process::spawn({.argv = {program, folder_ + "/pgbouncer.ini"},
                                   .environment = {},
                                   .folder = folder_,
                                   .output = log_.get(),
                                   .death_signal = SIGKILL,
                                   .account = &account});
    if (auto* why = std::get_if<std::string>(&started)) FAIL("pgbouncer can't be started: " << *why);
    pid_ = std::get<pid_t>(started);
    await("pgbouncer answers", [&] {
        auto session = postgres::Session::connect(conninfo("postgres"), "test");
        return std::holds_alternative<postgres::Session>(session);
    });
}

Pooler::~Pooler() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        process::reap(pid_);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string Pooler::conninfo(const std::string& database) const {
    return fmt::format("host={} port=6432 user=postgres dbname={}", folder_, database);
}

}  // namespace cairn::cluster
