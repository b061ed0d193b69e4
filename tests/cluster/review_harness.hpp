// A preview of a plan against a database, as the program prints it in JSON.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tests/cluster/harness.hpp"

namespace cairn::cluster {

// SQL that makes a schema to review plans against: tables, a view, odd names, code; analyzed.
extern const char* const reviewed_schema;

struct Reviewed {
    Ran ran;
    nlohmann::json json;

    // What is said of an item, and of a relation. Fails the test when nothing is.
    [[nodiscard]] nlohmann::json item(const std::string& name) const;
    [[nodiscard]] nlohmann::json facts_of(const std::string& relation) const;
    // What came of preparing an item: "checked".
    [[nodiscard]] std::string prepared(const std::string& name) const;
    [[nodiscard]] nlohmann::json not_checked(const std::string& name) const;
    // Of all diagnostics with this code, a line each.
    [[nodiscard]] std::string messages(const std::string& code) const;
};

// Role `erp` of the plan is this database, reached by its own connection string or by another.
Reviewed reviewed(const Database&, const std::string& plan, const std::string& conninfo = {});

}  // namespace cairn::cluster
