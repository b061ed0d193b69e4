#include "runtime/execute/grant.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "compiler/sql/facts.hpp"

namespace cairn::execute {

std::string last_part(std::string_view identifier) {
    std::string part;
    bool quoted = false;
    for (std::size_t i = 0; i < identifier.size(); ++i) {
        const char c = identifier[i];
        if (c == '"' && quoted && i + 1 < identifier.size() && identifier[i + 1] == '"') {
            part += identifier[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == '.' && !quoted) {
            part.clear();
        } else {
            part += c;
        }
    }
    return part;
}

namespace {

const std::string* named(const std::vector<std::string>& relations, const std::string& name) {
    const auto found = std::find_if(relations.begin(), relations.end(),
                                    [&](const std::string& r) { return last_part(r) == name; });
    return found == relations.end() ? nullptr : &*found;
}

// What the statement does to a relation that it writes; an UPDATE or DELETE with a WHERE reads it
// too.
std::string privileges_to_write(const std::string& kind) {
    if (kind == "INSERT" || kind == "TRUNCATE") return kind;
    if (kind == "UPDATE" || kind == "DELETE") return "SELECT, " + kind;
    if (kind == "COPY") return "INSERT";
    if (kind == "LOCK TABLE" || kind == "LOCK") return "UPDATE";
    if (kind == "CREATE TRIGGER") return "TRIGGER";
    return "SELECT, INSERT, UPDATE, DELETE";
}

std::string on_relation(const std::string& name, const compiler::Statement& statement) {
    const auto& facts = statement.facts;
    if (const auto* written = named(facts.writes, name))
        return fmt::format("{} ON {}", privileges_to_write(facts.kind), *written);
    if (const auto* read = named(facts.reads, name)) return fmt::format("SELECT ON {}", *read);
    return fmt::format("SELECT ON {}", sql::quote_identifier(name));
}

// `what` is the rest of PostgreSQL's message after "permission denied for ": `table tenants`.
std::string on_object(std::string_view what, const compiler::Statement& statement) {
    auto rest_after = [&](std::string_view words) -> std::optional<std::string> {
        if (!what.starts_with(words)) return std::nullopt;
        return std::string(what.substr(words.size()));
    };
    for (const auto* relation :
         {"table ", "view ", "materialized view ", "foreign table ", "relation "}) {
        if (auto name = rest_after(relation)) return on_relation(*name, statement);
    }
    const bool creates = statement.facts.kind.starts_with("CREATE");
    if (auto name = rest_after("sequence "))
        return fmt::format("USAGE, SELECT ON SEQUENCE {}", sql::quote_identifier(*name));
    if (auto name = rest_after("schema "))
        return fmt::format("{} ON SCHEMA {}", creates ? "USAGE, CREATE" : "USAGE",
                           sql::quote_identifier(*name));
    if (auto name = rest_after("database "))
        return fmt::format("CREATE ON DATABASE {}", sql::quote_identifier(*name));
    if (auto name = rest_after("function "))
        return fmt::format("EXECUTE ON FUNCTION {}", sql::quote_identifier(*name));
    if (auto name = rest_after("procedure "))
        return fmt::format("EXECUTE ON PROCEDURE {}", sql::quote_identifier(*name));
    if (auto name = rest_after("language "))
        return fmt::format("USAGE ON LANGUAGE {}", sql::quote_identifier(*name));
    if (auto name = rest_after("type "))
        return fmt::format("USAGE ON TYPE {}", sql::quote_identifier(*name));
    if (auto name = rest_after("foreign server "))
        return fmt::format("USAGE ON FOREIGN SERVER {}", sql::quote_identifier(*name));
    return {};
}

}  // namespace

std::string grant_that_lacks(const postgres::ServerError& error,
                             const compiler::Statement& statement, const std::string& role) {
    constexpr std::string_view opening = "permission denied for ";
    constexpr std::string_view filtered = "query would be affected by row-level security policy";
    if (error.sqlstate != "42501") return {};
    const std::string who = role.empty() ? "ROLE" : role;
    if (error.message.starts_with(filtered)) return fmt::format("ALTER ROLE {} BYPASSRLS", who);
    if (!error.message.starts_with(opening)) return {};
    const std::string right =
        on_object(std::string_view(error.message).substr(opening.size()), statement);
    return right.empty() ? right : fmt::format("GRANT {} TO {}", right, who);
}

}  // namespace cairn::execute
