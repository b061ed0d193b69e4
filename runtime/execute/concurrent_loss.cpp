#include "runtime/execute/concurrent_loss.hpp"

namespace cairn::execute {

using compiler::Statement;
using postgres::Answer;
using postgres::Session;
using sql::NonTransactional;

namespace {

// What belongs to an index beside its definition: https://www.postgresql.org/docs/15/catalog-pg-index.html
constexpr const char* index_query = R"sql(
WITH i AS (
    SELECT x.*, c.relname, format('%I.%I', n.nspname, c.relname) AS name, x.indrelid::regclass::text AS on_table
    FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE x.indexrelid = $1::pg_catalog.oid
)
SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(indexrelid), '^CREATE (UNIQUE )?INDEX ', 'CREATE \1INDEX CONCURRENTLY ') FROM i
UNION ALL SELECT pg_catalog.format('COMMENT ON INDEX %s IS %L', name, pg_catalog.obj_description(indexrelid, 'pg_class')) FROM i
    WHERE pg_catalog.obj_description(indexrelid, 'pg_class') IS NOT NULL
UNION ALL SELECT pg_catalog.format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', name, a.attnum, a.attstattarget)
    FROM i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indexrelid WHERE a.attstattarget >= 0
UNION ALL SELECT pg_catalog.format('ALTER TABLE %s CLUSTER ON %I', on_table, relname) FROM i WHERE indisclustered
UNION ALL SELECT pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', on_table, relname) FROM i WHERE indisreplident)sql";

// Detaching leaves a CHECK in the place of the partition's bound; attaching leaves it standing.
constexpr const char* partition_query = R"sql(
SELECT pg_catalog.format('DO $cairn$ DECLARE c name; BEGIN '
    'IF NOT (SELECT relispartition FROM pg_catalog.pg_class WHERE oid = %L::pg_catalog.regclass) THEN '
    'ALTER TABLE %s ATTACH PARTITION %s %s; END IF; '
    'FOR c IN SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = %L::pg_catalog.regclass AND contype = ''c'' '
    'AND conname <> ALL (%L::name[]) LOOP EXECUTE pg_catalog.format(''ALTER TABLE %s DROP CONSTRAINT %%I'', c); END LOOP; END $cairn$',
    child.oid::regclass, parent.oid::regclass, child.oid::regclass, pg_catalog.pg_get_expr(child.relpartbound, child.oid),
    child.oid::regclass, coalesce((SELECT pg_catalog.array_agg(conname) FROM pg_catalog.pg_constraint
                                   WHERE conrelid = child.oid AND contype = 'c'), '{}'), child.oid::regclass)
FROM pg_catalog.pg_class child JOIN pg_catalog.pg_inherits h ON h.inhrelid = child.oid
     JOIN pg_catalog.pg_class parent ON parent.oid = h.inhparent
WHERE child.oid = $1::pg_catalog.oid AND child.relispartition)sql";

const char* query_for(const Statement& statement) {
    switch (statement.facts.non_transactional) {
        case NonTransactional::drop_index_concurrently: return index_query;
        case NonTransactional::detach_concurrently: return partition_query;
        default: return nullptr;
    }
}

}  // namespace

std::variant<std::vector<std::string>, Answer> rebuilding(Session& session, const Statement& statement) {
    std::vector<std::string> out;
    const char* query = query_for(statement);
    if (query == nullptr || !statement.facts.subject) return out;
    // Every name qualified: the transaction only carries the setting.
    const auto answers = session.pipeline({{"BEGIN", {}, false},
                                           {"SELECT pg_catalog.to_regclass($1)::oid::text", {statement.facts.subject->name}, false},
                                           {"SET LOCAL search_path = pg_catalog", {}, false}});
    for (const Answer& a : answers) {
        if (!a.ok()) return a;
    }
    Answer found;
    if (const auto& oid = answers[1].rows[0][0]) found = session.query(query, {*oid});
    const Answer ended = session.query("ROLLBACK");
    if (!found.ok()) return found;
    if (!ended.ok()) return ended;
    for (const auto& row : found.rows) out.push_back(row[0].value_or(""));
    return out;
}

}  // namespace cairn::execute
