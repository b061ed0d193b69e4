// A plan rehearsed by the program, and the report that it gives as JSON.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/cluster/harness.hpp"

namespace cairn::cluster {

// A fixture: table `users` with a hundred rows.
inline const std::string hundred_users =
    "CREATE TABLE users (id serial PRIMARY KEY, email text, made timestamptz DEFAULT now());\n"
    "INSERT INTO users (email) SELECT 'u' || n FROM generate_series(1, 100) n;\n";

struct Rehearsed {
    Ran ran;
    nlohmann::json report;  // discarded when what was printed is no JSON

    // What the report says of an item. Fails the test when it says nothing.
    [[nodiscard]] nlohmann::json item(const std::string& name) const;
    [[nodiscard]] nlohmann::json statements(std::size_t item) const;  // of an item, by its place
};

// `p.cairn` of the folder.
Rehearsed rehearsed_in(const Folder& folder, const std::vector<std::string>& flags = {});

// A plan in a folder of its own, beside its fixture and a cairn.toml: no file of an empty text.
Rehearsed rehearsed(const std::string& plan, const std::string& fixture = hundred_users,
                    const std::string& toml = {}, const std::vector<std::string>& flags = {});

}  // namespace cairn::cluster
