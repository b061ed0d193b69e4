// A private PostgreSQL that lives as long as this object: for rehearsals, the demo and the tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::scratch {

struct Options {
    std::string bin;                // folder of initdb and postgres; empty: found
    bool durable = false;           // fsync on, as in production: for benchmarks
    std::vector<std::pair<std::string, std::string>> settings;  // added to postgresql.conf
};

// initdb without sync, unix socket only in a short path under the temporary folder, fsync=off, autovacuum off,
// wal_level replica; child of this process and dying with it (PR_SET_PDEATHSIG); as root it drops to an
// unprivileged account. Ready in about a second. The thread that starts it must live as long as it: its end is what
// the kernel tells the server. What a killed process has left in the temporary folder, the next start removes.
class Server {
public:
    [[nodiscard]] static std::variant<Server, compiler::Diagnostic> start(const Options& = {});
    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    ~Server();  // stops it and removes its folder

    [[nodiscard]] std::string conninfo(const std::string& database = "postgres") const;  // as superuser `postgres`
    [[nodiscard]] const std::string& folder() const;       // data folder is folder()/data
    [[nodiscard]] std::string socket_folder() const;
    [[nodiscard]] std::string log_file() const;            // the server's log
    [[nodiscard]] const std::string& bin() const;          // folder of the server programs it was started from
    void stop_immediate();                                 // as pg_ctl stop -m immediate
    [[nodiscard]] std::variant<std::monostate, compiler::Diagnostic> restart();

private:
    struct State;
    explicit Server(std::unique_ptr<State>);
    std::unique_ptr<State> state_;
};

}  // namespace cairn::scratch
