#include "runtime/undo/what_to_do.hpp"

#include <fmt/format.h>

#include <string_view>

namespace cairn::undo {
namespace {

// https://www.postgresql.org/docs/15/errcodes-appendix.html
constexpr std::pair<std::string_view, const char*> remedies[] = {
    {"53100", "make room on the server's disk"},
    {"53", "free what the server is short of"},
    {"2BP01", "drop what hangs on it, or change that"},
    {"42P06", "drop or rename what has taken its name"},
    {"42P07", "drop or rename what has taken its name"},
    {"42701", "drop or rename what has taken its name"},
    {"42710", "drop or rename what has taken its name"},
    {"42723", "drop or rename what has taken its name"},
    {"42P17", "change or drop what it clashes with"},
    {"42501", "as the role that applied the run, or as a superuser"},
    {"55P03", "wait until nobody holds the table, or end who does"},
    {"57014", "raise the statement timeout"},
    {"22", "mend the value that does not fit, or delete its row"},
    {"23", "put these rows right"},
};

std::string ending(std::string what, const std::string& run) { return fmt::format("{}, then: cairn rollback {}", what, run); }

std::string remedy(std::string_view sqlstate, const std::string& run) {
    for (const auto& [state, what] : remedies) {
        if (sqlstate.starts_with(state)) return ending(what, run);
    }
    return ending("put right what the server says", run);
}

}  // namespace

std::string what_to_do(const postgres::ServerError& error, const std::string& run) {
    if (error.context.starts_with("PL/pgSQL function ") && !error.context.starts_with("PL/pgSQL function cairn.")) {
        const std::string where = error.context.substr(0, error.context.find('\n'));
        return ending(fmt::format("it was refused in {}: set that aside", where), run);
    }
    return remedy(error.sqlstate, run);
}

compiler::Diagnostic with_help(compiler::Diagnostic error, const std::string& run) {
    if (!error.help.empty()) {
        // What gives rows back knows no runs.
        constexpr std::string_view placeholder = "rollback RUN";
        for (auto at = error.help.find(placeholder); at != std::string::npos; at = error.help.find(placeholder, at + 1))
            error.help.replace(at, placeholder.size(), "rollback " + run);
        return error;
    }
    if (error.code == 820) {
        error.help = fmt::format("look who wrote them; to leave them as they are: cairn rollback {} --on-conflict skip", run);
    } else if (const auto& m = error.message; m.size() > 7 && m.ends_with(')') && m[m.size() - 7] == '(') {
        error.help = remedy(std::string_view(m).substr(m.size() - 6, 5), run);
    }
    return error;
}

}  // namespace cairn::undo
