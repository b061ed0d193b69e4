// What every test against a server needs: a private PostgreSQL, a fresh database, a folder, and the
// program.
//
// Scenarios without C++ live in `tests/cluster/**/*.scenario`; scenario.cpp describes their format.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "runtime/catalog/state.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/scratch/server.hpp"

namespace cairn::cluster {

// The test program's own server, started when it is first asked for. Tests that stop their server,
// change its settings, create roles or measure start one of their own: own_server().
[[nodiscard]] scratch::Server& server();
[[nodiscard]] scratch::Server own_server(const scratch::Options& = {});

// A fresh, empty database; dropped, connections and all, when it goes out of scope.
class Database {
public:
    Database() : Database(server()) {}
    explicit Database(scratch::Server&);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::string conninfo() const;
    // A connection of its own. Fails the test when there is none.
    [[nodiscard]] postgres::Session connect() const;
    // One or more statements; an error fails the test.
    void execute(const std::string& sql);
    // The answer as text: a line a row, columns separated by `|`, NULL as `NULL`, no newline at the
    // end. An error fails the test.
    [[nodiscard]] std::string query(const std::string& sql);

private:
    postgres::Session& session();
    scratch::Server* server_;
    std::string name_;
    std::unique_ptr<postgres::Session> session_;
};

// All definitions and rows of it. Fails the test when they can't be read.
[[nodiscard]] catalog::State state_of(const Database&);

[[nodiscard]] int count_lines(const std::string& text);

// How a plan begins whose items matter and nothing else: one database, `erp`.
inline const std::string head =
    "plan p \"a plan\"\ndatabase erp\ndefaults { lock timeout 3s }\n";

// The bytes of a file; none when it can't be read.
[[nodiscard]] std::string read_file(const std::string& path);

// A folder that is removed with all in it.
class Folder {
public:
    Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();
    [[nodiscard]] const std::string& path() const { return path_; }
    // Writes a file, making the folders it stands in; its whole path.
    std::string write(const std::string& name, const std::string& text) const;
    [[nodiscard]] std::string read(const std::string& name) const;

private:
    std::string path_;
};

using Environment = std::map<std::string, std::string>;

struct Ran {
    int exit = 0;  // exit status; 128 + signal when a signal ended it
    std::string out, err;
};

// `build/cairn`, started in `folder` with these arguments; the environment is ours without PG* and
// CAIRN_*, and with what is added here. It is killed when it goes out of scope.
class Cairn {
public:
    Cairn(const Folder& folder, const std::vector<std::string>& arguments, const Environment& = {});
    Cairn(const Cairn&) = delete;
    Cairn& operator=(const Cairn&) = delete;
    ~Cairn();

    void signal(int number) const;
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] bool running();
    // Waits for its end; after `patience` it is killed and the test fails.
    Ran wait(std::chrono::seconds patience = std::chrono::seconds{60});

private:
    void look(int milliseconds);
    const Folder& folder_;
    std::string out_, err_;  // files
    pid_t pid_ = -1;
    bool ended_ = false;
    int status_ = 0;
};

// Runs it to its end.
Ran run_cairn(const Folder& folder, const std::vector<std::string>& arguments,
              const Environment& = {});

// Asks again and again until `holds` says true; after `patience` the test fails with `what`.
void await(const std::string& what, const std::function<bool()>& holds,
           std::chrono::seconds patience = std::chrono::seconds{30});

}  // namespace cairn::cluster
