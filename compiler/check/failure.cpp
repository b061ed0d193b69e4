#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/rules.hpp"

namespace cairn::compiler {

void check_failure(const ResolvedPlan& plan, Report& report) {
    std::vector<std::string> checkpoints;
    for (const ResolvedItem& item : plan.items) {
        if (item.as<grammar::Checkpoint>() != nullptr) checkpoints.push_back(item.name);
    }
    for (const grammar::OnFailure& failure : plan.syntax->on_failure) {
        if (!failure.checkpoint || plan.words.is_open(*failure.checkpoint, nullptr)) continue;
        const std::string name = plan.words.text(*failure.checkpoint, nullptr);
        if (std::find(checkpoints.begin(), checkpoints.end(), name) != checkpoints.end()) continue;
        if (report.may_be_declared("checkpoint", name) || report.may_be_declared("return", name)) continue;
        std::string help = report.suggestion(name, checkpoints);
        if (help.empty()) help = fmt::format("checkpoint {}", name);
        report.add(210, failure.checkpoint->span, fmt::format("no checkpoint is named `{}`", name), help);
    }
}

}  // namespace cairn::compiler
