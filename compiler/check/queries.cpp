#include <fmt/format.h>

#include "compiler/check/rules.hpp"

namespace cairn::compiler {

namespace {

Location whole(const Statement& statement) {
    return statement.sql.locate(0, static_cast<std::uint32_t>(statement.sql.text.size()));
}

// SHOW gives a row as a query does, though PostgreSQL counts it among the commands.
bool reads(const Statement& statement) {
    return statement.facts.is_query || statement.facts.kind == "SHOW";
}

class Queries {
public:
    explicit Queries(Report& report) : report_(report) {}

    void look(const Body& body, const char* where) {
        if (!body.usable) return;
        if (body.statements.size() > 1) {
            report_.add(556, whole(body.statements[1]),
                        fmt::format("{} is one query, and here are {} statements", where, body.statements.size()));
        } else if (!reads(body.statements.front())) {
            report_.add(556, whole(body.statements.front()),
                        fmt::format("{} only reads, and {} does not", where, body.statements.front().facts.kind));
        }
    }

    // What is wrapped into a query of cairn's own must be able to stand in parentheses.
    void look_inside(const Body& body, const char* where) {
        if (!body.usable || body.statements.size() != 1) return;
        const std::string& kind = body.statements.front().facts.kind;
        if (kind != "SHOW" && kind != "EXPLAIN") return;
        report_.add(556, whole(body.statements.front()),
                    fmt::format("{} can't be part of another query, and {} needs that", kind, where));
    }

private:
    Report& report_;
};

void look_at_check(const ResolvedCheck& check, Queries& rule) {
    for (const Body& body : check.queries) rule.look(body, "a check");
    const auto* returns = std::get_if<grammar::QueryReturns>(&check.syntax->form);
    if (returns != nullptr && returns->something) rule.look_inside(check.queries.front(), "`returns something`");
    if (std::holds_alternative<grammar::QueryAgainstQuery>(check.syntax->form)) {
        for (const Body& body : check.queries) rule.look_inside(body, "a comparison");
    }
    if (std::holds_alternative<grammar::UsesIndex>(check.syntax->form)) {
        rule.look_inside(check.queries.front(), "`uses index`");
    }
}

}  // namespace

void check_queries(const ResolvedPlan& plan, Report& report) {
    Queries rule(report);
    for (const ResolvedItem& item : plan.items) {
        if (item.when) rule.look(*item.when, "`when`");
        for (const Body& body : item.queries) {
            rule.look(body, "what is copied");
            rule.look_inside(body, "what is copied");
        }
        for (const ResolvedCheck& check : item.checks) look_at_check(check, rule);
    }
}

}  // namespace cairn::compiler
