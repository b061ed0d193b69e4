// The databases of a rehearsal: one for each role of the plan, on the scratch server.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/compile.hpp"
#include "runtime/catalog/state_reader.hpp"
#include "runtime/config/config.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/rehearse/states.hpp"
#include "runtime/scratch/server.hpp"

namespace cairn::rehearse {

class Databases {
public:
    // `from`: a profile that they are filled from, instead of their fixtures.
    Databases(scratch::Server& server, const compiler::Compiled& compiled,
              const config::Config& config, std::optional<std::string> from)
        : server_(&server), compiled_(&compiled), config_(&config), from_(std::move(from)) {}

    // Creates a set of databases and fills them from their fixtures. Called again, it makes a fresh
    // set, which takes the place of the one before. C0490, C0780 to C0782.
    [[nodiscard]] std::optional<compiler::Diagnostic> create();

    // The same, for the state before the plan: as it was kept under `start`, where only that can be.
    [[nodiscard]] std::optional<compiler::Diagnostic> create_anew();

    // Closes our sessions.
    void close() { sessions_.clear(); }
    // Keeps a copy of the databases as they are under `label`; closes our sessions. Nobody may be
    // connected to them. C0635.
    [[nodiscard]] std::optional<compiler::Diagnostic> keep(const std::string& label);
    // Makes a fresh set out of what was kept; the one before goes, sessions and all, and with it
    // roles that were not there at first. C0635.
    [[nodiscard]] std::optional<compiler::Diagnostic> restore(const std::string& label);
    // Roles that were not there at first.
    [[nodiscard]] std::vector<std::string> new_roles();

    [[nodiscard]] std::map<std::string, std::string> conninfo() const;
    [[nodiscard]] const std::vector<std::string>& without_fixture() const {
        return without_fixture_;
    }
    [[nodiscard]] const std::vector<std::string>& fixtures() const {
        return fixtures_;
    }  // their files, or what they were taken from
    [[nodiscard]] const std::vector<std::string>& changed() const { return changed_; }

    // A session of ours beside the runner's, idle between questions. C0635.
    [[nodiscard]] std::variant<postgres::Session*, compiler::Diagnostic> session(
        const std::string& role);
    // Between two units: nobody is writing.
    [[nodiscard]] std::variant<States, compiler::Diagnostic> read_states();
    // The same, and nothing that was read before is trusted.
    [[nodiscard]] std::variant<States, compiler::Diagnostic> read_states_anew() {
        readers_.clear();
        return read_states();
    }

    // Where the server writes its log next, in bytes since its beginning.
    [[nodiscard]] std::optional<std::int64_t> wal_position();
    // Every relation: "role oid" -> its name, and the number of its file; empty for one that holds no
    // rows of its own, and for an index.
    struct Storage {
        std::string name, file;
        bool is_index = false;
    };
    [[nodiscard]] std::map<std::string, Storage> storage();

private:
    [[nodiscard]] std::variant<postgres::Session, compiler::Diagnostic> maintenance() const;
    void drop_set(postgres::Session&);
    [[nodiscard]] static std::optional<compiler::Diagnostic> read_roles(postgres::Session&,
                                                                        std::string& into);
    [[nodiscard]] std::vector<std::string> roles_beyond(const std::string& known);
    void forget_what_was_read();

    scratch::Server* server_;
    const compiler::Compiled* compiled_;
    const config::Config* config_;
    std::optional<std::string> from_;
    int generation_ = 0;
    std::vector<std::string> without_fixture_, fixtures_, changed_;
    // Lists for IN: before the fixtures were taken in, and after that.
    std::string roles_of_server_, roles_at_first_;
    std::set<std::string> kept_;  // labels
    std::map<std::string, postgres::Session> sessions_;
    std::map<std::string, catalog::StateReader> readers_;
};

}  // namespace cairn::rehearse
