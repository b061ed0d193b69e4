#include "runtime/review/review.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/process/interrupt.hpp"
#include "runtime/review/copy.hpp"
#include "runtime/review/database.hpp"
#include "runtime/review/facts.hpp"
#include "runtime/review/preparation.hpp"
#include "runtime/scratch/server.hpp"

namespace cairn::review {

using compiler::Diagnostic;

namespace {

// A database, its copy, and how far the plan has come there.
struct Place {
    Database database;
    std::optional<Copy> copy{};
    std::optional<Preparation> preparation{};
};

Diagnostic broken(const std::string& item) {
    Diagnostic d;
    if (process::interrupt_requested()) {
        d.code = 713;
        d.message = "interrupted";
    } else {
        d.code = 635;
        d.message = "the scratch server has gone while `" + item + "` was prepared";
    }
    return d;
}

// What an item's checks ask of other databases, by their names.
std::map<std::string, std::vector<const compiler::Check*>> asked_elsewhere(const compiler::Item& item) {
    std::map<std::string, std::vector<const compiler::Check*>> out;
    const auto take = [&](const std::vector<compiler::Check>& checks) {
        for (const auto& check : checks)
            if (check.elsewhere) out[check.elsewhere->database].push_back(&check);
    };
    if (const auto* validate = std::get_if<compiler::ValidateItem>(&item.body)) take(validate->checks);
    if (const auto* gate = std::get_if<compiler::GateItem>(&item.body)) take(gate->checks);
    return out;
}

// `*` hides how many columns there are until both schemas are known.
std::optional<Diagnostic> unlike(const compiler::Check& check, const Preparation& here, const Preparation& there) {
    if (!check.query) return std::nullopt;
    const auto left = here.columns_of(*check.query), right = there.columns_of(check.elsewhere->query);
    if (!left || !right || left == right) return std::nullopt;
    Diagnostic d;
    d.code = 760;
    d.where = check.where;
    d.message = fmt::format("the query on the left gives {} column{}, the one of `{}` {}", *left, *left == 1 ? "" : "s",
                            check.elsewhere->database, *right);
    return d;
}

// Of an item that asks two databases, what came of it in either.
void add(std::map<std::string, compiler::PreparedItem>& all, const std::map<std::string, compiler::PreparedItem>& more) {
    using State = compiler::PreparedItem::State;
    for (const auto& [name, item] : more) {
        const auto [known, fresh] = all.emplace(name, item);
        if (fresh) continue;
        auto& there = known->second;
        if (there.state == State::checked || item.state == State::failed) there.state = item.state;
        there.not_checked.insert(there.not_checked.end(), item.not_checked.begin(), item.not_checked.end());
    }
}

}  // namespace

std::variant<Review, Diagnostic> review(const compiler::Compiled& compiled,
                                        const std::map<std::string, std::string>& conninfo) {
    const auto& graph = compiled.graph;
    // All are reached before anything takes time.
    std::map<std::string, Place> places;
    for (const auto& [role, address] : conninfo) {
        auto opened = Database::open(role, address);
        if (auto* error = std::get_if<Diagnostic>(&opened)) return std::move(*error);
        places.emplace(role, Place{.database = std::move(std::get<Database>(opened))});
    }
    auto started = scratch::Server::start();
    if (auto* error = std::get_if<Diagnostic>(&started)) return std::move(*error);
    auto& server = std::get<scratch::Server>(started);
    Review out;
    for (auto& [role, place] : places) {
        auto copied = copy_schema(place.database, server);
        if (auto* error = std::get_if<Diagnostic>(&copied)) return std::move(*error);
        place.copy.emplace(std::move(std::get<Copy>(copied)));
        for (const auto& [name, why] : place.copy->lacking.all())
            out.found.stand_ins.push_back(name + ", " + why);
        place.preparation.emplace(graph, place.database, *place.copy);
    }
    std::vector<std::string> order;
    for (const auto& item : graph.items) {
        order.push_back(item.name);
        if (std::holds_alternative<compiler::RunItem>(item.body))
            for (auto& [role, place] : places) place.preparation->program(item);
        const auto at = item.database ? places.find(*item.database) : places.end();
        if (at == places.end()) continue;
        auto& preparation = *at->second.preparation;
        preparation.item(item);
        // Who reviews may be another role than who applies.
        if (auto problem = at->second.database.can_keep_rows(item)) {
            problem->severity = compiler::Severity::warning;
            out.diagnostics.push_back(std::move(*problem));
        }
        std::vector<Preparation*> asked{&preparation};
        for (const auto& [role, checks] : asked_elsewhere(item)) {
            const auto other = places.find(role);
            if (other == places.end() || preparation.skips(item)) continue;
            Preparation& there = *other->second.preparation;
            there.asked_from_elsewhere(item, checks);
            for (const compiler::Check* check : checks)
                if (auto problem = unlike(*check, preparation, there)) preparation.add(item, std::move(*problem));
            asked.push_back(&there);
        }
        for (Preparation* each : asked) {
            if (each->broken() || process::interrupt_requested()) return broken(item.name);
            std::move(each->diagnostics().begin(), each->diagnostics().end(), std::back_inserter(out.diagnostics));
            each->diagnostics().clear();
        }
    }
    for (auto& [role, place] : places) {
        place.preparation->end();
        add(out.found.items, place.preparation->items());
        auto facts = read_facts(place.database, place.preparation->reliances(), order);
        if (auto* error = std::get_if<Diagnostic>(&facts)) return std::move(*error);
        auto& list = std::get<std::vector<compiler::FoundRelation>>(facts);
        std::move(list.begin(), list.end(), std::back_inserter(out.found.relations));
    }
    return out;
}

run::Exit exit_of(const Diagnostic& why) {
    constexpr std::uint16_t interrupt = 713;
    return why.code == interrupt ? run::Exit::step_failed : run::Exit::unreachable;
}

}  // namespace cairn::review
