#include "tests/cluster/property/story.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/catalog/state.hpp"

namespace cairn::cluster::property {
namespace {

// What a materialized view holds is computed again where the view was made again: that is left out.
catalog::State state_of(const std::string& database) {
    auto session = connected(database);
    auto state = catalog::read_state(session);
    if (const auto* why = std::get_if<compiler::Diagnostic>(&state)) FAIL(why->message);
    auto& found = std::get<catalog::State>(state);
    const auto views = session.query(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid "
        "= "
        "c.relnamespace WHERE c.relkind = 'm'");
    for (const auto& row : views.rows) found.contents.erase(row[0].value_or(""));
    return std::move(found);
}

std::string plan_of(const Story& story) {
    std::string plan = "plan p \"a property\"\ndatabase erp\ndefaults { lock timeout 3s }\n";
    int number = 0;
    for (const Statements& step : story.steps) {
        plan += fmt::format("step s{} {{\n  $cairn$\n", ++number);
        for (const std::string& statement : step) plan += "    " + statement + ";\n";
        plan += "  $cairn$\n}\n";
    }
    return plan;
}

std::string lines(const catalog::Difference& difference) {
    std::string text;
    for (const auto& line : difference.lines) text += "  " + line + "\n";
    return text;
}

// The statements bare: whether all are taken, one transaction a step.
bool taken(const Story& story, const std::string& database) {
    auto session = connected(database);
    for (const Statements& step : story.steps) {
        (void)session.query("BEGIN");
        for (const std::string& statement : step)
            if (!session.script(statement).ok()) return false;
        const auto end = session.query("COMMIT");
        if (!end.ok() || end.tag != "COMMIT") return false;
    }
    return true;
}

// How many rows each table holds: sequences run on in a step that is run twice, and what follows
// from them differs.
std::map<std::string, std::string> sizes(const catalog::State& state) {
    std::map<std::string, std::string> all;
    for (const auto& [name, content] : state.contents)
        if (content.find(" rows") != std::string::npos)
            all[name] = content.substr(0, content.find(' '));
    return all;
}

// Whether a number that was given out stands in both, where it can have led to other rows.
bool same_sequences(const catalog::State& a, const catalog::State& b) {
    return std::all_of(a.contents.begin(), a.contents.end(), [&](const auto& entry) {
        const auto found = b.contents.find(entry.first);
        return !entry.first.starts_with("sequence ") || found == b.contents.end() ||
               found->second == entry.second;
    });
}

// What was applied is what the bare statements have made.
std::optional<Finding> applied_as_bare(catalog::State expected, catalog::State reached) {
    const auto sizes_expected = sizes(expected), sizes_reached = sizes(reached);
    const bool comparable = same_sequences(expected, reached);
    for (const auto& [name, size] : sizes_expected) {
        const auto found = sizes_reached.find(name);
        if (comparable && found != sizes_reached.end() && found->second != size)
            return Finding{"applied", fmt::format("{} holds {} rows, and bare {}\n", name,
                                                  found->second, size)};
    }
    expected.contents.clear();
    reached.contents.clear();
    const auto other = catalog::compare(expected, reached);
    if (other.likeness == catalog::Likeness::exact) return std::nullopt;
    return Finding{"applied", "applied is not what the bare statements give:\n" + lines(other)};
}

// What has no way back, and rows and columns changed at once by code that can't be looked into.
constexpr const char* refusals[] = {"C0841", "C0861"};

std::string refusal_in(const std::string& text) {
    // Numbers that a sequence has given to a try that was rolled back are gone, and the next ones
    // may be taken where rows were put in past the sequence.
    if (text.find("C0708") != std::string::npos && text.find("(23505)") != std::string::npos &&
        text.find("DO $do$") != std::string::npos)
        return "the second try of code met a number that was taken";
    for (const char* code : refusals) {
        const auto at = text.find(code);
        if (at != std::string::npos) return text.substr(at, text.find('\n', at) - at);
    }
    return {};
}

}  // namespace

scratch::Server& server() {
    static scratch::Server only = [] {
        auto own = own_server();
        auto session =
            std::get<postgres::Session>(postgres::Session::connect(own.conninfo(), "test"));
        (void)session.script("CREATE ROLE property_reader; CREATE ROLE \"Property Owner\"");
        return own;
    }();
    return only;
}

postgres::Session connected(const std::string& database) {
    return std::get<postgres::Session>(
        postgres::Session::connect(server().conninfo(database), "test"));
}

Copy::Copy(const std::string& of) {
    static int number = 0;
    name_ = "copy_" + std::to_string(++number);
    const auto answer = connected("postgres").query("CREATE DATABASE " + name_ + " TEMPLATE " + of);
    if (!answer.ok()) FAIL(answer.error.message);
}

Copy::~Copy() {
    (void)connected("postgres").query("DROP DATABASE " + name_ + " WITH (FORCE)");
}

Looked look(const Story& story, const std::string& world, const std::string& bare) {
    const auto before = state_of(world);
    const Folder folder;
    folder.write("p.cairn", plan_of(story));
    const Environment where = {{"CAIRN_ERP", server().conninfo(world)}};

    const auto applied = run_cairn(folder, {"apply", "p.cairn", "-q"}, where);
    // Refused before it is done, with the reason: what came before is rolled back all the same.
    const std::string refusal = applied.exit == 4 ? refusal_in(applied.err) : "";
    if (applied.exit != 0 && refusal.empty())
        return {.finding = Finding{"apply", fmt::format("apply: exit {}\n{}{}", applied.exit,
                                                        applied.out, applied.err)},
                .refusal = {}};
    if (refusal.empty()) {
        if (auto finding = applied_as_bare(state_of(bare), state_of(world)))
            return {.finding = std::move(finding), .refusal = {}};
    }

    const auto back = run_cairn(folder, {"rollback", "-q"}, where);
    if (back.exit != 0)
        return {.finding = Finding{"rollback", fmt::format("rollback: exit {}\n{}{}", back.exit,
                                                           back.out, back.err)},
                .refusal = refusal};
    const auto difference = catalog::compare(before, state_of(world));
    if (difference.likeness == catalog::Likeness::differs)
        return {.finding = Finding{"difference", "after the rollback:\n" + lines(difference)},
                .refusal = refusal};
    return {.finding = std::nullopt, .refusal = refusal};
}

Looked look(const Story& story) {
    const Database world(server());
    {
        auto session = world.connect();
        for (const std::string& statement : story.world) (void)session.script(statement);
    }
    const Copy bare(world.name());
    if (!taken(story, bare.name()))
        return {.finding = Finding{"bare", "PostgreSQL refuses the statements themselves"},
                .refusal = {}};
    return look(story, world.name(), bare.name());
}

std::string text_of(const Story& story) {
    std::string text;
    for (const auto& statement : story.world) text += statement + ";\n";
    return text + "--- and the plan\n" + plan_of(story);
}

}  // namespace cairn::cluster::property
