#include "compiler/lower/lower.hpp"

#include "compiler/lower/order.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

using ItemBody = decltype(Item::body);

ItemBody lower_body(const ResolvedPlan& plan, const ResolvedItem& item) {
    return std::visit(
        Overloaded{[&](const grammar::Step& step) -> ItemBody {
                       if (step.batch && !item.batch) return UnsupportedItem{};
                       return lower_step(plan, item);
                   },
                   [&](const grammar::Validate&) -> ItemBody { return lower_validate(plan, item); },
                   [&](const grammar::Gate&) -> ItemBody { return lower_gate(plan, item); },
                   [&](const grammar::Run&) -> ItemBody { return lower_run(plan, item); },
                   [&](const grammar::Wait&) -> ItemBody {
                       return lower_wait(plan, item);
                   },
                   [](const grammar::Checkpoint& checkpoint) -> ItemBody {
                       return CheckpointItem{.no_return = checkpoint.no_return};
                   },
                   [](const auto&) -> ItemBody { return UnsupportedItem{}; }},
        item.syntax->body);
}

OnFailure lower_on_failure(const ResolvedPlan& plan) {
    if (plan.syntax->on_failure.empty()) return {};
    const grammar::OnFailure& written = plan.syntax->on_failure.front();
    OnFailure lowered;
    switch (written.kind) {
        case grammar::OnFailureKind::stop: lowered.kind = OnFailure::Kind::stop; break;
        case grammar::OnFailureKind::rollback: lowered.kind = OnFailure::Kind::rollback; break;
        case grammar::OnFailureKind::rollback_to: lowered.kind = OnFailure::Kind::rollback_to; break;
    }
    if (written.checkpoint) lowered.checkpoint = plan.words.text(*written.checkpoint, nullptr);
    return lowered;
}

Item lower_item(const ResolvedPlan& plan, const ResolvedItem& resolved, const std::vector<std::uint32_t>& after) {
    Item item{.name = resolved.name,
              .kind = resolved.kind,
              .database = resolved.database,
              .after = {},
              .parallel = resolved.parallel,
              .transaction = resolved.transaction,
              .when = {},
              .body = lower_body(plan, resolved),
              .undo = lower_undo(plan, resolved),
              .where = resolved.where};
    for (const std::uint32_t index : after) item.after.push_back({index});
    if (resolved.when && !resolved.when->statements.empty()) item.when = resolved.when->statements.front();
    return item;
}

void mark_changed(StepGraph& graph) {
    for (const Item& item : graph.items) {
        if (!item.changes_database()) continue;
        for (DatabaseRole& role : graph.databases) {
            if (role.name == item.database) role.changed = true;
        }
    }
}

}  // namespace

StepGraph lower(const ResolvedPlan& plan) {
    StepGraph graph;
    graph.plan = plan.name;
    graph.title = plan.title;
    graph.repeatable = plan.syntax->repeatable.has_value();
    graph.once = plan.syntax->once.has_value();
    graph.parameters = plan.parameters;
    graph.databases = plan.databases;
    graph.on_failure = lower_on_failure(plan);
    graph.window = lower_window(plan);
    graph.items.reserve(plan.items.size());
    const Order order = order_of(plan);
    for (std::size_t i = 0; i < order.items.size(); ++i) graph.items.push_back(lower_item(plan, plan.items[order.items[i]], order.after[i]));
    mark_changed(graph);
    return graph;
}

}  // namespace cairn::compiler
