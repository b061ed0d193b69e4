// A result that could not be written is no success, whatever the command.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

// Of this process: another checkout's tests may run at the same time.
const fs::path folder = fs::temp_directory_path() / ("cairn-standard-output-" + std::to_string(::getpid()));

void write(const char* name, const char* text) {
    std::ofstream(folder / name) << text;
}

struct Ran {
    int exit = 0;
    std::string err;
};

Ran run(const std::string& arguments, const std::string& redirection) {
    const std::string command = "cd '" + folder.string() + "' && '" CAIRN_PROGRAM "' </dev/null " +
                                arguments + " " + redirection + " 2>err";
    const int status = std::system(command.c_str());
    std::ostringstream err;
    err << std::ifstream(folder / "err").rdbuf();
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, err.str()};
}

}  // namespace

TEST_CASE("every command says that standard output can't be written, and does not succeed") {
    fs::remove_all(folder);
    fs::create_directories(folder / "migrations");
    write("good.cairn", "plan good\nrun b { command \"true\" rollback none \"nothing\" }\n");
    write("long.cairn", "plan   long\nrun b { command \"true\" rollback none \"nothing\" }\n");
    write("bad.cairn", "plan bad\nrun b { command }\n");
    write("migrations/1_a.up.sql", "CREATE TABLE a (b int);\n");
    REQUIRE(run("apply good.cairn -q", ">out").exit == 0);

    for (const std::string arguments :
         {"check good.cairn", "check good.cairn --format json", "check good.cairn --format sarif",
          "preview good.cairn", "preview good.cairn --format json", "status",
          "status --format json", "history", "log", "explain C0203", "completion bash",
          "man", "fmt - < long.cairn", "fmt long.cairn", "adopt migrations", "--help",
          "--version", "preview --help"}) {
        INFO(arguments);
        const Ran full = run(arguments, ">/dev/full");
        CHECK(full.exit == 8);
        CHECK_THAT(full.err, Catch::EndsWith("error[C0927]: standard output can't be written: "
                                             "No space left on device\n"));
        write("long.cairn", "plan   long\nrun b { command \"true\" rollback none \"nothing\" }\n");
        const Ran closed = run(arguments, ">&-");
        CHECK(closed.exit == 8);
        CHECK_THAT(closed.err, Catch::EndsWith("error[C0927]: standard output can't be written: "
                                               "Bad file descriptor\n"));
        write("long.cairn", "plan   long\nrun b { command \"true\" rollback none \"nothing\" }\n");
    }
    // What the exit code says already stays.
    CHECK(run("check bad.cairn --format json", ">/dev/full").exit == 1);
    CHECK(run("apply good.cairn --format json", ">/dev/full").exit == 9);
    // Without a result there is nothing to miss.
    CHECK(run("apply good.cairn --if-needed -q", ">/dev/full").exit == 0);
    fs::remove_all(folder);
}
