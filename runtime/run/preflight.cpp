#include "runtime/run/preflight.hpp"

#include <set>

#include "runtime/journal/arrays.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/undo/out_of_sight.hpp"
#include "runtime/undo/rows/capture.hpp"

namespace cairn::run {

using compiler::StepItem;
using postgres::Answer;
using postgres::Session;

namespace {

std::set<std::string> tables_of(const compiler::Item& item) {
    std::set<std::string> names;
    const auto* step = std::get_if<StepItem>(&item.body);
    if (step == nullptr || !step->keep_rows || item.undo.kind != compiler::Undo::Kind::difference) return names;
    for (const auto& statement : step->statements) {
        if (statement.facts.effect != sql::Effect::rows || statement.facts.reversal != sql::Reversal::unknown) continue;
        names.insert(statement.facts.writes.begin(), statement.facts.writes.end());
    }
    names.insert(step->changes.begin(), step->changes.end());
    return names;
}

std::optional<Diagnostic> writes_out_of_sight(Context& context, const compiler::Item& item) {
    const auto* step = std::get_if<StepItem>(&item.body);
    if (step == nullptr || step->transactional) return std::nullopt;
    auto opened = context.session(context.home());
    if (auto* error = std::get_if<Diagnostic>(&opened)) return *error;
    for (const auto& statement : step->statements) {
        if (auto error = undo::writes_out_of_sight(*std::get<Session*>(opened), item, statement)) return error;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Diagnostic> rows_can_be_kept(Session& session, const compiler::Item& item) {
    const auto names = tables_of(item);
    if (names.empty()) return std::nullopt;
    journal::TextArray array;
    for (const auto& name : names) array.add(name);
    const Answer found = session.query("SELECT c.oid FROM unnest($1::text[]) n JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(n)", {array.literal()});
    if (!found.ok()) return journal::journal_error(found, "looking for the tables of a step");
    std::vector<undo::CaptureTable> tables;
    for (const auto& row : found.rows) tables.push_back({.oid = static_cast<std::uint32_t>(std::stoul(*row[0])), .ops = {}});
    auto looked = undo::can_capture(session, tables);
    if (auto* error = std::get_if<Diagnostic>(&looked)) return *error;
    const auto& problems = std::get<std::vector<Diagnostic>>(looked);
    if (problems.empty()) return std::nullopt;
    Diagnostic first = problems.front();
    first.where = item.where;
    return first;
}

std::optional<Diagnostic> rows_can_be_kept(Context& context) {
    for (const auto& item : context.graph().items) {
        if (item.database != context.home()) continue;
        if (auto error = writes_out_of_sight(context, item)) return error;
        if (tables_of(item).empty()) continue;
        auto opened = context.session(context.home());
        if (auto* error = std::get_if<Diagnostic>(&opened)) return *error;
        if (auto error = rows_can_be_kept(*std::get<Session*>(opened), item)) return error;
    }
    return std::nullopt;
}

}  // namespace cairn::run
