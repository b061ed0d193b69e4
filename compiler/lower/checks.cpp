#include "compiler/lower/check_parts.hpp"

namespace cairn::compiler {

namespace {

Check lower_check(const ResolvedPlan& plan, const ResolvedItem& item, const ResolvedCheck& resolved) {
    const grammar::Check& written = *resolved.syntax;
    const CheckContext context{.plan = plan,
                               .item = item,
                               .values = Values(plan.words, item.turn),
                               .where = {.source = {}, .span = written.span}};
    Check check;
    check.warn = written.warn;
    check.where = context.where;
    check.title = written.title ? context.text(*written.title) : title_of(written, resolved.queries, context);
    std::visit([&](const auto& form) { lower_form(form, resolved.queries, context, check); }, written.form);
    return check;
}

}  // namespace

std::vector<Check> lower_checks(const ResolvedPlan& plan, const ResolvedItem& item) {
    std::vector<Check> checks;
    checks.reserve(item.checks.size());
    for (const ResolvedCheck& check : item.checks) checks.push_back(lower_check(plan, item, check));
    return checks;
}

Op lower_op(grammar::Comparison comparison) {
    switch (comparison) {
        case grammar::Comparison::equal: return Op::equal;
        case grammar::Comparison::not_equal: return Op::not_equal;
        case grammar::Comparison::less: return Op::less;
        case grammar::Comparison::less_equal: return Op::less_equal;
        case grammar::Comparison::greater: return Op::greater;
        case grammar::Comparison::greater_equal: return Op::greater_equal;
    }
    return Op::equal;
}

const char* symbol(grammar::Comparison comparison) {
    switch (comparison) {
        case grammar::Comparison::equal: return "=";
        case grammar::Comparison::not_equal: return "<>";
        case grammar::Comparison::less: return "<";
        case grammar::Comparison::less_equal: return "<=";
        case grammar::Comparison::greater: return ">";
        case grammar::Comparison::greater_equal: return ">=";
    }
    return "=";
}

Statement composed(const std::string& query, const CheckContext& context) {
    Statement statement;
    statement.sql.append(query);
    // Of no length, so that all of the text maps to the check and none of it letter by letter.
    statement.sql.append({}, context.where);
    sql::Analysis analysis = sql::analyse(query);
    if (!analysis.statements.empty()) statement.facts = std::move(analysis.statements.front());
    return statement;
}

}  // namespace cairn::compiler
