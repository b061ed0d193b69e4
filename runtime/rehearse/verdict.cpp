// What a rehearsal has come to: the words of its report, and the exit code.
#include <algorithm>

#include "runtime/rehearse/rehearse.hpp"
#include "runtime/run/runner.hpp"

namespace cairn::rehearse {

using compiler::Diagnostic;

bool is_proved(const Report& report) {
    if (report.error || !report.second_apply.empty()) return false;
    if (report.over_budget && !report.over_budget->empty()) return false;
    if (report.crash && std::any_of(report.crash->points.begin(), report.crash->points.end(),
                                    [](const auto& point) { return !point.survived(); }))
        return false;
    return std::none_of(report.items.begin(), report.items.end(), [](const ItemReport& item) {
        return item.state == ItemState::failed || item.rollback == Grade::differs ||
               item.rollback == Grade::failed;
    });
}

const char* name(ItemState state) {
    switch (state) {
        case ItemState::applied:
            return "applied";
        case ItemState::skipped:
            return "skipped";
        case ItemState::failed:
            return "failed";
    }
    return "";
}

const char* name(Grade grade) {
    switch (grade) {
        case Grade::exact:
            return "exact";
        case Grade::column_order:
            return "column order";
        case Grade::differs:
            return "differs";
        case Grade::none:
            return "none";
        case Grade::failed:
            return "failed";
    }
    return "";
}

run::Exit exit_of(const Report& report) {
    return report.proved ? run::Exit::done : run::Exit::check_failed;
}

run::Exit exit_of(const Diagnostic& diagnostic) {
    const bool fixture = (diagnostic.code >= 780 && diagnostic.code <= 799) ||
                         (diagnostic.code >= 601 && diagnostic.code <= 609);
    if (fixture) return run::Exit::plan_errors;
    const bool scratch = diagnostic.code >= 630 && diagnostic.code <= 649;
    return scratch ? run::Exit::unreachable : run::exit_for(diagnostic);
}

}  // namespace cairn::rehearse
