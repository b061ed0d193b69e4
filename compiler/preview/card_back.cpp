// The way back of one item: what a rollback would run, and which rows it needs.
#include <fmt/format.h>

#include "compiler/diagnostics/display.hpp"
#include "compiler/preview/card_parts.hpp"
#include "compiler/preview/words.hpp"

namespace cairn::compiler {

namespace {

Line shown(const UndoStatement& undo) {
    const char* only = undo.only_if_created ? "only if the step created it" : "";
    const char* rows = undo.guard_rows ? "stops if others have written there" : "";
    return ShownSql{
        .lines = statement_lines(undo.sql, 0),
        .locks = {},
        .hazards = {},
        .guard = fmt::format("{}{}{}", only, *only != 0 && *rows != 0 ? ", " : "", rows)};
}

// The rows that a step undone by difference keeps.
void kept(const Item& item, WayBack& out) {
    const auto& step = std::get<StepItem>(item.body);
    const auto relations = kept_relations(item);
    if (!step.keep_rows) {
        out.lines.emplace_back(
            fact("keeps", "no rows: a rollback gives back definitions, and loses the rows",
                 Tone::bad));
        out.in_short = {"definitions only, rows are lost", Tone::bad};
    } else if (!relations.empty()) {
        out.lines.emplace_back(
            fact("keeps", "the rows it changes of " + printable(joined(relations))));
        if (!step.batch) out.watched = watched_relations(item);
        if (!out.watched.empty())
            out.lines.emplace_back(fact("",
                                        fmt::format("-- locks {} on {} until the commit: by triggers",
                                                    sql::name(watching),
                                                    printable(joined(out.watched))),
                                        Tone::quiet));
    }
}

}  // namespace

WayBack way_back_of(const Item& item) {
    WayBack out;
    if (item.undo.kind == Undo::Kind::none) {
        out.lines.emplace_back(Fact{.label = "rollback",
                                    .parts = {{"none", Tone::bad}, {printable(item.undo.reason)}},
                                    .between = ": "});
        out.in_short = {"none", Tone::bad};
        return out;
    }
    const auto statements = undo_statements(item);
    if (item.undo.kind == Undo::Kind::command) {
        for (const auto& one : statements)
            out.lines.emplace_back(fact("rollback", printable(one.sql)));
        out.in_short = {"command"};
        return out;
    }
    const bool difference = item.undo.kind == Undo::Kind::difference;
    const auto* step = std::get_if<StepItem>(&item.body);
    const std::string how = difference                              ? "generated while it runs"
                            : statements.empty()                    ? "nothing to do"
                            : item.undo.kind == Undo::Kind::written ? "written"
                                                                    : "generated";
    const char* more = !difference                      ? ""
                       : step != nullptr && step->batch ? ", and run range by range"
                                                        : ", from what has changed";
    out.lines.emplace_back(fact("rollback", how + more));
    out.in_short = {how};
    if (difference) kept(item, out);
    for (const auto& one : statements) out.lines.push_back(shown(one));
    return out;
}

}  // namespace cairn::compiler
