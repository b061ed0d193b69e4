#include <fmt/format.h>

#include "runtime/execute/checks.hpp"
#include "runtime/execute/execute.hpp"
#include "runtime/journal/schema.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using journal::ItemState;
using postgres::Answer;
using postgres::Fate;
using schedule::Outcome;

bool may_pass(const postgres::ServerError& error) {
    return error.sqlstate == "55P03" || error.sqlstate == "40P01" || error.sqlstate == "40001" ||
           error.sqlstate == "26000";  // a prepared statement of ours that the step has deallocated
}

UnitResult fatal(Diagnostic error, std::size_t items) {
    UnitResult result;
    result.outcome = Outcome::failed;
    result.states.assign(items, ItemState::pending);
    result.error = std::move(error);
    result.fatal = true;
    return result;
}

UnitResult end_item(run::Context& context, compiler::ItemId id, Outcome outcome, run::ItemOutcome ended) {
    const std::string error = ended.error ? compiler::to_json(*ended.error, context.compiled().sources) : "";
    const std::string detail = ended.error ? ended.error->message : ended.note;
    const auto recorded = context.journal().record({{.item = id, .name = context.item(id).name, .state = ended.state,
                                                     .event = journal::name(ended.state), .detail = detail,
                                                     .error = error, .rows = ended.rows}});
    context.observer().item_ended(id, ended);
    if (recorded) return fatal(*recorded);
    UnitResult result;
    result.outcome = outcome;
    result.states = {ended.state};
    result.error = ended.error;
    return result;
}

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
    const char* open = inside ? "SAVEPOINT cairn_when" : "BEGIN";
    const char* close = inside ? "ROLLBACK TO SAVEPOINT cairn_when" : "ROLLBACK";
    const auto answers = session.pipeline({{open, {}, false}, {"SET TRANSACTION READ ONLY", {}, false}, {item.when->sql.text, {}, false}});
    const Answer closed = session.alive() ? session.query(close) : Answer{};
    for (const auto& a : answers) {
        if (!a.ok()) return read_when(a, *item.when);
    }
    if (!closed.ok()) return read_when(closed, *item.when);
    return read_when(answers[2], *item.when);
}

}  // namespace cairn::execute
