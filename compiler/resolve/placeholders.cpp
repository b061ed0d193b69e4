#include "compiler/resolve/placeholders.hpp"

#include <fmt/format.h>

namespace cairn::compiler {

void report_unknown(const grammar::Template& written, const Words& words, const Turn* turn, Report& report) {
    for (const grammar::Part& part : written.parts) {
        if (!part.is_placeholder || words.find(part.text, turn)) continue;
        if (report.may_be_declared("param", part.text) || !report.first_failure(201, part.text)) continue;
        std::string help = report.can_suggest() ? report.suggestion(part.text, words.names(turn)) : std::string();
        if (help.empty()) help = fmt::format("param {}", part.text);
        report.add(201, part.span, fmt::format("no parameter or loop variable is named `{}`", part.text), help);
    }
}

}  // namespace cairn::compiler
