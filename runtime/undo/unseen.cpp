#include "runtime/undo/unseen.hpp"

#include <algorithm>

#include "runtime/undo/filled.hpp"
#include "runtime/undo/relations.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

using compiler::Diagnostic;
using postgres::Session;

// TRUNCATE leaves nothing to be counted, but the strongest lock. Tables that the statements lock so themselves, with their
// partitions, are $1.
constexpr const char* locked_query = R"sql(
SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND c.oid = ANY ($2::oid[])
      AND NOT EXISTS (SELECT FROM unnest($1::oid[]) own LEFT JOIN LATERAL pg_catalog.pg_partition_tree(own) p ON true
          WHERE c.oid IN (own, p.relid))))sql";

std::string oids_of(const std::set<std::uint32_t>& oids) { return oid_array({oids.begin(), oids.end()}); }

std::variant<bool, Diagnostic> has_truncated(Session& session, const compiler::StepItem& step, const std::set<std::uint32_t>& older) {
    if (older.empty()) return false;
    std::vector<std::string> named;
    for (const auto& statement : step.statements) {
        for (const auto& lock : statement.facts.locks) {
            if (lock.mode == sql::LockMode::access_exclusive) named.push_back(lock.relation);
        }
    }
    const auto own = resolve(session, named, "rp");
    if (const auto* d = std::get_if<Diagnostic>(&own)) return *d;
    const auto a = session.query(postgres::Command{locked_query, {oids_of(std::get<0>(own)), oids_of(older)}, true});
    if (!a.ok()) return server_refused(a, 862, "looking at the locks of the step");
    return a.rows[0][0] == "t";
}

bool changes_definitions(const compiler::Statement& statement) { return statement.facts.effect == sql::Effect::schema; }

bool has_more_rows_changed(const Touched& now, const Touched& then) {
    return now.inserted != then.inserted || now.updated != then.updated || now.deleted != then.deleted;
}

}  // namespace

bool is_watched(run::Context& context, const compiler::Item& item) {
    return item.undo.kind == compiler::Undo::Kind::difference || fills_what_it_makes(context, item);
}

bool may_have_been_watched(const compiler::Item& item) {
    using Kind = compiler::Undo::Kind;
    const auto* step = std::get_if<compiler::StepItem>(&item.body);
    if (step == nullptr || !step->transactional || !step->keep_rows || step->batch) return false;
    if (item.undo.kind != Kind::nothing && item.undo.kind != Kind::generated) return false;
    return std::any_of(step->statements.begin(), step->statements.end(),
                       [](const compiler::Statement& s) { return s.facts.may_run_unseen_code || changes_definitions(s); });
}

bool may_change_unseen(run::Context& context, const compiler::Item& item) {
    if (!may_have_been_watched(item)) return false;
    const auto& statements = std::get<compiler::StepItem>(item.body).statements;
    return std::any_of(statements.begin(), statements.end(), [](const compiler::Statement& s) { return s.facts.may_run_unseen_code; }) ||
           context.has_event_triggers();
}

std::variant<bool, Diagnostic> has_changed_unseen(Session& session, const compiler::StepItem& step, const std::optional<View>& before) {
    const auto hidden = may_hide_counts(session, {});
    if (const auto* d = std::get_if<Diagnostic>(&hidden)) return *d;
    if (std::get<bool>(hidden)) return true;
    const auto seen = look(session);
    if (const auto* d = std::get_if<Diagnostic>(&seen)) return *d;
    const View& now = std::get<View>(seen);
    const View then = before.value_or(View{});
    if (now.large_objects && !then.large_objects) return true;
    std::set<std::uint32_t> older;
    for (const auto& [oid, relation] : now.relations) {
        if (relation.is_new) continue;
        const auto was = then.relations.find(oid);
        const bool is_first = was == then.relations.end();
        if (relation.kind == 'r') {
            older.insert(oid);
            if (has_more_rows_changed(relation, is_first ? Touched{} : was->second) || (is_first && !now.counts)) return true;
        } else if (is_first) {
            return true;
        }
    }
    // REINDEX writes to the catalogs by itself.
    const bool only_reads = std::all_of(step.statements.begin(), step.statements.end(), [](const compiler::Statement& s) {
        return s.facts.effect == sql::Effect::none && s.facts.kind != "REINDEX";
    });
    if (only_reads && !before) {
        const auto writes = catalog_writes(session);
        if (const auto* d = std::get_if<Diagnostic>(&writes)) return *d;
        if (std::get<std::int64_t>(writes) > 0) return true;
    }
    if (before) std::erase_if(older, [&](std::uint32_t oid) { return then.relations.contains(oid); });
    return has_truncated(session, step, older);
}

}  // namespace cairn::undo
