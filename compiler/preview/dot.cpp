#include <fmt/format.h>

#include "compiler/preview/card.hpp"
#include "compiler/preview/escape.hpp"
#include "compiler/preview/preview.hpp"

namespace cairn::compiler {

namespace {

std::string shape_of(const Card& card) {
    if (card.kind == "checkpoint") return "shape=ellipse, style=dashed";
    if (card.kind == "point of no return") return "shape=octagon, style=bold";
    if (card.kind == "gate" || card.kind == "validate") return "shape=hexagon";
    if (card.kind == "wait" || card.kind == "run") return "shape=cds";
    return "shape=box, style=rounded";
}

// The title, and under it what a reviewer stops at.
std::string label_of(const Card& card) {
    std::string out = fmt::format("{} {} {}", card.number, card.kind, card.name);
    if (!card.database.empty()) out += " on " + card.database;
    std::string label = dot_text(out);
    const auto add = [&](const std::string& text) { label += "\\n" + dot_text(text); };
    if (!card.does.empty()) add(card.does);
    for (const ShownLock& lock : card.locks) {
        if (lock.strong) add(lock.mode + " on " + lock.relation);
    }
    for (const ShownHazard& hazard : card.hazards)
        add("⚠ " + hazard.code + " " + hazard_words(hazard));
    if (card.way_back.tone == Tone::bad) add("rollback: " + card.way_back.text);
    if (!card.figures.empty()) add("measured: " + card.figures);
    return label;
}

std::string node(const Card& card) {
    const bool warned = !card.hazards.empty() || card.way_back.tone == Tone::bad;
    return fmt::format("n{} [{}, label=\"{}\"{}];\n", card.number, shape_of(card), label_of(card),
                       warned ? ", color=\"#b35900\", penwidth=2" : "");
}

}  // namespace

std::string preview_dot(const Compiled& compiled, const Beside& beside) {
    const Page page = page_of(compiled, beside);
    std::string title = page.plan + (page.title.empty() ? "" : ": " + page.title);
    for (const Fact& fact : page.facts) {
        if (fact.label == "rehearsed") title += ", rehearsed: " + fact.parts.front().text;
    }
    std::string out = fmt::format(
        "digraph plan {{\n"
        "  graph [label=\"{}\", labelloc=t, rankdir=TB, fontname=\"sans-serif\"];\n"
        "  node [fontname=\"sans-serif\", fontsize=11];\n",
        dot_text(title));
    std::optional<std::uint32_t> open;
    for (const Card& card : page.cards) {
        if (open && card.transaction != open) out += "  }\n";
        if (card.transaction && card.transaction != open) {
            out += fmt::format(
                "  subgraph cluster_{} {{\n    label=\"{}\"; labeljust=l; style=dashed;\n",
                *card.transaction, dot_text(transaction_words(page, card)));
        }
        open = card.transaction;
        out += (open ? "    " : "  ") + node(card);
    }
    if (open) out += "  }\n";
    for (const Card& card : page.cards) {
        for (const std::size_t before : card.after)
            out += fmt::format("  n{} -> n{};\n", before, card.number);
    }
    return out + "}\n";
}

}  // namespace cairn::compiler
