#include "runtime/rehearse/regrade.hpp"

#include <algorithm>

#include "runtime/process/interrupt.hpp"
#include "runtime/rehearse/undoing.hpp"

namespace cairn::rehearse {
namespace {

using compiler::Diagnostic;

bool is_bad(const ItemReport& item) {
    return item.state == ItemState::applied &&
           (item.rollback == Grade::differs || item.rollback == Grade::failed);
}

bool is_bad(const compiler::StepGraph& graph, const std::vector<ItemReport>& items, ItemId unit) {
    const auto members = items_of(graph, unit);
    return std::any_of(members.begin(), members.end(),
                       [&](ItemId id) { return is_bad(items[id.index]); });
}

// In the order in which they are undone. The first one's grade is its own.
std::vector<ItemId> bad_units(const compiler::StepGraph& graph,
                              const std::vector<ItemReport>& items) {
    std::vector<ItemId> units;
    for (auto at = static_cast<std::uint32_t>(items.size()); at-- > 0;) {
        const ItemId id{at};
        if (unit_of(graph, id) == id && is_bad(graph, items, id)) units.push_back(id);
    }
    return units;
}

// The items as the plan's run has left them, without grades.
std::vector<ItemReport> ungraded(std::vector<ItemReport> items) {
    for (auto& item : items) {
        item.rollback.reset();
        item.differences.clear();
        if (item.state == ItemState::applied) item.error.reset();
    }
    return items;
}

std::variant<std::vector<ItemReport>, Diagnostic> one_round(const Regrading& work, ItemId unit) {
    if (auto error = work.databases.create_anew()) return std::move(*error);
    auto start = work.databases.read_states();
    if (auto* error = std::get_if<Diagnostic>(&start)) return std::move(*error);
    auto measured = work.items;
    Applying applying(work.graph, work.databases, std::get<States>(start), measured, nullptr);
    const auto until = work.graph.items[items_of(work.graph, unit).back().index].name;
    const auto applied = work.apply(applying, until);
    if (!applying.record()) return applied.error.value_or(Diagnostic{});
    if (applying.error()) return *applying.error();
    auto end = work.databases.read_states();
    if (auto* error = std::get_if<Diagnostic>(&end)) return std::move(*error);
    applying.finish(std::get<States>(end));
    if (work.before_rollback) work.before_rollback();
    auto graded = ungraded(work.items);
    Undoing undoing(work.graph, work.databases, applying, std::get<States>(end), graded, nullptr);
    (void)work.roll_back(*applying.record(), undoing);
    undoing.finish();
    if (undoing.error()) return *undoing.error();
    if (process::interrupt_requested()) {
        Diagnostic interrupted;
        interrupted.code = 713;
        interrupted.message = "interrupted";
        return interrupted;
    }
    return graded;
}

}  // namespace

std::variant<std::size_t, Diagnostic> regrade(const Regrading& work, std::size_t most) {
    auto doubtful = bad_units(work.graph, work.items);
    if (!doubtful.empty()) doubtful.erase(doubtful.begin());
    for (std::size_t round = 0; !doubtful.empty() && round < most; ++round) {
        if (work.progress)
            work.progress->message("rolling back `" + work.items[doubtful.front().index].name +
                                   "` again, from the state that it has made");
        auto graded = one_round(work, doubtful.front());
        if (auto* error = std::get_if<Diagnostic>(&graded)) return std::move(*error);
        auto& items = std::get<std::vector<ItemReport>>(graded);
        for (const ItemId unit : doubtful)
            for (const ItemId id : items_of(work.graph, unit))
                work.items[id.index] = std::move(items[id.index]);
        std::erase_if(doubtful, [&](ItemId unit) { return !is_bad(work.graph, work.items, unit); });
        if (!doubtful.empty()) doubtful.erase(doubtful.begin());
    }
    return doubtful.size();
}

}  // namespace cairn::rehearse
