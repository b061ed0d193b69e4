// `when`: whether an item runs at all.
#include <fmt/format.h>

#include "runtime/execute/checks.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/journal/schema.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using compiler::ItemId;
using journal::ItemState;
using postgres::Answer;
using postgres::Fate;
using postgres::Session;
using schedule::Outcome;

namespace {

WhenAnswer read_when(const Answer& answer, const compiler::Statement& when) {
    if (answer.fate == Fate::lost) return {.run = false, .error = journal::journal_error(answer, "asking `when`"), .lost = true};
    if (!answer.ok()) return {.run = false, .error = server_diagnostic(answer.error, when, 719), .lost = false};
    const bool one_value = answer.rows.size() == 1 && answer.rows[0].size() == 1 && answer.rows[0][0];
    const std::string value = one_value ? *answer.rows[0][0] : "";
    if (value == "t" || value == "f") return {.run = value == "t", .error = {}, .lost = false};
    const std::string seen = answer.rows.empty() ? "no row" : one_value ? "`" + value + "`"
                             : answer.rows.size() > 1 ? fmt::format("{} rows", answer.rows.size())
                             : answer.rows[0].size() == 1 ? "NULL" : fmt::format("{} columns", answer.rows[0].size());
    return {.run = false, .error = run::problem(719, fmt::format("`when` asks for one boolean, the query gave {}", seen), "SELECT EXISTS (SELECT …)",
                                                when.sql.locate(0, static_cast<std::uint32_t>(when.sql.text.size()))),
            .lost = false};
}

}  // namespace

WhenAnswer ask_when(postgres::Session& session, const compiler::Item& item, bool inside) {
    if (!item.when) return {};
    const char* close = inside ? "ROLLBACK TO SAVEPOINT cairn_when" : "ROLLBACK";
    std::vector<postgres::Command> commands = {{inside ? "SAVEPOINT cairn_when" : "BEGIN", {}, false}};
    if (!inside) {  // what an earlier step has SET is none of its business
        commands.push_back({"RESET SESSION AUTHORIZATION", {}, false});
        commands.push_back({"RESET ALL", {}, false});
    }
    commands.push_back({"SET TRANSACTION READ ONLY", {}, false});
    commands.push_back({item.when->sql.text, {}, false});
    const auto answers = session.pipeline(commands);
    const Answer closed = session.alive() ? session.query(close) : Answer{};
    for (const auto& a : answers) {
        if (!a.ok()) return read_when(a, *item.when);
    }
    if (!closed.ok()) return read_when(closed, *item.when);
    return read_when(answers.back(), *item.when);
}

std::optional<UnitResult> skipped_by_when(run::Context& context, ItemId id) {
    const auto& item = context.item(id);
    if (!item.when) return std::nullopt;
    const std::string role = item.database.value_or(context.home());
    for (int attempt = 1;; ++attempt) {
        auto opened = context.session(role);
        if (auto* error = std::get_if<Diagnostic>(&opened)) return fatal(*error);
        context.in_force().known = false;
        const WhenAnswer answer = ask_when(*std::get<Session*>(opened), item, false);
        if (answer.lost && attempt < 5) {
            if (auto error = context.reconnect_patiently(role, 5)) return fatal(*error);
            continue;
        }
        if (answer.error) {
            run::ItemOutcome ended;
            ended.state = ItemState::failed;
            ended.error = answer.error;
            return end_item(context, id, Outcome::failed, std::move(ended));
        }
        if (answer.run) return std::nullopt;
        run::ItemOutcome ended;
        ended.state = ItemState::skipped;
        ended.note = "`when` says false";
        return end_item(context, id, Outcome::done, std::move(ended));
    }
}

}  // namespace cairn::execute
