#include "runtime/undo/filled.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

using compiler::Diagnostic;
using compiler::Item;
using compiler::StepItem;
using compiler::Undo;

bool fills(const compiler::Statement& s) { return s.facts.kind == "CREATE TABLE AS" || s.facts.effect == sql::Effect::rows; }

bool moves_tables(const compiler::Statement& s) {
    return s.facts.kind == "DROP TABLE" || std::any_of(s.facts.inverse.begin(), s.facts.inverse.end(), [](const auto& inverse) {
               return inverse.object.kind == "relation" && inverse.sql.find(" RENAME TO ") != std::string::npos;
           });
}

bool any_statement(const Item& item, bool (*holds)(const compiler::Statement&)) {
    const auto* step = std::get_if<StepItem>(&item.body);
    return step != nullptr && std::any_of(step->statements.begin(), step->statements.end(), holds);
}

}  // namespace

bool fills_what_it_makes(const run::Context& context, const Item& item) {
    const auto* step = std::get_if<StepItem>(&item.body);
    if (step == nullptr || !step->transactional || !step->keep_rows || step->batch || item.undo.kind != Undo::Kind::generated || !any_statement(item, fills)) return false;
    const auto& items = context.graph().items;
    return std::any_of(items.begin(), items.end(), [](const Item& other) { return any_statement(other, moves_tables); });
}

bool gives_all_rows_back(const run::Context& context) {
    const auto& items = context.graph().items;
    return std::none_of(items.begin(), items.end(), [](const Item& item) {
        const auto* step = std::get_if<StepItem>(&item.body);
        return step != nullptr && (!step->keep_rows || item.undo.kind == Undo::Kind::none || item.undo.kind == Undo::Kind::written);
    });
}

std::variant<std::map<std::uint32_t, Counted>, Diagnostic> count_rows(postgres::Session& session, const std::set<std::uint32_t>& tables, const std::string& condition) {
    std::map<std::uint32_t, Counted> counted;
    if (tables.empty()) return counted;
    const auto found = session.query(postgres::Command{
        "SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.oid = ANY ($1::oid[]) AND c.relkind = 'r' AND c.relpersistence <> 't' AND NOT pg_catalog.row_security_active(c.oid) "
        "AND pg_catalog.has_table_privilege(c.oid, 'SELECT')",
        {oid_array({tables.begin(), tables.end()})}, true});
    if (!found.ok()) return server_refused(found, 862, "looking for the tables that a step has made");
    for (const auto& row : found.rows) {
        const auto a = session.query(fmt::format("SELECT count(*) FROM ONLY {} t{}", *row[1], condition.empty() ? "" : " WHERE " + condition));
        if (!a.ok()) return server_refused(a, 862, fmt::format("counting the rows of `{}`", *row[1]));
        counted[static_cast<std::uint32_t>(std::stoul(*row[0]))] = {.name = *row[1], .rows = std::stoull(*a.rows[0][0])};
    }
    return counted;
}

}  // namespace cairn::undo
