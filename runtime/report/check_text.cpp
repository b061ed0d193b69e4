#include "runtime/report/check_text.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "compiler/diagnostics/display.hpp"
#include "runtime/report/table.hpp"

namespace cairn::report {

namespace {

constexpr const char* deeper = "               ";  // under a check's title

std::string place(const compiler::Check* check, const compiler::Sources& sources) {
    if (check == nullptr || check->where.source.index >= sources.size()) return {};
    const auto& source = sources.at(check->where.source);
    const auto at = source.position(check->where.span.begin);
    return fmt::format("{}:{}:{}", source.name(), at.line, at.column);
}

std::string evidence(const run::CheckOutcome& outcome, const CheckStyle& style) {
    if (outcome.columns.empty() || outcome.rows.empty()) return {};
    std::string out =
        table(outcome.columns, outcome.rows, {.indent = deeper, .width = style.width});
    if (outcome.total_rows > outcome.rows.size()) {
        const auto more = outcome.total_rows - outcome.rows.size();
        out += deeper + style.paint.faint(fmt::format("… {}", counted(more, "more row"))) + "\n";
    }
    return out;
}

std::string heading(const std::string& word, const run::CheckOutcome& outcome,
                    const std::string& where, const CheckStyle& style) {
    std::string line = fmt::format("{}{} {}", margin, word, compiler::printable(outcome.title));
    if (!where.empty()) line += "  " + style.paint.faint(where);
    return line + "\n";
}

}  // namespace

std::string check_text(const run::CheckOutcome& outcome, const compiler::Check* check,
                       const compiler::Sources& sources, const CheckStyle& style) {
    const bool is_show =
        check != nullptr && std::holds_alternative<compiler::ExpectAny>(check->expect);
    if (outcome.window_only) {
        return heading(style.paint.doubtful("window "), outcome, "", style) + deeper +
               "only the window can tell\n";
    }
    if (outcome.passed && is_show) {
        const std::string rows = evidence(outcome, style);
        return heading(style.paint.faint("shows  "), outcome, "", style) +
               (rows.empty() ? fmt::format("{}no rows\n", deeper) : rows);
    }
    if (outcome.passed)
        return style.with_passed ? heading(style.paint.good("passed "), outcome, "", style)
                                 : std::string();

    const std::string word =
        outcome.warn ? style.paint.doubtful("warns  ") : style.paint.bad("failed ");
    std::string out = heading(word, outcome, outcome.error ? "" : place(check, sources), style);
    if (outcome.error)
        return out + compiler::to_text(*outcome.error, sources, style.paint.colors());
    if (!outcome.message.empty())
        out += fmt::format("{}{}\n", deeper, compiler::printable(outcome.message));
    return out + evidence(outcome, style);
}

std::string checks_in_words(const std::vector<run::CheckOutcome>& outcomes) {
    if (outcomes.empty()) return {};
    std::uint64_t failed = 0, warned = 0, unknown = 0;
    for (const auto& o : outcomes) {
        if (o.window_only)
            ++unknown;
        else if (!o.passed)
            ++(o.warn ? warned : failed);
    }
    std::string out =
        failed > 0 ? fmt::format("{} of {} failed", failed, counted(outcomes.size(), "check"))
                   : fmt::format("{} passed", counted(outcomes.size() - warned - unknown, "check"));
    if (warned > 0) out += fmt::format(", {} warned", warned);
    if (unknown > 0) out += fmt::format(", {} for the window", unknown);
    return out;
}

}  // namespace cairn::report
