// One of the plan's databases, read in one read-only snapshot that the server enforces.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/step_graph.hpp"
#include "compiler/preview/found.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::review {

// What of a relation the plan relies on.
struct Reliance {
    std::set<std::string> columns;  // those that are not there count for nothing
    std::set<std::string>
        adds;  // columns that the plan makes: that they are not there is a fact, too
    std::set<std::string> items;  // names
};

class Database {
public:
    // C0701 when it can't be reached, C0762 when it can't be read.
    [[nodiscard]] static std::variant<Database, compiler::Diagnostic> open(
        const std::string& role, const std::string& conninfo);

    [[nodiscard]] const std::string& role() const { return role_; }
    // Rows of a query of ours; C0762.
    [[nodiscard]] std::variant<std::vector<std::vector<postgres::Value>>, compiler::Diagnostic>
    rows(const std::string& query, std::vector<postgres::Value> params = {});
    // Settings that decide what a statement's names and literals mean.
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& settings() const {
        return settings_;
    }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& user() const { return user_; }
    [[nodiscard]] const std::string& snapshot() const { return snapshot_; }
    [[nodiscard]] const std::string& conninfo() const { return conninfo_; }

    // C0860, C0861: what apply would say by the same role of rows that the item says it changes.
    [[nodiscard]] std::optional<compiler::Diagnostic> can_keep_rows(const compiler::Item&);

    // What a `when` says now; nullopt: it can't be asked before the plan has run as far.
    [[nodiscard]] std::optional<bool> ask(const compiler::Statement& when);

private:
    Database(std::string role, std::string conninfo, postgres::Session session)
        : role_(std::move(role)), conninfo_(std::move(conninfo)), session_(std::move(session)) {}
    [[nodiscard]] std::optional<compiler::Diagnostic> begin();

    std::string role_, conninfo_, name_, user_, snapshot_;
    std::vector<std::pair<std::string, std::string>> settings_;
    postgres::Session session_;
};

}  // namespace cairn::review
