#include "compiler/preview/card.hpp"
#include "compiler/graph/strong_locks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/diagnostics/display.hpp"
#include "compiler/graph/batch.hpp"
#include "compiler/preview/outlook.hpp"
#include "compiler/preview/words.hpp"

namespace cairn::compiler {

namespace {

std::string joined(const std::vector<std::string>& parts, const char* between = ", ") {
    std::string out;
    for (const auto& part : parts) out += (out.empty() ? "" : between) + part;
    return out;
}

// The statement's lines, moved left by where it began in the plan, so that they keep their shape.
std::vector<std::string> lines_of(const sql::MappedSql& statement, const Sources& sources) {
    std::size_t left = 0;
    if (!statement.segments.empty() && statement.segments.front().begin == 0) {
        const Location& from = statement.segments.front().from;
        left = sources.at(from.source).position(from.span.begin).column - 1;
    }
    std::vector<std::string> out;
    for (std::size_t at = 0; at <= statement.text.size();) {
        const std::size_t end = std::min(statement.text.find('\n', at), statement.text.size());
        std::string_view line = std::string_view(statement.text).substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!out.empty()) {
            const std::size_t blank = std::min(line.find_first_not_of(' '), line.size());
            line.remove_prefix(std::min(left, blank));
        }
        out.push_back(printable(line));
        at = end + 1;
    }
    out.back() += ";";
    return out;
}

Fact fact(std::string label, std::string text, Tone tone = Tone::plain) {
    return {.label = std::move(label), .parts = {{std::move(text), tone}}};
}

class Composer {
public:
    Composer(const Compiled& compiled, const Beside& beside)
        : sources_(compiled.sources),
          graph_(compiled.graph),
          measured_(beside.measured),
          found_(beside.found) {}

    Card card(const Item& item) {
        card_ = {};
        modes_.clear();
        card_.number = static_cast<std::size_t>(&item - graph_.items.data()) + 1;
        card_.kind = item.kind;
        card_.name = printable(item.name);
        card_.database = printable(item.database.value_or(""));
        card_.transaction = item.transaction;
        for (const ItemId before : item.after) card_.after.push_back(before.index + 1);
        card_.order = order(item);
        if (item.when) card_.when = only_text(*item.when);
        std::visit([&](const auto& body) { compose(item, body); }, item.body);
        found(item);
        measured(item);
        return std::move(card_);
    }

private:
    [[nodiscard]] static std::string window_words(milliseconds before) {
        return before.count() > 0 ? "the window opens, less " + words(before) : "the window opens";
    }
    [[nodiscard]] ShownSql only_text(const Statement& s) const {
        return {.lines = lines_of(s.sql, sources_), .locks = {}, .hazards = {}, .guard = {}};
    }

    // Written only where it is not simply the item before.
    [[nodiscard]] std::optional<Fact> order(const Item& item) const {
        const auto index = card_.number - 1;
        if (item.after.size() == 1 && item.after.front().index + 1 == index) return std::nullopt;
        if (item.after.empty() && index == 0) return std::nullopt;
        std::vector<std::string> names;
        for (const ItemId before : item.after)
            names.push_back(printable(graph_.items.at(before.index).name));
        return fact("after", names.empty() ? "nothing: it can start at once" : joined(names));
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
        for (const sql::Hazard& hazard : s.facts.hazards)
            out.hazards.push_back({code_name(hazard.code), printable(hazard.message), 1});
        // How much a hazard is worth is a matter of size.
        if (found_ != nullptr && !out.hazards.empty())
            for (const auto& weight : weights(item, s, *found_))
                out.hazards.back().message += "; " + printable(weight);
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
                           .query = {}};
            if (std::holds_alternative<ExpectTrue>(check.expect) ||
                out.title.ends_with(out.expected))
                out.expected.clear();
            if (check.query) out.query = only_text(*check.query);
            card_.body.emplace_back(std::move(out));
        }
        if (!list.empty())
            card_.does = fmt::format("{} check{}", list.size(), list.size() == 1 ? "" : "s");
    }

    void rollback(const Item& item) {
        const auto back = [&](std::string label, std::string text, Tone tone = Tone::plain) {
            card_.back.emplace_back(fact(std::move(label), std::move(text), tone));
        };
        if (item.undo.kind == Undo::Kind::none) {
            card_.back.emplace_back(
                Fact{.label = "rollback",
                     .parts = {{"none", Tone::bad}, {printable(item.undo.reason)}},
                     .between = ": "});
            card_.way_back = {"none", Tone::bad};
            return;
        }
        const auto statements = undo_statements(item);
        if (item.undo.kind == Undo::Kind::command) {
            for (const auto& one : statements) back("rollback", printable(one.sql));
            card_.way_back = {"command"};
            return;
        }
        const bool difference = item.undo.kind == Undo::Kind::difference;
        const auto* step = std::get_if<StepItem>(&item.body);
        back("rollback", difference && step != nullptr && step->batch
                             ? "generated while it runs, and run range by range"
                         : difference         ? "generated while it runs, from what has changed"
                         : statements.empty() ? "nothing to do"
                         : item.undo.kind == Undo::Kind::written ? "written"
                                                                 : "generated");
        card_.way_back = {difference                              ? "generated while it runs"
                          : statements.empty()                    ? "nothing to do"
                          : item.undo.kind == Undo::Kind::written ? "written"
                                                                  : "generated"};
        if (difference) kept(item);
        for (const auto& one : statements) {
            const char* only = one.only_if_created ? "only if the step created it" : "";
            const char* rows = one.guard_rows ? "stops if others have written there" : "";
            card_.back.emplace_back(ShownSql{
                .lines = lines_of(sql::MappedSql{.text = one.sql, .segments = {}}, sources_),
                .locks = {},
                .hazards = {},
                .guard = fmt::format("{}{}{}", only, *only != 0 && *rows != 0 ? ", " : "", rows)});
        }
    }

    void kept(const Item& item) {
        const auto& step = std::get<StepItem>(item.body);
        const auto relations = kept_relations(item);
        if (!step.keep_rows) {
            card_.back.emplace_back(
                fact("keeps", "no rows: a rollback gives back definitions, and loses the rows",
                     Tone::bad));
            card_.way_back = {"definitions only, rows are lost", Tone::bad};
        } else if (!relations.empty()) {
            card_.back.emplace_back(
                fact("keeps", "the rows it changes of " + printable(joined(relations))));
            const auto watched = watched_relations(item);
            if (!watched.empty() && !step.batch) {
                card_.back.emplace_back(fact("",
                                             "-- locks SHARE ROW EXCLUSIVE on " +
                                                 printable(joined(watched)) +
                                                 " until the commit: by triggers",
                                             Tone::quiet));
                for (const auto& relation : watched)
                    strongest({"SHARE ROW EXCLUSIVE", printable(relation), true},
                              sql::LockMode::share_row_exclusive);
            }
        }
    }

    // As its database is now, and what came of preparing it there.
    void found(const Item& item) {
        if (found_ == nullptr) return;
        const auto put = [&](Fact said) { card_.found.emplace_back(std::move(said)); };
        const char* label = "found";
        for (const auto& relation : found_->relations) {
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
        const auto prepared = found_->items.find(item.name);
        if (prepared == found_->items.end()) return;
        using State = PreparedItem::State;
        const State state = prepared->second.state;
        const Tone tone = state == State::checked  ? Tone::good
                          : state == State::failed ? Tone::bad
                                                   : Tone::caution;
        put(fact("prepared", name(state), tone));
        for (const auto& why : prepared->second.not_checked) put(fact("", printable(why)));
    }

    static Fact measured(const MeasuredStatement& seen) {
        Fact out{.label = fmt::format("sql {}", seen.statement), .parts = {}};
        out.parts.push_back({fmt::format("{}ms", seen.took.count())});
        if (seen.rows)
            out.parts.push_back({fmt::format("{} row{}", *seen.rows, *seen.rows == 1 ? "" : "s")});
        if (seen.wal_bytes.value_or(0) > 0)
            out.parts.push_back({bytes_in_words(*seen.wal_bytes) + " of WAL"});
        for (const auto& lock : seen.locks)
            out.parts.push_back({fmt::format("{} on {} for {}ms", printable(lock.mode),
                                             printable(lock.relation), lock.held.count())});
        if (!seen.rewrites.empty()) out.parts.push_back({"rewrote " + printable(joined(seen.rewrites))});
        return out;
    }

    // As a rehearsal saw it.
    void measured(const Item& item) {
        if (measured_ == nullptr) return;
        const auto found = measured_->items.find(item.name);
        if (found == measured_->items.end()) return;
        const auto& seen = found->second;
        Fact figures{.label = "measured", .parts = {}};
        if (seen.state != "applied")
            figures.parts.push_back(
                {printable(seen.state), seen.state == "failed" ? Tone::bad : Tone::quiet});
        if (seen.took) figures.parts.push_back({fmt::format("{}ms", seen.took->count())});
        if (seen.rows)
            figures.parts.push_back(
                {fmt::format("{} row{}", *seen.rows, *seen.rows == 1 ? "" : "s")});
        if (seen.wal_bytes) figures.parts.push_back({bytes_in_words(*seen.wal_bytes) + " of WAL"});
        std::vector<std::string> short_form;
        for (const auto& part : figures.parts) short_form.push_back(part.text);
        card_.figures = joined(short_form);
        if (!figures.parts.empty()) card_.measured.emplace_back(std::move(figures));
        for (const auto& lock : seen.locks)
            card_.measured.emplace_back(
                fact("held", fmt::format("{} on {} for {}ms", printable(lock.mode),
                                         printable(lock.relation), lock.held.count())));
        if (!seen.rewrites.empty())
            card_.measured.emplace_back(fact("rewrote", printable(joined(seen.rewrites))));
        if (seen.statements.size() > 1)
            for (const auto& statement : seen.statements)
                card_.measured.emplace_back(measured(statement));
        if (seen.rollback.empty() || !item.changes_database()) return;
        const bool good = seen.rollback == "exact" || seen.rollback == "column order";
        card_.measured.emplace_back(
            fact("back", printable(seen.rollback), good ? Tone::good : Tone::bad));
    }

    const Sources& sources_;
    const StepGraph& graph_;
    const Measured* measured_;
    const Found* found_;
    Card card_;
    std::map<std::string, sql::LockMode> modes_;  // of the card's locks
};

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
    Composer composer(compiled, beside);
    for (const Item& item : graph.items) out.cards.push_back(composer.card(item));
    for (const auto& left : left_done(graph))
        out.left_done.push_back(fact(printable(left.item), printable(left.why)));
    for (const auto& one : known_only_with_database(graph))
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
