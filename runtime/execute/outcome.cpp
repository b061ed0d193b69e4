// How items end: recorded, told to the observer, and given back to the schedule.
#include "runtime/execute/execute.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using journal::ItemState;
using schedule::Outcome;

std::chrono::milliseconds elapsed(std::chrono::steady_clock::time_point began) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

bool may_pass(const postgres::ServerError& error) {
    return error.sqlstate == "55P03" || error.sqlstate == "40P01" || error.sqlstate == "40001" ||
           (error.sqlstate == "XX000" && error.message == "tuple concurrently updated") ||  // two who grant rights on one object
           error.sqlstate == "26000";  // a prepared statement of ours that the step has deallocated
}

bool may_pass(const Diagnostic& error) {
    const std::string& text = error.message;
    if (text.size() < 7 || text[text.size() - 7] != '(' || text.back() != ')') return false;
    postgres::ServerError server;
    server.sqlstate = text.substr(text.size() - 6, 5);
    return may_pass(server);
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

}  // namespace cairn::execute
