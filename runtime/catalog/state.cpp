#include "runtime/catalog/state.hpp"

#include <optional>
#include <utility>

#include "runtime/catalog/contents.hpp"
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

Diagnostic refused(const Answer& answer) {
    Diagnostic diagnostic;
    diagnostic.code = 635;
    diagnostic.message = "the state of the database can't be read: " + answer.error.message;
    if (!answer.error.hint.empty()) diagnostic.message += " (" + answer.error.hint + ")";
    return diagnostic;
}

const Answer* first_failure(const std::vector<Answer>& answers) {
    for (const auto& answer : answers)
        if (!answer.ok()) return &answer;
    return nullptr;
}

void take(std::map<std::string, std::string>& into, const Answer& answer) {
    for (const auto& row : answer.rows)
        if (row.size() >= 2 && row[0]) into[*row[0]] = row[1].value_or("");
}

std::vector<Command> opening() {
    std::vector<Command> commands;
    for (const char* sql : pinned) commands.push_back({sql, {}, false});
    return commands;
}

// Prepared: a rehearsal asks for the state again and again, and planning these queries takes longer
// than running them.
std::vector<Command> definition_commands(int server_version) {
    auto commands = opening();
    for (auto& family : {relation_queries(), routine_queries(), type_queries(),
                         database_queries(server_version), cluster_queries(server_version)})
        for (auto& sql : family) commands.push_back({std::move(sql), {}, true});
    commands.push_back({holders_query(), {}, false});
    return commands;
}

std::optional<Diagnostic> read_contents(postgres::Session& session, const Answer& holders,
                                        State& state) {
    std::vector<Command> commands;
    for (auto& sql : content_queries(holders.rows)) commands.push_back({std::move(sql), {}, true});
    if (commands.empty()) return std::nullopt;
    const auto answers = session.pipeline(commands);
    if (const auto* failed = first_failure(answers)) return refused(*failed);
    for (const auto& answer : answers) take(state.contents, answer);
    return std::nullopt;
}

std::variant<State, Diagnostic> read(postgres::Session& session) {
    auto answers = session.pipeline(definition_commands(session.server_version()));
    if (const auto* failed = first_failure(answers)) return refused(*failed);
    const Answer holders = std::move(answers.back());
    answers.pop_back();
    State state;
    for (const auto& answer : answers) take(state.objects, answer);
    if (auto diagnostic = read_contents(session, holders, state)) return std::move(*diagnostic);
    return state;
}

std::variant<ColumnContents, Diagnostic> read_each_column(postgres::Session& session) {
    auto commands = opening();
    commands.push_back({holders_query(), {}, false});
    auto answers = session.pipeline(commands);
    if (const auto* failed = first_failure(answers)) return refused(*failed);
    commands.clear();
    for (auto& sql : column_queries(answers.back().rows))
        commands.push_back({std::move(sql), {}, false});
    ColumnContents contents;
    if (commands.empty()) return contents;
    answers = session.pipeline(commands);
    if (const auto* failed = first_failure(answers)) return refused(*failed);
    for (const auto& answer : answers)
        for (const auto& row : answer.rows)
            contents[row[0].value_or("") + "." + row[1].value_or("")] = row[2].value_or("");
    return contents;
}

}  // namespace

std::variant<ColumnContents, Diagnostic> read_columns(postgres::Session& session) {
    auto contents = read_each_column(session);
    if (session.alive()) (void)session.query("ROLLBACK");
    return contents;
}

std::variant<State, Diagnostic> read_state(postgres::Session& session) {
    auto state = read(session);
    if (session.alive()) (void)session.query("ROLLBACK");
    return state;
}

}  // namespace cairn::catalog
