#include <fmt/format.h>

#include <cctype>
#include <unordered_map>
#include <unordered_set>

#include "compiler/resolve/placeholders.hpp"
#include "compiler/resolve/resolve.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

// Loops in loops multiply; past this a plan is a mistake, and memory would not do.
constexpr std::size_t most_items = 100'000;

std::string_view kind_of(const grammar::Item& item) {
    return std::visit(
        Overloaded{[](const grammar::Step&) { return "step"; },
                   [](const grammar::Validate&) { return "validate"; },
                   [](const grammar::Gate&) { return "gate"; },
                   [](const grammar::Watch&) { return "watch"; },
                   [](const grammar::Run&) { return "run"; },
                   [](const grammar::Wait&) { return "wait"; },
                   [](const grammar::Notify&) { return "notify"; },
                   [](const grammar::Checkpoint& c) {
                       return c.no_return ? "point of no return" : "checkpoint";
                   },
                   [](const grammar::Snapshot&) { return "snapshot"; },
                   [](const grammar::Backup&) { return "backup"; },
                   [](const grammar::Restore&) { return "restore"; },
                   [](const grammar::RestorePoint&) { return "restore point"; },
                   [](const grammar::Export&) { return "export"; },
                   [](const grammar::Copy&) { return "copy"; },
                   [](const grammar::Clone&) { return "clone"; },
                   [](const grammar::For&) { return "for"; },
                   [](const grammar::Parallel&) { return "parallel"; },
                   [](const grammar::Transaction&) { return "transaction"; }},
        item.body);
}

bool is_name(std::string_view text) {
    if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) != 0) return false;
    for (const char c : text) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!fits) return false;
    }
    return true;
}

class Expansion {
public:
    Expansion(ResolvedPlan& plan, Report& report) : plan_(plan), report_(report) {}

    void run() {
        expand(plan_.syntax->items, {});
        name_the_nameless();
    }

private:
    struct Around {
        const Turn* turn = nullptr;
        std::optional<std::uint32_t> transaction;
        std::optional<std::uint32_t> parallel;
    };

    void expand(const std::vector<grammar::Item>& items, const Around& around) {
        for (const grammar::Item& item : items) {
            if (full_) return;
            std::visit(Overloaded{[&](const grammar::For& loop) { turn(item, loop, around); },
                                  [&](const grammar::Parallel& block) {
                                      Around inside = around;
                                      inside.parallel = blocks_++;
                                      expand(block.items, inside);
                                  },
                                  [&](const grammar::Transaction& block) {
                                      Around inside = around;
                                      inside.transaction =
                                          static_cast<std::uint32_t>(plan_.transactions.size());
                                      plan_.transactions.push_back({&item, around.turn});
                                      expand(block.items, inside);
                                  },
                                  [&](const auto&) { add(item, around); }},
                       item.body);
        }
    }

    void turn(const grammar::Item& item, const grammar::For& loop, const Around& around) {
        const std::string variable = loop.variable.written();
        if (const auto word = plan_.words.find(variable, around.turn)) {
            report_.add(214, loop.variable.span,
                        fmt::format("`{}` is already the name of a {}", variable,
                                    word->origin == Words::Origin::loop        ? "loop's variable"
                                    : word->origin == Words::Origin::parameter ? "parameter"
                                                                               : "word of cairn's own"));
            return;
        }
        for (const grammar::Value& value : loop.values) {
            if (++turns_ > most_items) return report_too_many(item);
            report_unknown(value.text, plan_.words, around.turn, report_);
            plan_.turns.push_back({.outer = around.turn,
                                   .variable = variable,
                                   .value = plan_.words.text(value.text, around.turn)});
            Around inside = around;
            inside.turn = &plan_.turns.back();
            expand(loop.items, inside);
        }
    }

    void report_too_many(const grammar::Item& item) {
        if (full_) return;
        full_ = true;
        report_.add(312, item.keyword,
                    fmt::format("the plan's loops give more than {} turns or items", most_items));
    }

    void add(const grammar::Item& item, const Around& around) {
        if (plan_.items.size() >= most_items && around.turn != nullptr) return report_too_many(item);
        ResolvedItem resolved;
        resolved.syntax = &item;
        resolved.turn = around.turn;
        resolved.kind = kind_of(item);
        resolved.transaction = around.transaction;
        resolved.parallel = around.parallel;
        resolved.where = {.source = {}, .span = item.keyword};
        if (!item.name.parts.empty()) {
            resolved.where.span.end = item.name.span.end;
            resolved.name = plan_.words.text(item.name, around.turn);
            settle_name(item, resolved);
        }
        plan_.items.push_back(std::move(resolved));
    }

    void settle_name(const grammar::Item& item, const ResolvedItem& resolved) {
        // A placeholder that still stands has no value yet, or was reported; a turn's value may hold one.
        if (resolved.name.find('{') != std::string::npos) return;
        if (!is_name(resolved.name)) {
            report_.add(211, item.name.span,
                        fmt::format("`{}` gives the name `{}`, and a name has only small letters, "
                                    "digits and underscores",
                                    item.name.written(), resolved.name));
            return;
        }
        if (std::holds_alternative<grammar::Restore>(item.body) && resolved.name == "point") {
            report_.add(208, item.name.span,
                        "a restore may not be named `point`: `restore point` is a kind of item");
            return;
        }
        const auto [at, is_new] = names_.try_emplace(resolved.name, item.name.span);
        if (is_new) return;
        const bool same_words = at->second == item.name.span;
        report_.add(205, item.name.span,
                    same_words ? fmt::format("every turn of the loop names an item `{}`", resolved.name)
                               : fmt::format("two items are named `{}`", resolved.name),
                    same_words ? fmt::format("{} {}_{{{}}}", resolved.kind, item.name.written(),
                                             resolved.turn != nullptr ? resolved.turn->variable : "")
                               : std::string(),
                    same_words ? std::vector<Label>{}
                               : std::vector<Label>{{.where = {.source = {}, .span = at->second},
                                                     .text = "first declared here"}});
    }

    // wait and notify have no name in the language, and the journal needs one.
    void name_the_nameless() {
        std::unordered_map<std::string, int> counts;
        for (ResolvedItem& item : plan_.items) {
            if (!item.syntax->name.parts.empty()) continue;
            do {
                item.name = fmt::format("{}_{}", item.kind, ++counts[item.kind]);
            } while (names_.contains(item.name));
        }
    }

    ResolvedPlan& plan_;
    Report& report_;
    std::unordered_map<std::string, Span> names_;
    std::size_t turns_ = 0;
    std::uint32_t blocks_ = 0;
    bool full_ = false;
};

}  // namespace

void expand_items(ResolvedPlan& plan, Report& report) { Expansion(plan, report).run(); }

}  // namespace cairn::compiler
