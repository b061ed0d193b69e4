#include "compiler/preview/card.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/display.hpp"
#include "compiler/preview/card_parts.hpp"
#include "compiler/preview/outlook.hpp"
#include "compiler/preview/words.hpp"

namespace cairn::compiler {

namespace {

std::string on_failure(const OnFailure& what) {
    switch (what.kind) {
        case OnFailure::Kind::stop:
            return "stop";
        case OnFailure::Kind::rollback:
            return "rollback";
        case OnFailure::Kind::rollback_to:
            return "rollback to " + what.checkpoint;
    }
    return "";
}

std::vector<Fact> facts_of(const StepGraph& graph, const Beside& beside) {
    const Measured* measured = beside.measured;
    std::vector<Fact> out{fact("digest", graph.digest)};
    std::size_t widest = 0;
    for (const auto& p : graph.parameters) widest = std::max(widest, display_width(p.name));
    const char* title = "parameters";
    for (const auto& p : graph.parameters) {
        out.push_back(fact(title, fmt::format("{:<{}} = {}", p.name, widest, printable(p.value))));
        title = "";
    }
    std::vector<std::string> roles;
    for (const auto& role : graph.databases) {
        roles.push_back(role.name + (role.read_only ? " (read only)"
                                     : role.changed ? " (changed)"
                                                    : " (only read)"));
    }
    out.push_back(fact("databases", roles.empty() ? "none" : joined(roles)));
    if (graph.window) out.push_back(fact("window", words(graph.window->from) + " to " + words(graph.window->to)));
    out.push_back(fact("on failure", on_failure(graph.on_failure)));
    if (measured != nullptr)
        out.push_back(measured->proved ? fact("rehearsed", "proved", Tone::good)
                                       : fact("rehearsed", "not proved", Tone::bad));
    if (beside.found != nullptr) {
        const char* label = "stand-ins";
        for (const auto& one : beside.found->stand_ins) {
            out.push_back(fact(label, printable(one)));
            label = "";
        }
    }
    return out;
}

}  // namespace

Page page_of(const Compiled& compiled, const Beside& beside) {
    const StepGraph& graph = compiled.graph;
    Page out{.plan = graph.plan,
             .title = printable(graph.title),
             .mode = graph.repeatable ? "repeatable"
                     : graph.once     ? "once"
                                      : "",
             .facts = facts_of(graph, beside),
             .cards = {},
             .left_done = {},
             .only_database = {}};
    for (const Item& item : graph.items) out.cards.push_back(card_of(item, compiled, beside));
    for (const auto& left : left_done(graph))
        out.left_done.push_back(fact(printable(left.item), printable(left.why)));
    for (const auto& one : known_only_with_database(graph, beside.found != nullptr))
        out.only_database.push_back(printable(one));
    return out;
}

std::string hazard_words(const ShownHazard& hazard) {
    return hazard.times == 1 ? hazard.message
                             : fmt::format("{} ({} statements)", hazard.message, hazard.times);
}

std::string hazards_counted(std::size_t count) {
    return count == 0 ? "" : fmt::format("{} hazard{}", count, count == 1 ? "" : "s");
}

std::size_t hazards_in(const Card& card) {
    std::size_t out = 0;
    for (const ShownHazard& hazard : card.hazards) out += hazard.times;
    return out;
}

std::string transaction_words(const Page& page, const Card& first) {
    const auto members =
        std::count_if(page.cards.begin(), page.cards.end(),
                      [&](const Card& other) { return other.transaction == first.transaction; });
    return fmt::format("transaction{}: {} items commit together or not at all",
                       first.database.empty() ? "" : " on " + first.database, members);
}

}  // namespace cairn::compiler
