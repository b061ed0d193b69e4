#include "runtime/catalog/reading.hpp"

#include <algorithm>

#include "runtime/catalog/families.hpp"

namespace cairn::catalog {
namespace {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Command;

// Everything that shapes the text of a definition or a value.
constexpr const char* pinned[] = {
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL search_path = pg_catalog",
    "SET LOCAL row_security = off",
    "SET LOCAL client_encoding = 'UTF8'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL intervalstyle = 'postgres'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL xmloption = 'content'",
    "SET LOCAL quote_all_identifiers = off",
    "SET LOCAL lc_monetary = 'C'",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = 0",
};

}  // namespace

std::vector<Command> opening() {
    std::vector<Command> commands;
    for (const char* sql : pinned) commands.push_back({sql, {}, false});
    return commands;
}

std::vector<Command> definition_commands(int server_version) {
    std::vector<Command> commands;
    for (auto& family : {relation_queries(), routine_queries(), type_queries(),
                         database_queries(server_version), cluster_queries(server_version)})
        for (auto& sql : family) commands.push_back({std::move(sql), {}, true});
    return commands;
}

std::vector<Answer> ask_tables(postgres::Session& session, const std::vector<Command>& queries) {
    std::vector<Command> commands{{"SAVEPOINT cairn_tables", {}, false}};
    commands.insert(commands.end(), queries.begin(), queries.end());
    auto answers = session.pipeline(commands);
    answers.erase(answers.begin());
    const auto refused = std::find_if(answers.begin(), answers.end(), [](const Answer& a) { return !a.ok(); });
    if (refused == answers.end() || !refused->error.sqlstate.starts_with("42") || !session.alive()) return answers;
    const auto changed = session.pipeline(
        {{"ROLLBACK TO SAVEPOINT cairn_tables", {}, false},
         {"SELECT set_config('search_path', 'pg_catalog, ' || reset_val, true) FROM pg_settings WHERE name = 'search_path'", {}, false}});
    for (const auto& a : changed)
        if (!a.ok()) return answers;
    auto again = session.pipeline(queries);
    for (const auto& a : again)
        if (!a.ok()) return answers;
    if (!session.query("SET LOCAL search_path = pg_catalog").ok()) return answers;
    return again;
}

std::optional<Diagnostic> refusal(const std::vector<Answer>& answers) {
    for (const auto& answer : answers) {
        if (answer.ok()) continue;
        Diagnostic diagnostic;
        diagnostic.code = 635;
        diagnostic.message = "the state of the database can't be read: " + answer.error.message;
        if (!answer.error.hint.empty()) diagnostic.message += " (" + answer.error.hint + ")";
        return diagnostic;
    }
    return std::nullopt;
}

void take(std::map<std::string, std::string>& into, const Answer& answer) {
    for (const auto& row : answer.rows)
        if (row.size() >= 2 && row[0]) into[*row[0]] = row[1].value_or("");
}

}  // namespace cairn::catalog
