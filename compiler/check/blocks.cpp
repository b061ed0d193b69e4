#include <fmt/format.h>

#include <map>

#include "compiler/check/rules.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

class Blocks {
public:
    explicit Blocks(Report& report) : report_(report) {}

    struct Inside {
        const grammar::Item* transaction = nullptr;
        const grammar::Item* parallel = nullptr;
    };

    void look(const std::vector<grammar::Item>& items, const Inside& inside) {
        for (const grammar::Item& item : items) {
            std::visit(Overloaded{[&](const grammar::For& loop) { loop_block(item, loop, inside); },
                                  [&](const grammar::Parallel& block) { parallel(item, block, inside); },
                                  [&](const grammar::Transaction& block) { transaction(item, block, inside); },
                                  [&](const auto& body) { one(item, body, inside); }},
                       item.body);
        }
    }

private:
    void loop_block(const grammar::Item& item, const grammar::For& loop, const Inside& inside) {
        not_empty(item, loop.items, "for");
        look(loop.items, inside);
    }

    void parallel(const grammar::Item& item, const grammar::Parallel& block, Inside inside) {
        not_empty(item, block.items, "parallel");
        if (inside.transaction != nullptr) refuse_in_transaction(item, "parallel", inside);
        if (inside.parallel != nullptr) {
            report_.add(404, item.keyword, "a `parallel` stands in another one", {},
                        {label(*inside.parallel, "the outer one")});
        }
        inside.parallel = &item;
        look(block.items, inside);
    }

    void transaction(const grammar::Item& item, const grammar::Transaction& block, Inside inside) {
        not_empty(item, block.items, "transaction");
        if (inside.transaction != nullptr) refuse_in_transaction(item, "transaction", inside);
        inside.transaction = &item;
        look(block.items, inside);
    }

    template <class Body>
    void one(const grammar::Item& item, const Body& body, const Inside& inside) {
        constexpr bool fits = std::is_same_v<Body, grammar::Step> || std::is_same_v<Body, grammar::Validate>;
        if (inside.transaction != nullptr && !fits) refuse_in_transaction(item, nullptr, inside);
        if constexpr (std::is_same_v<Body, grammar::Checkpoint>) {
            if (inside.parallel != nullptr) {
                report_.add(404, item.keyword,
                            fmt::format("a {} can't stand in `parallel`: it waits for all before it",
                                        body.no_return ? "point of no return" : "checkpoint"),
                            {}, {label(*inside.parallel, "this block")});
            }
        }
        if (!item.after.empty() && inside.parallel == nullptr) {
            report_.add(402, item.after_keyword.value_or(item.after.front().span),
                        "`after` is only for items of a `parallel` block: others run in the order written");
        }
    }

    void not_empty(const grammar::Item& item, const std::vector<grammar::Item>& items, const char* what) {
        // A block whose items could not be read is not empty.
        if (!items.empty() || report_.plan().substr(item.span.begin, item.span.end - item.span.begin)
                                      .find_first_of("}") == std::string_view::npos) {
            return;
        }
        const auto block = report_.plan().substr(item.span.begin, item.span.end - item.span.begin);
        const auto open = block.find('{');
        if (open == std::string_view::npos) return;
        if (block.find_first_not_of(" \t\r\n", open + 1) != block.rfind('}')) return;
        report_.add(413, item.keyword, fmt::format("there is nothing in this `{}`", what));
    }

    void refuse_in_transaction(const grammar::Item& item, const char* what, const Inside& inside) {
        report_.add(403, item.keyword,
                    what != nullptr
                        ? fmt::format("a `{}` can't stand in `transaction`: only steps and validations can", what)
                        : std::string("only steps and validations can stand in `transaction`"),
                    {}, {label(*inside.transaction, "this block")});
    }

    static Label label(const grammar::Item& item, const char* text) {
        return {.where = {.source = {}, .span = item.keyword}, .text = text};
    }

    Report& report_;
};

// All that commits together is in one database.
void one_database(const ResolvedPlan& plan, Report& report) {
    std::map<std::uint32_t, const ResolvedItem*> first;
    for (const ResolvedItem& item : plan.items) {
        if (!item.transaction || !item.database) continue;
        const grammar::Item& block = *plan.transactions[*item.transaction].syntax;
        if (block.database && plan.text(*block.database, item) != item.database) {
            report.add(410, item.syntax->database ? item.syntax->database->span : item.where.span,
                       fmt::format("{} `{}` is on database `{}`, and the transaction is on `{}`", item.kind, item.name,
                                   *item.database, plan.text(*block.database, item)),
                       {}, {{.where = {.source = {}, .span = block.database->span}, .text = "this one"}});
            continue;
        }
        const auto [at, is_new] = first.try_emplace(*item.transaction, &item);
        if (is_new || at->second->database == item.database) continue;
        report.add(410, item.syntax->database ? item.syntax->database->span : item.where.span,
                   fmt::format("{} `{}` is on database `{}`, and the transaction is on `{}`", item.kind,
                               item.name, *item.database, *at->second->database),
                   {}, {{.where = at->second->where, .text = "on the other one"}});
    }
}

}  // namespace

void check_blocks(const ResolvedPlan& plan, Report& report) {
    Blocks(report).look(plan.syntax->items, {});
    one_database(plan, report);
}

}  // namespace cairn::compiler
