#include <fmt/format.h>

#include <map>

#include "compiler/resolve/placeholders.hpp"
#include "compiler/resolve/resolve.hpp"

namespace cairn::compiler {

namespace {

void declare(const grammar::Parameter& parameter, const CompileOptions& options, ResolvedPlan& plan,
             Report& report) {
    const std::string name = parameter.name.written();
    std::optional<std::string> value;
    if (const auto given = options.parameters.find(name); given != options.parameters.end()) {
        value = given->second;
    } else if (parameter.default_value) {
        report_unknown(parameter.default_value->text, plan.words, nullptr, report);
        value = plan.words.text(parameter.default_value->text, nullptr);
    } else if (options.require_parameters) {
        report.add(307, parameter.name.span,
                   fmt::format("parameter `{}` has no default and was not given", name),
                   fmt::format("--param {}=…", name));
    }
    plan.words.set_parameter(name, value);
    plan.parameters.push_back({.name = name, .value = value.value_or("{" + name + "}")});
}

void report_undeclared(const CompileOptions& options, const ResolvedPlan& plan, Report& report) {
    std::vector<std::string> declared;
    for (const ParameterValue& parameter : plan.parameters) declared.push_back(parameter.name);
    for (const auto& [name, value] : options.parameters) {
        if (plan.words.find(name, nullptr) && !is_built_in(name)) continue;
        if (report.may_be_declared("param", name)) continue;
        std::string near = report.suggestion(name, declared);
        if (near.empty()) near = fmt::format("param {}", name);
        report.add(202, plan.syntax->plan_keyword.value_or(Span{}),
                   fmt::format("the plan declares no parameter `{}`, which was given with --param", name),
                   near);
    }
}

}  // namespace

void resolve_parameters(const CompileOptions& options, ResolvedPlan& plan, Report& report) {
    plan.name = plan.syntax->name.written();
    plan.words.set_built_in("plan", plan.name);
    plan.words.set_built_in("run", options.run);
    plan.words.set_built_in("date", options.date);
    plan.words.set_built_in("time", options.time);
    std::map<std::string, Span> first;
    for (const grammar::Parameter& parameter : plan.syntax->parameters) {
        const std::string name = parameter.name.written();
        if (is_built_in(name)) {
            report.add(208, parameter.name.span,
                       fmt::format("`{}` is a word of cairn's own and no name for a parameter", name));
            continue;
        }
        const auto [at, is_new] = first.try_emplace(name, parameter.name.span);
        if (is_new) {
            declare(parameter, options, plan, report);
            continue;
        }
        report.add(206, parameter.name.span, fmt::format("parameter `{}` is declared twice", name), {},
                   {{.where = {.source = {}, .span = at->second}, .text = "first declared here"}});
    }
    report_undeclared(options, plan, report);
}

}  // namespace cairn::compiler
