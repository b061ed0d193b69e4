// The private server: how it starts, who reaches it, and that nothing of it stays.
#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>

#include <filesystem>
#include <string>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/postgres/session.hpp"
#include "runtime/scratch/server.hpp"

using namespace cairn;

namespace {

scratch::Server started(const scratch::Options& options = {}) {
    auto server = scratch::Server::start(options);
    if (auto* why = std::get_if<compiler::Diagnostic>(&server)) FAIL(why->message);
    return std::get<scratch::Server>(std::move(server));
}

std::string ask(const scratch::Server& server, const std::string& sql) {
    auto session = postgres::Session::connect(server.conninfo(), "test");
    if (auto* why = std::get_if<postgres::ServerError>(&session))
        return "no connection: " + why->message;
    const auto answer = std::get<postgres::Session>(session).query(sql);
    if (!answer.ok()) return answer.error.message;
    return answer.rows.empty() ? "" : answer.rows[0][0].value_or("NULL");
}

}  // namespace

TEST_CASE("a scratch server is private, and gone without a trace") {
    std::string folder;
    {
        const auto server =
            started({.bin = {}, .durable = false, .settings = {{"work_mem", "3MB"}}});
        folder = server.folder();
        CHECK(ask(server, "SELECT current_user") == "postgres");
        CHECK(ask(server, "SHOW listen_addresses").empty());
        CHECK(ask(server, "SHOW fsync") == "off");
        CHECK(ask(server, "SHOW autovacuum") == "off");
        CHECK(ask(server, "SHOW wal_level") == "replica");
        CHECK(ask(server, "SHOW lc_collate") == "C.UTF-8");
        CHECK(ask(server, "SHOW server_encoding") == "UTF8");
        CHECK(ask(server, "SHOW default_text_search_config") == "pg_catalog.english");
        CHECK(ask(server, "SHOW work_mem") == "3MB");
        struct stat info {};
        REQUIRE(::stat(folder.c_str(), &info) == 0);
        CHECK((info.st_mode & 0777) == 0700);
        CHECK(info.st_uid != 0);
    }
    CHECK_FALSE(std::filesystem::exists(folder));
}

TEST_CASE("two scratch servers run side by side, and a durable one syncs") {
    const auto one = started();
    const auto two = started({.bin = {}, .durable = true, .settings = {}});
    CHECK(one.folder() != two.folder());
    CHECK(ask(one, "SHOW fsync") == "off");
    CHECK(ask(two, "SHOW fsync") == "on");
}

TEST_CASE("a scratch server that was stopped at once recovers what was committed") {
    auto server = started();
    ask(server, "CREATE TABLE t AS SELECT 42 AS x");
    server.stop_immediate();
    CHECK(ask(server, "SELECT 1").starts_with("no connection"));
    REQUIRE(std::holds_alternative<std::monostate>(server.restart()));
    CHECK(ask(server, "SELECT x FROM t") == "42");
}

TEST_CASE("a scratch server says what it could not do") {
    const auto missing =
        scratch::Server::start({.bin = "/nowhere", .durable = false, .settings = {}});
    REQUIRE(std::holds_alternative<compiler::Diagnostic>(missing));
    CHECK(std::get<compiler::Diagnostic>(missing).code == 630);
    const auto broken =
        scratch::Server::start({.bin = {}, .durable = false, .settings = {{"nonsense", "1"}}});
    REQUIRE(std::holds_alternative<compiler::Diagnostic>(broken));
    CHECK(std::get<compiler::Diagnostic>(broken).code == 634);
    CHECK_THAT(std::get<compiler::Diagnostic>(broken).message, Catch::Contains("nonsense"));
}

TEST_CASE("a scratch server dies with its process, and the next one removes its folder") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        auto server = scratch::Server::start();
        if (!std::holds_alternative<scratch::Server>(server)) ::_exit(1);
        const std::string folder = std::get<scratch::Server>(server).folder() + "\n";
        [[maybe_unused]] const auto told = ::write(ends[1], folder.data(), folder.size());
        ::kill(::getpid(), SIGKILL);
    }
    ::close(ends[1]);
    char buffer[256];
    const auto count = ::read(ends[0], buffer, sizeof buffer);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(count > 1);
    const std::string folder(buffer, static_cast<std::size_t>(count - 1));
    CHECK(WIFSIGNALED(status));
    CHECK(std::filesystem::exists(folder));
    const auto next = started();
    CHECK_FALSE(std::filesystem::exists(folder));
}
