#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/rules.hpp"

namespace cairn::compiler {

namespace {

bool is_transactional(const Statement& statement) {
    return statement.facts.non_transactional == sql::NonTransactional::no;
}

Location whole(const Statement& statement) {
    return statement.sql.locate(0, static_cast<std::uint32_t>(statement.sql.text.size()));
}

std::string kind_of(const Statement& statement) {
    using sql::NonTransactional;
    switch (statement.facts.non_transactional) {
        case NonTransactional::create_index_concurrently: return "CREATE INDEX CONCURRENTLY";
        case NonTransactional::drop_index_concurrently: return "DROP INDEX CONCURRENTLY";
        case NonTransactional::reindex_concurrently: return "REINDEX CONCURRENTLY";
        case NonTransactional::detach_concurrently: return "DETACH PARTITION … CONCURRENTLY";
        default: return statement.facts.kind;
    }
}

class Statements {
public:
    explicit Statements(Report& report) : report_(report) {}

    void look(const std::vector<Statement>& statements, const ResolvedItem& item) {
        bool first = true;
        for (const Statement& statement : statements) {
            control(statement);
            copy(statement);
            set_transaction(statement, first);
            first = first && (statement.facts.set_transaction || statement.facts.is_setting);
        }
        mixture(statements, item);
    }

    void in_transaction(const std::vector<Statement>& statements, const ResolvedItem& item) {
        for (const Statement& statement : statements) {
            if (is_transactional(statement)) continue;
            report_.add(554, whole(statement),
                        fmt::format("PostgreSQL refuses {} in a transaction, and step `{}` stands in `transaction`",
                                    kind_of(statement), item.name));
            return;
        }
    }

private:
    void control(const Statement& statement) {
        if (!statement.facts.transaction_control) return;
        report_.add(550, whole(statement),
                    fmt::format("{} can't stand in a step: a step is one transaction, and cairn ends it",
                                statement.facts.kind),
                    "transaction { step … step … }");
    }

    void copy(const Statement& statement) {
        if (!statement.facts.copies_client) return;
        report_.add(552, whole(statement),
                    "COPY of this kind moves rows over the client's connection, which a step does not have",
                    "copy NAME from \"FILE.csv\" to DB { into TABLE (…) }, or export NAME of DB to \"DIR\" { … }");
    }

    void set_transaction(const Statement& statement, bool first) {
        if (!statement.facts.set_transaction || first) return;
        report_.add(551, whole(statement),
                    "SET TRANSACTION must come before the step's first query: PostgreSQL refuses it later");
    }

    void mixture(const std::vector<Statement>& statements, const ResolvedItem& item) {
        const auto inside = std::find_if(statements.begin(), statements.end(), [](const Statement& s) {
            // A SET may stand before what can't be in a transaction: it holds for the session until the step ends.
            return is_transactional(s) && !s.facts.transaction_control && !s.facts.is_setting;
        });
        const auto outside = std::find_if_not(statements.begin(), statements.end(), is_transactional);
        if (inside == statements.end() || outside == statements.end()) return;
        report_.add(553, whole(*outside),
                    fmt::format("PostgreSQL refuses {} in a transaction, and step `{}` also holds {}, which needs one",
                                kind_of(*outside), item.name, inside->facts.kind),
                    fmt::format("step {0} {{ $$ … $$ }} step {0}_2 {{ $$ … $$ }}", item.name), {{.where = whole(*inside), .text = "this one is transactional"}});
    }

    Report& report_;
};

}  // namespace

void check_statements(const ResolvedPlan& plan, Report& report) {
    Statements rule(report);
    for (const ResolvedItem& item : plan.items) {
        if (item.as<grammar::Step>() == nullptr) continue;
        if (item.sql.usable) rule.look(item.sql.statements, item);
        if (item.sql.usable && item.transaction) rule.in_transaction(item.sql.statements, item);
        if (item.undo && item.undo->usable) rule.look(item.undo->statements, item);
    }
}

}  // namespace cairn::compiler
