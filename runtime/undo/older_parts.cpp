#include "runtime/undo/older_parts.hpp"

namespace cairn::undo {

std::variant<std::vector<OlderPart>, postgres::Answer> older_parts(postgres::Session& session, const std::string& index) {
    postgres::Answer a = session.query(postgres::Command{R"sql(
WITH RECURSIVE tree AS (
    SELECT t.* FROM (SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind = 'I') whole
        CROSS JOIN LATERAL pg_catalog.pg_partition_tree(whole.oid) t
), known(relid, oid) AS (
    SELECT relid, relid::oid FROM tree UNION SELECT k.relid, pg_catalog.split_part(r.was, ' ', 2)::oid FROM known k JOIN cairn.remade r ON r."is" = 'pg_class ' || k.oid
), first(relid, oid) AS (
    SELECT relid, min(oid) FROM known GROUP BY relid
)
SELECT t.relid::oid, t.relid::text, pg_catalog.concat_ws('; ', pg_catalog.pg_get_indexdef(t.relid),
       CASE WHEN parent.oid < whole.oid THEN pg_catalog.format('ALTER INDEX %s ATTACH PARTITION %s', t.parentrelid, t.relid) END,
       pg_catalog.format('COMMENT ON INDEX %s IS ', t.relid) || pg_catalog.quote_literal(pg_catalog.obj_description(t.relid, 'pg_class')))
FROM tree t JOIN first mine ON mine.relid = t.relid JOIN first parent ON parent.relid = t.parentrelid JOIN first whole ON whole.relid = pg_catalog.to_regclass($1)
WHERE t.level > 0 AND mine.oid < whole.oid ORDER BY t.level, t.relid::oid)sql",
                                                         {index}, true});
    if (!a.ok()) return a;
    std::vector<OlderPart> parts;
    for (auto& row : a.rows) parts.push_back({.oid = *row[0], .name = *row[1], .sql = *row[2]});
    return parts;
}

}  // namespace cairn::undo
