#include <fmt/format.h>

#include "compiler/check/rules.hpp"
#include "compiler/resolve/identifier.hpp"

namespace cairn::compiler {

namespace {

class Batches {
public:
    Batches(const ResolvedPlan& plan, const ResolvedItem& item, Report& report)
        : plan_(plan), item_(item), syntax_(*item.as<grammar::Step>()->batch), report_(report) {}

    void look() {
        in_transaction();
        if (!item_.sql.usable || !item_.batch) return;
        for (std::size_t i = 0; i < item_.sql.statements.size() && i < item_.sql.batch.size(); ++i) {
            if (changes_rows(item_.sql.statements[i])) one(item_.sql.statements[i], item_.sql.batch[i]);
        }
    }

private:
    void in_transaction() {
        if (!item_.transaction) return;
        report_.add(567, syntax_.keyword,
                    fmt::format("step `{}` goes in batches, each a transaction of its own, and stands in `transaction`", item_.name),
                    {}, {{.where = {.source = {}, .span = plan_.transactions[*item_.transaction].syntax->keyword}, .text = "this block"}});
    }

    bool changes_rows(const Statement& statement) {
        const auto& facts = statement.facts;
        // What has its own error: transaction control, COPY of a client.
        if (facts.transaction_control || facts.copies_client) return false;
        const bool fits = facts.kind == "INSERT" || facts.kind == "UPDATE" || facts.kind == "DELETE" || facts.kind == "MERGE" ||
                          (facts.kind == "SELECT" && !facts.writes.empty());
        if (fits) return true;
        report_.add(564, whole(statement),
                    fmt::format("a batch takes INSERT, UPDATE, DELETE and MERGE, and this is {}", facts.kind),
                    fmt::format("step {}_2 {{ $$ … $$ }}", item_.name));
        return false;
    }

    void one(const Statement& statement, const sql::BatchUse& use) {
        const std::string table = as_sql({item_.batch->table});
        if (use.places.empty()) {
            report_.add(562, whole(statement),
                        fmt::format("this {} does not say `:batch`: every range would change the same rows", statement.facts.kind),
                        "WHERE :batch AND …");
        }
        for (const sql::BatchPlace& place : use.places) named(statement, place, table);
        if (use.sets_key) {
            report_.add(565, whole(statement),
                        fmt::format("this {} changes `{}.{}`, by which the batch goes: a row could come up twice, or never",
                                    statement.facts.kind, table, as_sql({item_.batch->column})));
        }
        if (use.inserts) {
            report_.add(566, whole(statement),
                        fmt::format("this {} adds rows to `{}`, over which the batch goes: they could come up in later ranges",
                                    statement.facts.kind, table));
        }
    }

    void named(const Statement& statement, const sql::BatchPlace& place, const std::string& table) {
        if (place.names.size() == 1) return;
        const Location where = statement.sql.locate(place.mark.begin, place.mark.end);
        if (place.mark.alias) {
            return report_.add(563, where, fmt::format("`{}` is no name of table `{}` here", *place.mark.alias, table), choices(place));
        }
        if (place.names.empty()) {
            return report_.add(563, where, fmt::format("`:batch` is a range of `{}`, which no query around it names", table));
        }
        report_.add(563, where, fmt::format("`{}` stands here {} times, and `:batch` does not say which is meant", table, place.names.size()),
                    choices(place));
    }

    static std::string choices(const sql::BatchPlace& place) {
        std::string out;
        for (const std::string& name : place.known) out += fmt::format("{}:batch({})", out.empty() ? "" : ", or ", name);
        return out;
    }

    static Location whole(const Statement& statement) {
        return statement.sql.locate(0, static_cast<std::uint32_t>(statement.sql.text.size()));
    }

    const ResolvedPlan& plan_;
    const ResolvedItem& item_;
    const grammar::Step::Batch& syntax_;
    Report& report_;
};

}  // namespace

void check_batches(const ResolvedPlan& plan, Report& report) {
    for (const ResolvedItem& item : plan.items) {
        const auto* step = item.as<grammar::Step>();
        if (step != nullptr && step->batch) Batches(plan, item, report).look();
    }
}

}  // namespace cairn::compiler
