// What was found of one item: its relations as its database has them, and whether it can be prepared.
#include <algorithm>

#include "compiler/diagnostics/display.hpp"
#include "compiler/preview/card_parts.hpp"
#include "compiler/preview/words.hpp"

namespace cairn::compiler {

std::vector<Line> found_lines(const Item& item, const Found& found) {
    std::vector<Line> out;
    const auto put = [&](Fact said) { out.emplace_back(std::move(said)); };
    const char* label = "found";
    for (const auto& relation : found.relations) {
        if (std::find(relation.items.begin(), relation.items.end(), item.name) ==
                relation.items.end() ||
            item.database != relation.database)
            continue;
        put(fact(label, printable(relation.relation + ": " + size_words(relation))));
        label = "";
        if (!relation.dependents.empty())
            put(fact("", "on it hang " + printable(joined(relation.dependents))));
        for (const auto& index : relation.indexes)
            if (!index.valid)
                put(fact("", printable("index " + index.name + " is INVALID"), Tone::bad));
    }
    const auto prepared = found.items.find(item.name);
    if (prepared == found.items.end()) return out;
    using State = PreparedItem::State;
    const State state = prepared->second.state;
    const Tone tone = state == State::checked  ? Tone::good
                      : state == State::failed ? Tone::bad
                                               : Tone::caution;
    put(fact("prepared", name(state), tone));
    for (const auto& why : prepared->second.not_checked) put(fact("", printable(why)));
    return out;
}

}  // namespace cairn::compiler
