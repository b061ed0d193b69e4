#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "compiler/resolve/resolve.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

// What an item's kind and contents say about the database it works on.
enum class Need { none, optional, required };

bool asks_database(const grammar::Check& check) {
    return !std::holds_alternative<grammar::BackupVerified>(check.form) &&
           !std::holds_alternative<grammar::FreeSpace>(check.form);
}

Need need_of(const grammar::Item& item) {
    const auto for_checks = [&](const std::vector<grammar::Check>& checks) {
        return std::any_of(checks.begin(), checks.end(), asks_database) || item.when ? Need::required
                                                                                     : Need::optional;
    };
    return std::visit(
        Overloaded{[&](const grammar::Validate& i) { return for_checks(i.checks); },
                   [&](const grammar::Gate& i) { return for_checks(i.checks); },
                   [](const grammar::Run&) { return Need::none; },
                   [](const grammar::Wait&) { return Need::none; },
                   [](const grammar::Notify&) { return Need::none; },
                   [](const grammar::Checkpoint&) { return Need::none; },
                   [](const grammar::Copy&) { return Need::none; },
                   [](const grammar::Clone&) { return Need::none; },
                   [](const auto&) { return Need::required; }},
        item.body);
}

class Databases {
public:
    Databases(ResolvedPlan& plan, Report& report) : plan_(plan), report_(report) {
        for (const DatabaseRole& role : plan.databases) {
            known_.emplace(role.name);
            names_.push_back(role.name);
        }
    }

    // The role that is named, or nullopt after an error.
    std::optional<std::string> named(const grammar::Template& written, const Turn* turn) {
        std::string name = plan_.words.text(written, turn);
        if (known_.contains(name) || plan_.words.is_open(written, turn)) return name;
        if (report_.may_be_declared("database", name)) return std::nullopt;
        if (!report_.first_failure(204, name)) return std::nullopt;
        std::string help = report_.suggestion(name, names_);
        if (help.empty()) help = fmt::format("database {}", name);
        report_.add(204, written.span, fmt::format("no database is named `{}`", name), help);
        return std::nullopt;
    }

    std::optional<std::string> by_default(const ResolvedItem& item) {
        if (names_.size() == 1) return names_.front();
        if (report_.may_be_declared("database", "") && names_.empty()) return std::nullopt;
        const std::string what = item.name.empty() ? item.kind : fmt::format("{} `{}`", item.kind, item.name);
        if (names_.empty()) {
            report_.add(212, item.where,
                        fmt::format("{} needs a database, and the plan declares none", what), "database main");
        } else {
            report_.add(212, item.where,
                        fmt::format("{} does not say which database it is for, and the plan declares {}",
                                    what, names_.size()),
                        fmt::format("on {}", names_.front()));
        }
        return std::nullopt;
    }

    void resolve(ResolvedItem& item) {
        const grammar::Item& syntax = *item.syntax;
        const Need need = need_of(syntax);
        if (syntax.database) {
            item.database = named(*syntax.database, item.turn);
        } else if (item.transaction) {
            item.database = of_transaction(*item.transaction, item);
        } else if (need == Need::required) {
            item.database = by_default(item);
        } else if (need == Need::optional && names_.size() == 1 && !checks_of(syntax).empty()) {
            item.database = names_.front();
        }
        for_each_other(item);
    }

private:
    std::optional<std::string> of_transaction(std::uint32_t number, const ResolvedItem& item) {
        const TransactionBlock& block = plan_.transactions[number];
        if (!block.syntax->database) return by_default(item);
        return named(*block.syntax->database, block.turn);
    }

    // Databases that are named elsewhere than after `on` or `of`.
    void for_each_other(ResolvedItem& item) {
        const auto look = [&](const std::optional<grammar::Template>& name) {
            if (name) (void)named(*name, item.turn);
        };
        if (const auto* copy = item.as<grammar::Copy>()) {
            look(copy->from_database);
            item.database = named(copy->to_database, item.turn);
        } else if (const auto* clone = item.as<grammar::Clone>()) {
            look(clone->from_database);
            item.database = named(clone->to_database, item.turn);
        }
        for (const grammar::Check& check : checks_of(*item.syntax)) {
            if (const auto* against = std::get_if<grammar::QueryAgainstQuery>(&check.form)) {
                look(against->database);
            } else if (const auto* space = std::get_if<grammar::FreeSpace>(&check.form)) {
                look(space->database);
                // A gate that asks only for room is asked on the database whose size it names.
                if (!item.database && space->database) item.database = named(*space->database, item.turn);
            } else if (const auto* match = std::get_if<grammar::Match>(&check.form)) {
                if (!match->backup) look(match->source);
            }
        }
    }

    ResolvedPlan& plan_;
    Report& report_;
    std::set<std::string, std::less<>> known_;
    std::vector<std::string> names_;
};

}  // namespace

void resolve_databases(ResolvedPlan& plan, Report& report) {
    std::map<std::string, Span> first;
    for (const grammar::Database& database : plan.syntax->databases) {
        const std::string name = database.name.written();
        if (name == "failure") {
            report.add(208, database.name.span,
                       "a database may not be named `failure`: `on failure` is a clause of the plan");
            continue;
        }
        const auto [at, is_new] = first.try_emplace(name, database.name.span);
        if (is_new) {
            plan.databases.push_back({.name = name,
                                      .read_only = database.read_only,
                                      .changed = false,
                                      .where = {.source = {}, .span = database.name.span}});
            continue;
        }
        report.add(207, database.name.span, fmt::format("database `{}` is declared twice", name), {},
                   {{.where = {.source = {}, .span = at->second}, .text = "first declared here"}});
    }
}

void resolve_item_databases(ResolvedPlan& plan, Report& report) {
    Databases databases(plan, report);
    for (ResolvedItem& item : plan.items) databases.resolve(item);
}

}  // namespace cairn::compiler
