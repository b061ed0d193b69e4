#include <fmt/format.h>

#include "compiler/check/rules.hpp"

namespace cairn::compiler {

namespace {

bool acts(const ResolvedItem& item) {
    return item.as<grammar::Step>() != nullptr || item.as<grammar::Copy>() != nullptr ||
           item.as<grammar::Clone>() != nullptr || item.as<grammar::Restore>() != nullptr ||
           item.as<grammar::Run>() != nullptr;
}

// Where a check-holding block whose checks could not be read would look empty.
bool is_empty_block(const ResolvedItem& item, const Report& report) {
    const Span span = item.syntax->span;
    const auto text = report.plan().substr(span.begin, span.end - span.begin);
    const auto open = text.find('{');
    if (open == std::string_view::npos) return true;
    const auto inside = text.find_first_not_of(" \t\r\n", open + 1);
    return inside == std::string_view::npos || text[inside] == '}' || text[inside] == '#';
}

class Gates {
public:
    Gates(const ResolvedPlan& plan, Report& report) : plan_(plan), report_(report) {}

    void run() {
        for (const ResolvedItem& item : plan_.items) {
            if (const auto* gate = item.as<grammar::Gate>()) look(item, *gate);
            if (const auto* validate = item.as<grammar::Validate>()) look(item, *validate);
            if (first_action_ == nullptr && acts(item)) first_action_ = &item;
            const auto* checkpoint = item.as<grammar::Checkpoint>();
            if (checkpoint != nullptr && checkpoint->no_return) no_return_ = &item;
        }
    }

private:
    void look(const ResolvedItem& item, const grammar::Validate& validate) {
        if (!validate.checks.empty() || !is_empty_block(item, report_)) return;
        report_.add(409, item.where, fmt::format("validate `{}` checks nothing", item.name));
    }

    void look(const ResolvedItem& item, const grammar::Gate& gate) {
        if (gate.checks.empty() && gate.confirms.empty()) {
            report_.add(408, item.where, fmt::format("gate `{}` has neither checks nor a confirm", item.name),
                        "confirm \"…?\"");
        }
        for (std::size_t i = 1; i < gate.confirms.size(); ++i) {
            report_.add(407, gate.confirms[i].span, fmt::format("gate `{}` has more than one confirm", item.name),
                        {}, {{.where = {.source = {}, .span = gate.confirms.front().span}, .text = "the first is here"}});
        }
        otherwise(item, gate);
    }

    void otherwise(const ResolvedItem& item, const grammar::Gate& gate) {
        if (no_return_ != nullptr && gate.otherwise && *gate.otherwise != grammar::OnFailureKind::stop) {
            report_.add(406, gate.else_span,
                        fmt::format("after a point of no return gate `{}` can't roll back", item.name), "else stop",
                        {{.where = no_return_->where, .text = "the point of no return"}});
        } else if (first_action_ != nullptr && !gate.otherwise) {
            report_.add(405, item.where,
                        fmt::format("gate `{}` does not say what is to happen when it fails: {} `{}` comes before it",
                                    item.name, first_action_->kind, first_action_->name),
                        "else stop", {{.where = first_action_->where, .text = "done by then"}});
        }
    }

    const ResolvedPlan& plan_;
    Report& report_;
    const ResolvedItem* first_action_ = nullptr;
    const ResolvedItem* no_return_ = nullptr;
};

}  // namespace

void check_gates(const ResolvedPlan& plan, Report& report) { Gates(plan, report).run(); }

}  // namespace cairn::compiler
