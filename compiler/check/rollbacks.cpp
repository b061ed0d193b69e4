#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/rules.hpp"
#include "compiler/diagnostics/ways_out.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

class Rollbacks {
public:
    Rollbacks(const ResolvedPlan& plan, Report& report) : plan_(plan), report_(report) {}

    void look(const ResolvedItem& item) {
        const grammar::Rollback* rollback = rollback_of(*item.syntax);
        if (rollback == nullptr) return;
        if (const auto* none = std::get_if<grammar::RollbackNone>(rollback)) reason(*none, item);
        if (item.as<grammar::Run>() != nullptr) {
            of_run(item, *rollback);
        } else if (item.as<grammar::Step>() == nullptr) {
            of_rows(item, *rollback);
        } else if (is_generated(*rollback)) {
            generated(item);
        }
    }

private:
    static bool is_generated(const grammar::Rollback& rollback) {
        return std::holds_alternative<std::monostate>(rollback) ||
               std::holds_alternative<grammar::RollbackGenerated>(rollback);
    }

    void reason(const grammar::RollbackNone& none, const ResolvedItem& item) {
        const std::string text = plan_.text(none.reason, item);
        if (text.find_first_not_of(" \t\n") != std::string::npos) return;
        report_.add(804, none.span, "`rollback none` says why no rollback is needed, and this reason is empty",
                    "rollback none \"why nothing is needed\"");
    }

    void of_run(const ResolvedItem& item, const grammar::Rollback& rollback) {
        if (!std::holds_alternative<std::monostate>(rollback)) return;
        report_.add(803, item.where,
                    fmt::format("run `{}` does not say how it is undone, and nobody else can know", item.name),
                    "rollback \"program\" \"argument\", or rollback none \"why nothing is needed\"");
    }

    // What is copied, cloned or restored is given back row by row.
    void of_rows(const ResolvedItem& item, const grammar::Rollback& rollback) {
        if (!std::holds_alternative<grammar::RollbackSql>(rollback)) return;
        report_.add(802, span_of(rollback), fmt::format("{} `{}` can't be undone by SQL of its own", item.kind, item.name),
                    "rollback none \"why nothing is needed\"");
    }

    void generated(const ResolvedItem& item) {
        // In a transaction the runner sees what has changed, whatever changed it.
        if (!item.sql.usable) return;
        const bool watched = std::all_of(
            item.sql.statements.begin(), item.sql.statements.end(), [](const Statement& s) {
                return s.facts.non_transactional == sql::NonTransactional::no;
            });
        for (const Statement& statement : item.sql.statements) {
            const sql::StatementFacts& facts = statement.facts;
            const bool refused = facts.transaction_control || facts.copies_client;
            if (facts.reversal != sql::Reversal::unknown || refused) continue;
            // What these take away is read before.
            const bool rebuilt = facts.non_transactional == sql::NonTransactional::drop_index_concurrently ||
                                 facts.non_transactional == sql::NonTransactional::detach_concurrently;
            if (rebuilt) continue;
            if (watched && facts.effect != sql::Effect::outside) continue;
            report_.add(801, statement.sql.locate(0, static_cast<std::uint32_t>(statement.sql.text.size())),
                        fmt::format("no rollback can be generated for this {}{}", facts.kind,
                                    facts.why_not.empty() ? "" : ": " + facts.why_not),
                        ways_out);
        }
    }

    const ResolvedPlan& plan_;
    Report& report_;
};

}  // namespace

void check_rollbacks(const ResolvedPlan& plan, Report& report) {
    Rollbacks rule(plan, report);
    for (const ResolvedItem& item : plan.items) rule.look(item);
}

}  // namespace cairn::compiler
