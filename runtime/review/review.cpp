#include "runtime/review/review.hpp"

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
        if (preparation.broken() || process::interrupt_requested()) return broken(item.name);
        std::move(preparation.diagnostics().begin(), preparation.diagnostics().end(),
                  std::back_inserter(out.diagnostics));
        preparation.diagnostics().clear();
    }
    for (auto& [role, place] : places) {
        place.preparation->end();
        out.found.items.merge(place.preparation->items());
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
