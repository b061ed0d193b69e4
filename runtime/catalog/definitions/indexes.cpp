#include "runtime/catalog/definitions/relations.hpp"

namespace cairn::catalog {
namespace {

// pg_get_indexdef() says ON ONLY for a partitioned table's: its partitions' indexes are objects of
// their own, which are attached. The index of a constraint comes with it.
std::string indexes() {
    return R"(
WITH x AS (
    SELECT i.*, i.indexrelid::regclass AS name, c.relkind, c.reltablespace,
           )" + is_of_constraint("i.indexrelid") + R"( AS of_constraint
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indexrelid = ANY ($1::oid[]))
SELECT indexrelid, '', '', CASE WHEN NOT of_constraint THEN pg_get_indexdef(indexrelid) END,
       CASE WHEN NOT of_constraint THEN 'DROP INDEX ' || name END, NULL::text, NULL::text
FROM x
UNION ALL
SELECT indexrelid, 'tablespace', reltablespace::text,
       'ALTER INDEX ' || name || ' SET TABLESPACE ' || (SELECT quote_ident(spcname) FROM pg_tablespace WHERE oid = reltablespace),
       'ALTER INDEX ' || name || ' SET TABLESPACE ' || (SELECT quote_ident(spcname) FROM pg_tablespace WHERE oid =
           (SELECT dattablespace FROM pg_database WHERE datname = current_database())), 'set', NULL
FROM x WHERE reltablespace <> 0
UNION ALL
-- A partitioned table's is valid when all of its partitions' are.
SELECT indexrelid, 'invalid', 'yes',
       CASE WHEN superuser THEN format('UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = %L::regclass', name)
            ELSE format('only a superuser can make the index `%s` INVALID again', name) END,
       'REINDEX INDEX ' || name, NULL, CASE WHEN NOT superuser THEN 'lasting' END
FROM x, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me(superuser)
WHERE NOT indisvalid AND relkind = 'i'
UNION ALL
SELECT indexrelid, 'statistics ' || lpad(a.attnum::text, 4, '0'), a.attstattarget::text,
       'ALTER INDEX ' || name || ' ALTER COLUMN ' || a.attnum || ' SET STATISTICS ' || a.attstattarget,
       'ALTER INDEX ' || name || ' ALTER COLUMN ' || a.attnum || ' SET STATISTICS -1', 'set', NULL
FROM x JOIN pg_attribute a ON a.attrelid = indexrelid AND a.attstattarget >= 0
UNION ALL
SELECT indexrelid, 'partition', h.inhparent::text, 'ALTER INDEX ' || h.inhparent::regclass || ' ATTACH PARTITION ' || name, NULL, NULL, 'last'
FROM x JOIN pg_inherits h ON h.inhrelid = indexrelid
UNION ALL
SELECT indexrelid, 'replica identity', 'on', 'ALTER TABLE ' || indrelid::regclass || ' REPLICA IDENTITY USING INDEX ' || format('%I', r.relname),
       'ALTER TABLE ' || indrelid::regclass || ' REPLICA IDENTITY DEFAULT', NULL, 'last'
FROM x JOIN pg_class r ON r.oid = indexrelid WHERE indisreplident
UNION ALL
SELECT indexrelid, 'clustered on', 'on', 'ALTER TABLE ' || indrelid::regclass || ' CLUSTER ON ' || format('%I', r.relname),
       'ALTER TABLE ' || indrelid::regclass || ' SET WITHOUT CLUSTER', NULL, 'last'
FROM x JOIN pg_class r ON r.oid = indexrelid WHERE indisclustered)";
}

}  // namespace

std::vector<FacetQuery> index_facets() {
    return {{indexes(), "iI"}};
}

}  // namespace cairn::catalog
