#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "compiler/check/rules.hpp"
#include "compiler/lower/order.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

// Which `parallel` each item as written stands in.
class Homes {
public:
    explicit Homes(const std::vector<grammar::Item>& items) { look(items, nullptr); }

    [[nodiscard]] const grammar::Item* of(const grammar::Item* item) const {
        const auto at = blocks_.find(item);
        return at == blocks_.end() ? nullptr : at->second;
    }

private:
    void look(const std::vector<grammar::Item>& items, const grammar::Item* block) {
        for (const grammar::Item& item : items) {
            std::visit(Overloaded{[&](const grammar::Parallel& inner) { look(inner.items, &item); },
                                  [&](const grammar::For& loop) { look(loop.items, block); },
                                  [&](const grammar::Transaction& group) { look(group.items, block); },
                                  [&](const auto&) {
                                      if (block != nullptr) blocks_.emplace(&item, block);
                                  }},
                       item.body);
        }
    }

    std::unordered_map<const grammar::Item*, const grammar::Item*> blocks_;
};

class After {
public:
    After(const ResolvedPlan& plan, Report& report)
        : plan_(plan), report_(report), homes_(plan.syntax->items) {
        for (const ResolvedItem& item : plan.items) {
            items_.emplace(item.name, &item);
            names_.push_back(item.name);
        }
    }

    // `after` as it stands on the item, or on the `transaction` that it is the first of.
    void look(const ResolvedItem& item, const std::vector<grammar::Template>& after, const Turn* turn) {
        for (const grammar::Template& written : after) {
            if (plan_.words.is_open(written, turn)) continue;
            const std::string name = plan_.words.text(written, turn);
            const auto at = items_.find(name);
            if (at == items_.end()) {
                unknown(written, name);
            } else if (homes_.of(at->second->syntax) != homes_.of(item.syntax) || at->second == &item ||
                       (item.transaction && at->second->transaction == item.transaction)) {
                report_.add(203, written.span,
                            fmt::format("`{}` does not stand beside {} `{}` in its `parallel`", name, item.kind,
                                        item.name),
                            {}, {{.where = at->second->where, .text = "it stands here"}});
            }
        }
    }

private:
    void unknown(const grammar::Template& written, const std::string& name) {
        for (const char* kind : {"step", "validate", "gate", "run", "backup", "copy", "clone", "export", "watch"}) {
            if (report_.may_be_declared(kind, name)) return;
        }
        if (!report_.first_failure(203, name)) return;
        report_.add(203, written.span, fmt::format("no item is named `{}`", name), report_.suggestion(name, names_));
    }

    const ResolvedPlan& plan_;
    Report& report_;
    Homes homes_;
    std::unordered_map<std::string, const ResolvedItem*> items_;
    std::vector<std::string> names_;
};

// Named once, at the item that is written first.
void look_for_cycle(const ResolvedPlan& plan, Report& report) {
    auto cycle = order_of(plan).cycle;
    if (cycle.empty()) return;
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    std::string way = fmt::format("`{}`", plan.items[cycle.front()].name);
    std::vector<Label> labels;
    for (std::size_t i = 1; i <= cycle.size(); ++i) {
        const ResolvedItem& item = plan.items[cycle[i % cycle.size()]];
        way += fmt::format(" after `{}`", item.name);
        if (i < cycle.size()) labels.push_back({.where = item.where, .text = "which waits as well"});
    }
    report.add(415, plan.items[cycle.front()].where.span, fmt::format("none of these can ever start: {}", way), "leave one of these `after` out", std::move(labels));
}

}  // namespace

void check_after(const ResolvedPlan& plan, Report& report) {
    const auto waits = [](const auto& one) { return !one.syntax->after.empty(); };
    if (std::none_of(plan.items.begin(), plan.items.end(), waits) && std::none_of(plan.transactions.begin(), plan.transactions.end(), waits)) return;
    After rule(plan, report);
    std::optional<std::uint32_t> group;
    for (const ResolvedItem& item : plan.items) {
        if (item.parallel) rule.look(item, item.syntax->after, item.turn);
        if (item.parallel && item.transaction && item.transaction != group) {
            const TransactionBlock& block = plan.transactions[*item.transaction];
            rule.look(item, block.syntax->after, block.turn);
        }
        group = item.transaction;
    }
    look_for_cycle(plan, report);
}

}  // namespace cairn::compiler
