// cairn.toml: where the databases of a plan live. The only reader of TOML.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::config {

struct Config {
    std::string path;  // of the cairn.toml found; empty: none
    std::string root;  // its folder, or the plan's own
    // profile -> role -> CONNINFO as written (env resolved when asked for): one of the three is set
    struct Address {
        std::optional<std::string> conninfo{}, service{}, env{};
        compiler::Location where{};  // in the Sources given to load()
    };
    struct Profile {
        bool confirm = false;
        std::map<std::string, Address> databases;
    };
    std::map<std::string, Profile> profiles;
    struct Rehearse {
        std::optional<std::string> fixture, dump, profile;
        std::int64_t rows = 10'000;  // of each table of the profile's database at most
    };
    std::map<std::string, Rehearse> rehearse;
    std::string journal_folder = ".cairn";                    // [journal] folder
    std::optional<std::chrono::milliseconds> lease, backoff, range, lag;  // [run] of the same names
};

// Looks for cairn.toml in the folder of `plan_path` and its parents; none is no error. Unknown keys
// are warnings with did-you-mean. Of several errors the first is returned and the others stand
// among the warnings. Codes C0601-0604.
[[nodiscard]] std::variant<Config, compiler::Diagnostic> load(const std::string& plan_path,
                                                              compiler::Sources&,
                                                              compiler::Diagnostics& warnings);

// First match wins: --db, the profile, then CAIRN_<ROLE>. The diagnostic says all three ways. Codes
// C0605-0607.
[[nodiscard]] std::variant<std::string, compiler::Diagnostic> resolve(
    const Config&, const std::string& role, const std::map<std::string, std::string>& flags,
    const std::optional<std::string>& profile);

// What the environment says over cairn.toml: CAIRN_LEASE, CAIRN_BACKOFF, CAIRN_RANGE and CAIRN_LAG,
// durations (`30s`) or milliseconds.
struct Timing {
    std::chrono::milliseconds lease{30'000}, backoff{1'000}, range{1'000}, lag{10'000};
};
[[nodiscard]] std::variant<Timing, compiler::Diagnostic> timing(const Config&);

// CAIRN_ERP for `erp`.
[[nodiscard]] std::string environment_name(const std::string& role);
// Roles that the environment says CAIRN_<ROLE> of, sorted; cairn's own settings are none, nor is a value
// that is neither key=value nor a URI (such an address counts where the plan asks for the role).
[[nodiscard]] std::vector<std::string> roles_in_environment();

}  // namespace cairn::config
