// The card of one item: what its text says, and what comes from beside it.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/diagnostics/display.hpp"
#include "compiler/graph/batch.hpp"
#include "compiler/graph/strong_locks.hpp"
#include "compiler/preview/card_parts.hpp"
#include "compiler/preview/words.hpp"

namespace cairn::compiler {

namespace {

class Composer {
public:
    Composer(const Compiled& compiled, const Beside& beside)
        : sources_(compiled.sources),
          graph_(compiled.graph),
          measured_(beside.measured),
          found_(beside.found) {}

    Card card(const Item& item) {
        card_.number = static_cast<std::size_t>(&item - graph_.items.data()) + 1;
        card_.kind = item.kind;
        card_.name = printable(item.name);
        card_.database = printable(item.database.value_or(""));
        card_.transaction = item.transaction;
        for (const ItemId before : item.after) card_.after.push_back(before.index + 1);
        card_.order = order(item);
        if (item.when) card_.when = only_text(*item.when);
        std::visit([&](const auto& body) { compose(item, body); }, item.body);
        if (found_ != nullptr) card_.found = found_lines(item, *found_);
        if (measured_ != nullptr) {
            auto measured = measured_of(item, *measured_);
            card_.measured = std::move(measured.lines);
            card_.figures = std::move(measured.in_short);
        }
        return std::move(card_);
    }

private:
    [[nodiscard]] static std::string window_words(milliseconds before) {
        return before.count() > 0 ? "the window opens, less " + words(before) : "the window opens";
    }
    [[nodiscard]] ShownSql only_text(const Statement& s) const {
        return {.lines = statement_lines(s.sql.text, margin(s.sql)),
                .locks = {},
                .hazards = {},
                .guard = {}};
    }
    // Blanks before the statement where it began in the plan.
    [[nodiscard]] std::size_t margin(const sql::MappedSql& statement) const {
        if (statement.segments.empty() || statement.segments.front().begin != 0) return 0;
        const Location& from = statement.segments.front().from;
        return sources_.at(from.source).position(from.span.begin).column - 1;
    }

    // Written only where it is not simply the item before.
    [[nodiscard]] std::optional<Fact> order(const Item& item) const {
        const auto index = card_.number - 1;
        const bool is_in_group = item.transaction && index > 0 && graph_.items[index - 1].transaction == item.transaction;
        const bool is_beside = item.parallel && !is_in_group;
        if (!is_beside && item.after.size() == 1 && item.after.front().index + 1 == index) return std::nullopt;
        if (!is_beside && item.after.empty() && index == 0) return std::nullopt;
        std::vector<std::string> names;
        for (const ItemId before : item.after)
            names.push_back(printable(graph_.items.at(before.index).name));
        const std::string beside = is_beside ? "; side by side with others of its parallel" : "";
        return fact("after", (names.empty() ? "nothing: it can start at once" : joined(names)) + beside);
    }

    void say(Fact said) { card_.body.emplace_back(std::move(said)); }

    void compose(const Item& item, const StepItem& step) {
        Fact how{.label = "runs", .parts = {}};
        const auto add = [&](std::string text, Tone tone = Tone::plain) {
            how.parts.push_back({std::move(text), tone});
        };
        if (!step.transactional) {
            add("outside a transaction: each statement commits by itself", Tone::caution);
        } else if (step.batch) {
            add(printable(batch_words(*step.batch)));
        } else if (!item.transaction) {
            add("one transaction");
        }
        if (step.lock_timeout) add("lock timeout " + words(*step.lock_timeout));
        if (step.statement_timeout) add("statement timeout " + words(*step.statement_timeout));
        if (step.retries > 0) add(fmt::format("retry {}", step.retries));
        if (step.strong_locks_wait && !strong_locks(item).empty())
            add(fmt::format("waits up to {} before strong locks", words(*step.strong_locks_wait)));
        if (!how.parts.empty()) say(std::move(how));
        if (step.batch) holes(*step.batch);
        for (const Statement& s : step.statements) statement(item, s);
        card_.does = kinds(step);
        rollback(item);
        std::stable_sort(card_.locks.begin(), card_.locks.end(), [&](const auto& a, const auto& b) {
            return modes_.at(a.relation) > modes_.at(b.relation);
        });
    }

    void statement(const Item& item, const Statement& s) {
        ShownSql out = only_text(s);
        for (const sql::Lock& lock : s.facts.locks) {
            const ShownLock shown{.mode = sql::name(lock.mode),
                                  .relation = printable(lock.relation),
                                  .strong = lock.mode >= sql::LockMode::share};
            out.locks.push_back(shown);
            strongest(shown, lock.mode);
        }
        for (const sql::Hazard& hazard : s.facts.hazards) {
            out.hazards.push_back({code_name(hazard.code), printable(hazard.message), 1});
            if (found_ == nullptr) continue;
            for (const auto& weight : weights(item, s, hazard, *found_)) out.hazards.back().message += "; " + printable(weight);
        }
        for (const ShownHazard& hazard : out.hazards) hazardous(hazard);
        card_.body.emplace_back(std::move(out));
    }

    void hazardous(const ShownHazard& hazard) {
        const auto known =
            std::find_if(card_.hazards.begin(), card_.hazards.end(), [&](const auto& one) {
                return one.code == hazard.code && one.message == hazard.message;
            });
        if (known == card_.hazards.end())
            card_.hazards.push_back(hazard);
        else
            ++known->times;
    }

    void strongest(const ShownLock& lock, sql::LockMode mode) {
        const auto [at, fresh] = modes_.try_emplace(lock.relation, mode);
        if (fresh) {
            card_.locks.push_back(lock);
        } else if (mode > at->second) {
            at->second = mode;
            *std::find_if(card_.locks.begin(), card_.locks.end(),
                          [&](const auto& one) { return one.relation == lock.relation; }) = lock;
        }
    }

    // In the order in which they first occur.
    [[nodiscard]] static std::string kinds(const StepItem& step) {
        std::vector<std::pair<std::string, int>> counted;
        for (const Statement& s : step.statements) {
            const auto at = std::find_if(counted.begin(), counted.end(),
                                         [&](const auto& c) { return c.first == s.facts.kind; });
            if (at == counted.end())
                counted.emplace_back(s.facts.kind, 1);
            else
                ++at->second;
        }
        std::vector<std::string> out;
        for (const auto& [kind, count] : counted)
            out.push_back(count == 1 ? kind : fmt::format("{} {}", count, kind));
        return joined(out);
    }

    // What only a range knows, under each name that it has in the statements.
    void holes(const Batch& batch) {
        std::vector<std::string> tables;
        for (const auto& statement : batch.holes) {
            for (const BatchHole& hole : statement) {
                if (std::find(tables.begin(), tables.end(), hole.table) == tables.end())
                    tables.push_back(hole.table);
            }
        }
        for (const auto& table : tables) {
            const std::string name =
                tables.size() == 1 ? ":batch" : fmt::format(":batch({})", table);
            say(fact(printable(name),
                     printable(range_predicate(table, batch.column, {.after = "…", .last = "…"}))));
        }
    }

    void compose(const Item&, const ValidateItem& validate) { checks(validate.checks); }
    void compose(const Item&, const GateItem& gate) {
        checks(gate.checks);
        if (gate.confirm) say(fact("confirm", printable(*gate.confirm)));
        say(fact("else", gate.else_rollback ? "rollback" : "stop"));
        if (gate.confirm) card_.does += card_.does.empty() ? "asks to go on" : ", asks to go on";
    }
    void compose(const Item& item, const RunItem& run) {
        card_.does = printable(command_line(run.argv));
        say(fact("command", card_.does));
        if (run.timeout) say(fact("timeout", words(*run.timeout)));
        if (run.output_to) say(fact("output", "to " + printable(*run.output_to)));
        rollback(item);
    }
    void compose(const Item&, const WaitItem& wait) {
        if (wait.duration) say(fact("for", words(*wait.duration)));
        if (wait.before_window) say(fact("until", window_words(*wait.before_window)));
        if (wait.until) say(fact(wait.before_window ? "" : "until", words(*wait.until)));
        card_.does = wait.duration ? "waits " + words(*wait.duration)
                     : wait.until  ? "waits until " + words(*wait.until)
                     : wait.before_window ? "waits until " + window_words(*wait.before_window)
                                   : "";
    }
    void compose(const Item&, const CheckpointItem& checkpoint) {
        if (checkpoint.no_return)
            say(fact("from here", "a failure stops; a rollback across it asks for --past"));
    }
    void compose(const Item&, const UnsupportedItem&) {}

    void checks(const std::vector<Check>& list) {
        for (const Check& check : list) {
            // A title made from the check's own words says what is expected already.
            ShownCheck out{.warn = check.warn,
                           .title = printable(check.title),
                           .expected = printable(expectation(check)),
                           .query = {},
                           .elsewhere = {},
                           .query_elsewhere = {}};
            if (std::holds_alternative<ExpectTrue>(check.expect) ||
                out.title.ends_with(out.expected))
                out.expected.clear();
            if (check.query) out.query = only_text(*check.query);
            if (check.elsewhere) {
                out.elsewhere = printable(check.elsewhere->database);
                out.query_elsewhere = only_text(check.elsewhere->query);
            }
            card_.body.emplace_back(std::move(out));
        }
        if (!list.empty())
            card_.does = fmt::format("{} check{}", list.size(), list.size() == 1 ? "" : "s");
    }

    void rollback(const Item& item) {
        auto way_back = way_back_of(item);
        card_.back = std::move(way_back.lines);
        card_.way_back = std::move(way_back.in_short);
        for (const auto& relation : way_back.watched)
            strongest({.mode = sql::name(watching), .relation = printable(relation), .strong = true},
                      watching);
    }

    const Sources& sources_;
    const StepGraph& graph_;
    const Measured* measured_;
    const Found* found_;
    Card card_;
    std::map<std::string, sql::LockMode> modes_;  // of the card's locks
};

}  // namespace

Card card_of(const Item& item, const Compiled& compiled, const Beside& beside) {
    return Composer(compiled, beside).card(item);
}

}  // namespace cairn::compiler
