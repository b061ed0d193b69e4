// A check that passes whatever the database holds is a lie in a runbook; one that never passes stops a window.
#include <fmt/format.h>

#include <cmath>

#include "compiler/check/rules.hpp"
#include "compiler/resolve/values.hpp"
#include "compiler/resolve/visit.hpp"
#include "compiler/sql/shape.hpp"
#include "grammar/literal.hpp"

namespace cairn::compiler {

namespace {

using grammar::Comparison;

enum class Verdict { open, always, never };

Verdict opposite(Verdict verdict) {
    if (verdict == Verdict::open) return verdict;
    return verdict == Verdict::always ? Verdict::never : Verdict::always;
}

// What holding a whole number from 0 against `value` comes to.
Verdict of_count(Comparison op, double value) {
    const bool reachable = value >= 0 && std::floor(value) == value;
    switch (op) {
        case Comparison::equal: return reachable ? Verdict::open : Verdict::never;
        case Comparison::not_equal: return reachable ? Verdict::open : Verdict::always;
        case Comparison::less: return value <= 0 ? Verdict::never : Verdict::open;
        case Comparison::less_equal: return value < 0 ? Verdict::never : Verdict::open;
        case Comparison::greater: return value < 0 ? Verdict::always : Verdict::open;
        case Comparison::greater_equal: return value <= 0 ? Verdict::always : Verdict::open;
    }
    return Verdict::open;
}

class Verdicts {
public:
    Verdicts(const ResolvedPlan& plan, const ResolvedItem& item, Report& report)
        : values_(plan.words, item.turn), plan_(plan), item_(item), report_(report) {}

    void look(const ResolvedCheck& check) {
        for (const Body& body : check.queries) {
            if (!body.usable || body.statements.size() != 1 || !body.statements.front().facts.is_query) return;
        }
        where_ = {.source = {}, .span = check.syntax->span};
        std::visit(Overloaded{[&](const grammar::QueryReturns& c) { returns(c, check.queries.front()); },
                              [&](const grammar::QueryCompares& c) { compares(c, check.queries.front()); },
                              [&](const grammar::QueryAgainstQuery& c) { against(c, check); },
                              [&](const grammar::RowsOf& c) { count(c.op, c.value, "a number of rows"); },
                              [&](const grammar::SessionsOf& c) { count(c.op, c.value, "a number of sessions"); },
                              [&](const grammar::LongRunningQueries& c) {
                                  count(c.op, c.value, "a number of queries");
                              },
                              [&](const grammar::FreeSpace& c) { space(c); }, [](const auto&) {}},
                   check.syntax->form);
    }

private:
    void say(Verdict verdict, const std::string& why, const std::string& help = {}) {
        if (verdict == Verdict::open) return;
        const bool always = verdict == Verdict::always;
        report_.add(always ? 557 : 558, where_,
                    fmt::format("this check {}: {}", always ? "can't fail" : "can't pass", why), help);
    }

    [[nodiscard]] static const std::string& text_of(const Body& body) {
        return body.statements.front().sql.text;
    }

    void returns(const grammar::QueryReturns& check, const Body& body) {
        if (body.has_variables) return;
        const sql::QueryShape shape = sql::query_shape(text_of(body));
        const auto with_row = [&](bool row) { return row == check.something ? Verdict::always : Verdict::never; };
        if (shape.never_a_row) {
            say(with_row(false), "its query gives no row, whatever the database holds");
        } else if (shape.aggregate) {
            say(with_row(true), "an aggregate without GROUP BY always gives one row",
                shape.counts ? (check.something ? "> 0" : "= 0") : "");
        } else if (shape.constant) {
            say(with_row(true), "its query reads nothing and always gives one row");
        }
    }

    void compares(const grammar::QueryCompares& check, const Body& body) {
        const sql::QueryShape shape = sql::query_shape(text_of(body));
        if (shape.columns > 1) {
            return say(Verdict::never,
                       fmt::format("its query gives {} columns, and one value is compared", shape.columns));
        }
        if (shape.never_a_row && !body.has_variables) {
            return say(Verdict::never, "its query gives no row, whatever the database holds");
        }
        if (shape.constant && !body.has_variables) {
            return say(Verdict::always, "its query reads nothing, so its answer is the same every time");
        }
        if (shape.counts) {
            return count(check.op, check.value, "a count");
        }
        doubtful(check);
    }

    void doubtful(const grammar::QueryCompares& check) {
        if (check.value.kind != grammar::ValueKind::percent || check.op != Comparison::greater_equal) return;
        const auto percent = grammar::parse_percent(values_.text(check.value));
        if (!percent || *percent > 0) return;
        report_.add(559, where_, "this check can hardly fail: what is counted in percent is seldom below 0%");
    }

    void count(Comparison op, const grammar::Value& value, std::string_view what) {
        if (values_.is_open(value)) return;
        const std::string text = values_.text(value);
        std::optional<double> number;
        switch (value.kind) {
            case grammar::ValueKind::percent: number = grammar::parse_percent(text); break;
            case grammar::ValueKind::size:
                if (const auto bytes = grammar::parse_size(text)) number = static_cast<double>(*bytes);
                break;
            case grammar::ValueKind::duration:
            case grammar::ValueKind::word:
                return say(Verdict::never, fmt::format("{} is a number, and `{}` is none", what, text));
            default: number = grammar::parse_number(text);
        }
        if (number) {
            return say(of_count(op, *number), fmt::format("{} is a whole number from 0", what));
        }
        if (value.kind != grammar::ValueKind::string) return;
        const Verdict equal = Verdict::never;
        const std::string why = fmt::format("{} is a number, and '{}' is none", what, text);
        if (op == Comparison::equal) say(equal, why);
        if (op == Comparison::not_equal) say(opposite(equal), why);
    }

    void against(const grammar::QueryAgainstQuery& check, const ResolvedCheck& resolved) {
        const Body &left = resolved.queries[0], &right = resolved.queries[1];
        const bool elsewhere = check.database && plan_.text(*check.database, item_) != item_.database;
        if (!elsewhere && sql::same_query(text_of(left), text_of(right))) return say(Verdict::always, "it compares a query with itself");
        const sql::QueryShape one = sql::query_shape(text_of(left)), other = sql::query_shape(text_of(right));
        const bool varies = left.has_variables || right.has_variables;
        if (varies) return;
        if (one.columns > 0 && other.columns > 0 && one.columns != other.columns) {
            return say(Verdict::never, fmt::format("the left query gives {} and the right one {}, and they meet column by column", columns(one), columns(other)));
        }
        if (other.never_a_row || (one.never_a_row && !check.within)) {
            return say(Verdict::never, fmt::format("the query on the {} gives no row, whatever the database holds, and two empty answers fail",
                                                   other.never_a_row ? "right" : "left"));
        }
        if (one.constant && other.constant) say(Verdict::always, "its queries read nothing, so their answers are the same every time");
    }

    static std::string columns(const sql::QueryShape& shape) {
        return fmt::format("{} column{}", shape.columns, shape.columns == 1 ? "" : "s");
    }

    void space(const grammar::FreeSpace& check) {
        const auto& value = check.size ? check.size : check.factor;
        if (!value || values_.is_open(*value)) return;
        const std::string text = values_.text(*value);
        std::optional<double> least = grammar::parse_number(text);
        if (const auto bytes = grammar::parse_size(text); check.size && bytes) least = static_cast<double>(*bytes);
        if (!least) return;
        if (*least <= 0 && check.op == Comparison::greater_equal) {
            say(Verdict::always, "there is never less than no space");
        } else if (*least <= 0 && check.op == Comparison::less) {
            say(Verdict::never, "there is never less than no space");
        }
    }

    Values values_;
    const ResolvedPlan& plan_;
    const ResolvedItem& item_;
    Report& report_;
    Location where_;
};

}  // namespace

void check_verdicts(const ResolvedPlan& plan, Report& report) {
    for (const ResolvedItem& item : plan.items) {
        Verdicts rule(plan, item, report);
        for (const ResolvedCheck& check : item.checks) rule.look(check);
    }
}

}  // namespace cairn::compiler
