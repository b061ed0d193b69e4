// cairn.toml: where the databases of a plan live. The only reader of TOML.
#pragma once

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
    // profile -> role -> CONNINFO as written (env resolved when asked for)
    struct Address { std::optional<std::string> conninfo, service, env; };
    struct Profile { bool confirm = false; std::map<std::string, Address> databases; };
    std::map<std::string, Profile> profiles;
    struct Rehearse { std::optional<std::string> fixture, dump, profile; };
    std::map<std::string, Rehearse> rehearse;
    std::string journal_folder = ".cairn";
};

// Looks for cairn.toml in the folder of `plan_path` and its parents. Unknown keys are warnings with did-you-mean.
[[nodiscard]] std::variant<Config, compiler::Diagnostic> load(const std::string& plan_path, compiler::Sources&,
                                                              compiler::Diagnostics& warnings);

// First match wins: --db, the profile, then CAIRN_<ROLE>. The diagnostic says all three ways.
[[nodiscard]] std::variant<std::string, compiler::Diagnostic> resolve(const Config&, const std::string& role,
                                                                      const std::map<std::string, std::string>& flags,
                                                                      const std::optional<std::string>& profile);

}  // namespace cairn::config
