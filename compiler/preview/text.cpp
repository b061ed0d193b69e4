#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/display.hpp"
#include "compiler/graph/batch.hpp"
#include "compiler/preview/outlook.hpp"
#include "compiler/preview/preview.hpp"
#include "compiler/preview/words.hpp"

namespace cairn::compiler {

namespace {

constexpr const char *bold = "1", *dim = "2", *red = "1;31", *yellow = "33", *green = "32",
                     *blue = "34";

std::string joined(const std::vector<std::string>& parts, const char* between) {
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
    return out;
}

class Page {
public:
    Page(const Compiled& compiled, bool color, const Measured* measured)
        : compiled_(compiled),
          measured_(measured),
          graph_(compiled.graph),
          color_(color),
          number_width_(std::to_string(graph_.items.size()).size()) {}

    void heading() {
        line(paint(bold, "plan " + graph_.plan) +
             (graph_.title.empty() ? "" : " \"" + printable(graph_.title) + "\"") +
             (graph_.repeatable ? ", repeatable"
              : graph_.once     ? ", once"
                                : ""));
        field("digest", graph_.digest);
        std::size_t widest = 0;
        for (const auto& p : graph_.parameters) widest = std::max(widest, display_width(p.name));
        const char* title = "parameters";
        for (const auto& p : graph_.parameters) {
            field(title, fmt::format("{:<{}} = {}", p.name, widest, printable(p.value)));
            title = "";
        }
        std::vector<std::string> roles;
        for (const auto& role : graph_.databases) {
            roles.push_back(role.name + (role.read_only ? " (read only)"
                                         : role.changed ? " (changed)"
                                                        : " (only read)"));
        }
        field("databases", roles.empty() ? "none" : joined(roles, ", "));
        field("on failure", on_failure());
        if (measured_ != nullptr)
            field("rehearsed",
                  measured_->proved ? paint(green, "proved") : paint(red, "not proved"));
    }

    void items() {
        std::optional<std::uint32_t> open;
        for (const Item& item : graph_.items) {
            const bool inside = item.transaction && item.transaction == open;
            line(inside ? fmt::format("{:{}} │", "", number_width_) : "");
            if (item.transaction && !inside) transaction_heading(item);
            open = item.transaction;
            one_item(item);
        }
    }

    void outlook() {
        const auto left = left_done(graph_);
        line("");
        line(paint(bold, "a rollback would leave done"));
        std::size_t widest = 0;
        for (const auto& one : left) widest = std::max(widest, one.item.size());
        for (const auto& one : left)
            line(fmt::format("  {:<{}}  {}", one.item, widest, printable(one.why)));
        if (left.empty()) line("  nothing");
        const auto unknown = known_only_with_database(graph_);
        if (unknown.empty()) return;
        line("");
        line(paint(bold, "only a database can tell"));
        for (const auto& one : unknown) line("  " + printable(one));
    }

    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    [[nodiscard]] std::string paint(const char* how, const std::string& text) const {
        return color_ && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", how, text) : text;
    }
    void line(const std::string& text) { out_ += text + "\n"; }
    void field(const char* name, const std::string& value) {
        line(fmt::format("  {:<10}  {}", name, value));
    }

    [[nodiscard]] std::string on_failure() const {
        switch (graph_.on_failure.kind) {
            case OnFailure::Kind::stop:
                return "stop";
            case OnFailure::Kind::rollback:
                return "rollback";
            case OnFailure::Kind::rollback_to:
                return "rollback to " + graph_.on_failure.checkpoint;
        }
        return "";
    }

    // Inside an item everything stands right of its number, behind the bar of its transaction.
    void detail(const std::string& text) {
        line(fmt::format("{:{}} {} {}", "", number_width_, bar_, text));
    }
    void labelled(const char* label, const std::string& text) {
        detail(fmt::format("  {:<8} {}", label, text));
    }

    void transaction_heading(const Item& first) {
        const auto members = std::count_if(
            graph_.items.begin(), graph_.items.end(),
            [&](const Item& other) { return other.transaction == first.transaction; });
        line(fmt::format("{:{}} {} transaction{}: {} items commit together or not at all", "",
                         number_width_, "┌", first.database ? " on " + *first.database : "",
                         members));
    }

    void one_item(const Item& item) {
        bar_ = item.transaction ? "│" : " ";
        const std::size_t number = static_cast<std::size_t>(&item - graph_.items.data()) + 1;
        std::string title = paint(bold, item.kind + " " + item.name);
        if (item.database) title += " on " + *item.database;
        line(fmt::format("{:>{}} {} {}", number, number_width_, bar_, title));
        order(item);
        if (item.when) {
            detail("  when");
            sql_text(*item.when);
        }
        std::visit([&](const auto& body) { show(item, body); }, item.body);
        measured(item);
    }

    // As a rehearsal saw it.
    void measured(const Item& item) {
        if (measured_ == nullptr) return;
        const auto found = measured_->items.find(item.name);
        if (found == measured_->items.end()) return;
        const auto& seen = found->second;
        std::vector<std::string> figures;
        if (seen.state != "applied")
            figures.push_back(paint(seen.state == "failed" ? red : dim, printable(seen.state)));
        if (seen.took) figures.push_back(fmt::format("{}ms", seen.took->count()));
        if (seen.rows) figures.push_back(fmt::format("{} row{}", *seen.rows, *seen.rows == 1 ? "" : "s"));
        if (seen.wal_bytes) figures.push_back(bytes_in_words(*seen.wal_bytes) + " of WAL");
        if (!figures.empty()) labelled("measured", joined(figures, ", "));
        for (const auto& lock : seen.locks)
            labelled("held", fmt::format("{} on {} for {}ms", printable(lock.mode),
                                         printable(lock.relation), lock.held.count()));
        if (!seen.rewrites.empty())
            labelled("rewrote", printable(joined(seen.rewrites, ", ")));
        if (seen.rollback.empty() || !item.changes_database()) return;
        const bool good = seen.rollback == "exact" || seen.rollback == "column order";
        labelled("back", paint(good ? green : red, printable(seen.rollback)));
    }

    // Written only where it is not simply the item before.
    void order(const Item& item) {
        const auto index = static_cast<std::size_t>(&item - graph_.items.data());
        if (item.after.size() == 1 && item.after.front().index + 1 == index) return;
        if (item.after.empty() && index == 0) return;
        std::vector<std::string> names;
        for (const ItemId before : item.after) names.push_back(graph_.items.at(before.index).name);
        labelled("after", names.empty() ? "nothing: it can start at once" : joined(names, ", "));
    }

    void sql_text(const Statement& statement) {
        auto lines = lines_of(statement.sql, compiled_.sources);
        if (!lines.empty()) lines.back() += ";";
        for (const auto& one : lines) detail("    " + one);
    }

    void statement(const Statement& s) {
        sql_text(s);
        std::vector<std::string> locks;
        for (const sql::Lock& lock : s.facts.locks) {
            const std::string mode = sql::name(lock.mode);
            locks.push_back(paint(lock.mode >= sql::LockMode::share ? yellow : dim, mode) + " on " +
                            printable(lock.relation));
        }
        // As comments under the statement they belong to.
        if (!locks.empty()) detail("    " + paint(dim, "-- locks") + " " + joined(locks, ", "));
        for (const sql::Hazard& hazard : s.facts.hazards) {
            detail("    " + paint(dim, "-- ") + paint(yellow, code_name(hazard.code)) + " " +
                   printable(hazard.message));
        }
    }

    void show(const Item& item, const StepItem& step) {
        std::vector<std::string> how;
        if (!step.transactional) {
            how.push_back(paint(yellow, "outside a transaction: each statement commits by itself"));
        } else if (step.batch) {
            how.push_back(batch_words(*step.batch));
        } else if (!item.transaction) {
            how.emplace_back("one transaction");
        }
        if (step.lock_timeout) how.push_back("lock timeout " + words(*step.lock_timeout));
        if (step.statement_timeout)
            how.push_back("statement timeout " + words(*step.statement_timeout));
        if (step.retries > 0) how.push_back(fmt::format("retry {}", step.retries));
        if (!how.empty()) labelled("runs", joined(how, ", "));
        if (step.batch) holes(*step.batch);
        for (const Statement& s : step.statements) statement(s);
        rollback(item);
    }
    // What only a range knows, under each name that it has in the statements.
    void holes(const Batch& batch) {
        std::vector<std::string> tables;
        for (const auto& statement : batch.holes) {
            for (const BatchHole& hole : statement) {
                if (std::find(tables.begin(), tables.end(), hole.table) == tables.end()) tables.push_back(hole.table);
            }
        }
        for (const auto& table : tables) {
            const std::string name = tables.size() == 1 ? ":batch" : fmt::format(":batch({})", table);
            labelled(printable(name).c_str(), printable(range_predicate(table, batch.column, {.after = "…", .last = "…"})));
        }
    }
    void show(const Item&, const ValidateItem& validate) { checks(validate.checks); }
    void show(const Item&, const GateItem& gate) {
        checks(gate.checks);
        if (gate.confirm) labelled("confirm", printable(*gate.confirm));
        labelled("else", gate.else_rollback ? "rollback" : "stop");
    }
    void show(const Item& item, const RunItem& run) {
        labelled("command", printable(command_line(run.argv)));
        if (run.timeout) labelled("timeout", words(*run.timeout));
        if (run.output_to) labelled("output", "to " + printable(*run.output_to));
        rollback(item);
    }
    void show(const Item&, const WaitItem& wait) {
        if (wait.duration) labelled("for", words(*wait.duration));
        if (wait.until) labelled("until", words(*wait.until));
    }
    void show(const Item&, const CheckpointItem& checkpoint) {
        if (checkpoint.no_return)
            labelled("from here", "a failure stops; a rollback across it asks for --past");
    }
    void show(const Item&, const UnsupportedItem&) {}

    void checks(const std::vector<Check>& list) {
        for (const Check& check : list) {
            // A title made from the check's own words says what is expected already.
            const std::string title = printable(check.title),
                              expected = printable(expectation(check));
            const bool said =
                std::holds_alternative<ExpectTrue>(check.expect) || title.ends_with(expected);
            detail(fmt::format("  {}{}{}", check.warn ? paint(yellow, "warn ") : "", title,
                               said ? "" : ": " + paint(green, expected)));
            if (check.query) sql_text(*check.query);
        }
    }

    void rollback(const Item& item) {
        if (item.undo.kind == Undo::Kind::none) {
            labelled("rollback", paint(red, "none") + ": " + printable(item.undo.reason));
            return;
        }
        const auto statements = undo_statements(item);
        if (item.undo.kind == Undo::Kind::command) {
            for (const auto& one : statements) labelled("rollback", printable(one.sql));
            return;
        }
        const bool written = item.undo.kind == Undo::Kind::written;
        const bool difference = item.undo.kind == Undo::Kind::difference;
        const auto* step = std::get_if<StepItem>(&item.body);
        labelled("rollback", difference && step != nullptr && step->batch ? "generated while it runs, and run range by range"
                             : difference         ? "generated while it runs, from what has changed"
                             : statements.empty() ? "nothing to do"
                             : written            ? "written"
                                                  : "generated");
        if (difference) kept(item);
        for (const auto& one : statements) {
            const char* only = one.only_if_created ? "only if the step created it" : "";
            const char* rows = one.guard_rows ? "stops if others have written there" : "";
            const std::string guard =
                fmt::format("{}{}{}", only, *only != 0 && *rows != 0 ? ", " : "", rows);
            undo_text(one.sql, guard);
        }
    }

    void kept(const Item& item) {
        const auto relations = kept_relations(item);
        if (!std::get<StepItem>(item.body).keep_rows) {
            labelled("keeps", paint(red, "no rows: a rollback gives back definitions, and loses the rows"));
        } else if (!relations.empty()) {
            labelled("keeps", "the rows it changes of " + printable(joined(relations, ", ")));
            const auto watched = watched_relations(item);
            if (!watched.empty() && !std::get<StepItem>(item.body).batch) {
                labelled("", paint(dim, "-- locks SHARE ROW EXCLUSIVE on " +
                                            printable(joined(watched, ", ")) +
                                            " until the commit: by triggers"));
            }
        }
    }

    void undo_text(const std::string& sql, const std::string& guard) {
        auto lines = lines_of(sql::MappedSql{.text = sql, .segments = {}}, compiled_.sources);
        lines.back() += ";";
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const bool last = i + 1 == lines.size();
            detail("    " + paint(blue, lines[i]) +
                   (last && !guard.empty() ? paint(dim, "  -- " + guard) : ""));
        }
    }

    const Compiled& compiled_;
    const Measured* measured_;
    const StepGraph& graph_;
    bool color_;
    std::size_t number_width_;
    const char* bar_ = " ";
    std::string out_;
};

}  // namespace

std::string preview_text(const Compiled& compiled, bool color, const Measured* measured) {
    Page page(compiled, color, measured);
    page.heading();
    page.items();
    page.outlook();
    return page.take();
}

}  // namespace cairn::compiler
