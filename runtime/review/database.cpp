#include "runtime/review/database.hpp"

#include <fmt/format.h>

#include "compiler/sql/facts.hpp"
#include "runtime/postgres/connect.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/run/preflight.hpp"

namespace cairn::review {

using compiler::Diagnostic;
using postgres::Session;

namespace {

Diagnostic unreadable(const std::string& role, const postgres::ServerError& error) {
    Diagnostic d;
    if (process::interrupt_requested()) {
        d.code = 713;
        d.message = "interrupted";
        return d;
    }
    d.code = 762;
    d.message = fmt::format("database `{}` can't be read: {}", role, error.message);
    d.help = error.hint;
    return d;
}

}  // namespace

std::variant<Database, Diagnostic> Database::open(const std::string& role,
                                                  const std::string& conninfo) {
    auto connected = postgres::connect(role, conninfo, "cairn preview");
    if (auto* error = std::get_if<Diagnostic>(&connected)) return std::move(*error);
    Database database(role, conninfo, std::move(std::get<Session>(connected)));
    if (auto error = database.begin()) return std::move(*error);
    return database;
}

// The snapshot lasts as long as the transaction, which the server lets do nothing but read.
std::optional<Diagnostic> Database::begin() {
    for (const auto* sql : {"SET default_transaction_read_only = on",
                            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"})
        if (const auto answer = session_.query(sql); !answer.ok())
            return unreadable(role_, answer.error);
    auto settings = rows(
        "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('search_path', "
        "'DateStyle', 'IntervalStyle', 'TimeZone', "
        "'default_text_search_config', 'standard_conforming_strings', 'xmloption')");
    if (auto* error = std::get_if<Diagnostic>(&settings)) return std::move(*error);
    for (const auto& row : std::get<0>(settings))
        settings_.emplace_back(row[0].value_or(""), row[1].value_or(""));
    for (const auto* sql : {"SET LOCAL search_path = pg_catalog", "SET LOCAL row_security = off",
                            "SET LOCAL statement_timeout = '60s'", "SET LOCAL lock_timeout = '10s'",
                            "SET LOCAL idle_in_transaction_session_timeout = 0"})
        if (const auto answer = session_.query(sql); !answer.ok())
            return unreadable(role_, answer.error);
    auto self = rows("SELECT current_database(), current_user, pg_export_snapshot()");
    if (auto* error = std::get_if<Diagnostic>(&self)) return std::move(*error);
    const auto& row = std::get<0>(self).at(0);
    name_ = row[0].value_or("");
    user_ = row[1].value_or("");
    snapshot_ = row[2].value_or("");
    return std::nullopt;
}

std::variant<std::vector<std::vector<postgres::Value>>, Diagnostic> Database::rows(
    const std::string& query, std::vector<postgres::Value> params) {
    auto answer = session_.query(query, std::move(params));
    if (!answer.ok()) return unreadable(role_, answer.error);
    return std::move(answer.rows);
}

std::optional<Diagnostic> Database::can_keep_rows(const compiler::Item& item) {
    if (!session_.script("SAVEPOINT keeps").ok()) return std::nullopt;
    for (const auto& [name, value] : settings_) {
        if (name == "search_path") (void)session_.query("SELECT pg_catalog.set_config('search_path', $1, true)", {value});
    }
    auto problem = run::rows_can_be_kept(session_, item);
    (void)session_.script("ROLLBACK TO SAVEPOINT keeps; RELEASE SAVEPOINT keeps");
    // What this role may not look up is told where the item was prepared.
    if (problem && problem->code != 860 && problem->code != 861) return std::nullopt;
    return problem;
}

std::optional<bool> Database::ask(const compiler::Statement& when) {
    if (!session_.query("SAVEPOINT cairn_when").ok()) return std::nullopt;
    for (const auto& [name, value] : settings_)
        if (name == "search_path")
            (void)session_.query(
                "SELECT pg_catalog.set_config('search_path', $1, true), "
                "pg_catalog.set_config('row_security', 'on', true)",
                {value});
    const auto answer = session_.query(when.sql.text);
    (void)session_.query("ROLLBACK TO SAVEPOINT cairn_when");
    if (!answer.ok() || answer.rows.size() != 1 || answer.rows[0].size() != 1 || !answer.rows[0][0])
        return std::nullopt;
    return *answer.rows[0][0] == "t";
}

}  // namespace cairn::review
