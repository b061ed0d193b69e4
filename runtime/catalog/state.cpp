#include "runtime/catalog/state.hpp"

#include <optional>
#include <utility>

#include "runtime/catalog/contents.hpp"
#include "runtime/catalog/reading.hpp"

namespace cairn::catalog {
namespace {

using compiler::Diagnostic;
using postgres::Command;

std::variant<State, Diagnostic> read(postgres::Session& session) {
    auto commands = opening();
    for (auto& command : definition_commands(session.server_version()))
        commands.push_back(std::move(command));
    commands.push_back({holders_query(), {}, false});
    auto answers = session.pipeline(commands);
    if (auto failed = refusal(answers)) return std::move(*failed);
    commands.clear();
    for (const auto& holder : read_holders(answers.back()))
        commands.push_back({content_query(holder), {}, true});
    answers.pop_back();
    State state;
    for (const auto& answer : answers) take(state.objects, answer);
    if (commands.empty()) return state;
    answers = ask_tables(session, commands);
    if (auto failed = refusal(answers)) return std::move(*failed);
    for (const auto& answer : answers) take(state.contents, answer);
    return state;
}

std::variant<ColumnContents, Diagnostic> read_each_column(postgres::Session& session) {
    auto commands = opening();
    commands.push_back({holders_query(), {}, false});
    auto answers = session.pipeline(commands);
    if (auto failed = refusal(answers)) return std::move(*failed);
    commands.clear();
    for (const auto& holder : read_holders(answers.back()))
        if (holder.kind == Holder::Kind::table && !holder.columns.empty())
            commands.push_back({column_query(holder), {}, false});
    ColumnContents contents;
    if (commands.empty()) return contents;
    answers = ask_tables(session, commands);
    if (auto failed = refusal(answers)) return std::move(*failed);
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
