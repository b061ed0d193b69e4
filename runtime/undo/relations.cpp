#include "runtime/undo/relations.hpp"

#include <fmt/format.h>

#include "runtime/journal/arrays.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/undo/rows/look.hpp"

namespace cairn::undo {

using catalog::ObjectId;
using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;

namespace {

std::string oid_array(const std::set<std::uint32_t>& oids) { return fmt::format("{{{}}}", fmt::join(oids, ",")); }

}  // namespace

void add_ids(std::set<ObjectId>& into, const catalog::Definitions& of) {
    for (const auto& [id, object] : of) into.insert(id);
}

std::variant<std::set<std::uint32_t>, Diagnostic> resolve(Session& session, const std::vector<std::string>& names, const char* relkinds) {
    std::set<std::uint32_t> oids;
    if (names.empty()) return oids;
    journal::TextArray array;
    for (const auto& name : names) array.add(name);
    const Answer a = session.query(postgres::Command{"SELECT c.oid FROM unnest($1::text[]) n JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(n) "
                                    "WHERE position(c.relkind::text in $2) > 0 AND c.relpersistence <> 't'", {array.literal(), relkinds}, true});
    if (!a.ok()) return journal::journal_error(a, "looking for the relations of a step");
    for (const auto& row : a.rows) oids.insert(static_cast<std::uint32_t>(std::stoul(*row[0])));
    return oids;
}

std::variant<std::set<ObjectId>, Diagnostic> hidden_parts_of(Session& session, const std::set<std::uint32_t>& relations, bool with_triggers) {
    std::set<ObjectId> ids;
    if (relations.empty()) return ids;
    static const std::string defaults = "SELECT 'pg_attrdef', oid FROM pg_catalog.pg_attrdef WHERE adrelid = ANY ($1::oid[])",
                             triggers = " UNION ALL SELECT 'pg_trigger', oid FROM pg_catalog.pg_trigger WHERE tgrelid = ANY ($1::oid[]) AND tgisinternal";
    const Answer a = session.query(postgres::Command{with_triggers ? defaults + triggers : defaults, {oid_array(relations)}, true});
    if (!a.ok()) return journal::journal_error(a, "looking for the defaults of a step's tables");
    for (const auto& row : a.rows) ids.insert({*row[0], static_cast<std::uint32_t>(std::stoul(*row[1]))});
    return ids;
}

std::variant<std::int64_t, Diagnostic> catalog_writes(Session& session) {
    const auto catalogs = catalog::read_system_catalogs(session);
    if (auto* error = std::get_if<Diagnostic>(&catalogs)) return *error;
    static const std::string query = fmt::format("SELECT ({}) - {}", catalog_writes_query("SELECT pg_catalog.unnest($1::oid[])"), writes_of_capture);
    const Answer a = session.query(postgres::Command{query, {std::get<std::string>(catalogs)}, true});
    if (!a.ok()) return journal::journal_error(a, "looking at what a step has changed");
    return std::stoll(*a.rows[0][0]);
}

}  // namespace cairn::undo
