#include "runtime/run/backward.hpp"

#include <fmt/format.h>

#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/schedule/schedule.hpp"
#include "runtime/undo/undo.hpp"

namespace cairn::run {

BackAgain roll_back(Crew& crew, const std::vector<journal::ItemState>& states, ItemId down_to) {
    BackAgain result;
    Context& first = crew.first();
    // What ran side by side may have met in rows that both have changed: the journal knows who came last.
    auto items = crew.items();
    if (auto* error = std::get_if<Diagnostic>(&items)) return {.error = *error, .fatal = true};
    std::vector<std::string> ended;
    for (const auto& item : std::get<std::vector<journal::ItemRecord>>(items)) ended.push_back(item.ended);
    const std::string checkpoint = down_to.index == 0 ? "" : first.item(ItemId{down_to.index - 1}).name;
    if (auto error = first.journal().event("", "rollback", fmt::format("down to {}", checkpoint.empty() ? "the beginning" : checkpoint)))
        return {.error = error, .fatal = true};
    crew.rolling_back_to(checkpoint);
    first.observer().rolling_back(checkpoint);
    for (const ItemId id : schedule::undo_order(first.graph(), states, ended, down_to)) {
        process::fault_point("rollback: before an item");
        Context& context = crew.of(id);
        const auto undone = undo::undo_item(context, id, states[id.index]);
        using Kind = undo::UndoResult::Kind;
        if (undone.kind == Kind::undone || undone.kind == Kind::left) {
            if (process::interrupt_requested()) return {.error = interrupted(), .fatal = false};
            continue;
        }
        if (undone.kind == Kind::fatal) return {.error = undone.error, .fatal = true};
        if (auto error = context.journal().event(context.item(id).name, "undo_failed", undone.error ? undone.error->message : ""))
            return {.error = error, .fatal = true};
        result.error = undone.error;
        if (!context.settings().keep_going) return result;  // what came before it may depend on it
    }
    return result;
}

}  // namespace cairn::run
