// Where a rehearsal's databases get their first contents from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/compile.hpp"
#include "runtime/config/config.hpp"

namespace cairn::rehearse {

struct Fixture {
    enum class Kind { none, script, dump, database } kind = Kind::none;
    std::string
        path{};  // absolute, or relative to our own folder; of a database, what it is called
    // A database to take schema and rows from.
    std::string conninfo{}, role{};
    std::int64_t rows = 0;  // of each table, and those that they point at
    std::vector<std::string> without_rows{};  // once it is loaded: tables whose rows could not come along
};

// Of the profile `from`, where one is given; else the file beside the plan (PLANFILE.sql for the first database declared, PLANFILE.ROLE.sql for
// another), else [rehearse.ROLE] of cairn.toml, else none. PLAN.sql for PLAN.cairn counts too
// unless a step takes it in.
[[nodiscard]] std::variant<Fixture, compiler::Diagnostic> find_fixture(
    const compiler::Compiled&, const config::Config&, const std::string& role,
    const std::optional<std::string>& from);

// Fills the database with it: a script by psql, so that what pg_dump writes and \copy work; a dump
// by psql or pg_restore, as its first bytes say. `bin` is the server programs' folder. Gathers
// statistics at the end, as a database that lives has them. `folder` is for files that are needed
// on the way. C0780 with the script's line, C0781, C0782; C0701 when a profile's database can't be
// reached.
[[nodiscard]] std::optional<compiler::Diagnostic> load_fixture(Fixture&,
                                                               const std::string& conninfo,
                                                               const std::string& bin,
                                                               const std::string& folder);

}  // namespace cairn::rehearse
