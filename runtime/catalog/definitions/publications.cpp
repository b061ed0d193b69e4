#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

constexpr const char* publication_objects = R"(
SELECT p.oid, 'PUBLICATION', NULL, p.pubname, '', NULL, p.pubowner, NULL::aclitem[], NULL::"char", NULL
FROM pg_publication p WHERE p.oid = ANY ($1))";

constexpr const char* publications = R"(
SELECT p.oid, '', CASE WHEN p.puballtables THEN 'all tables' ELSE 'tables' END,
       format('CREATE PUBLICATION %I', p.pubname) || CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE '' END,
       format('DROP PUBLICATION %I', p.pubname), NULL, NULL
FROM pg_publication p WHERE p.oid = ANY ($1)
UNION ALL
SELECT p.oid, 'publish', o.operations, format('ALTER PUBLICATION %I SET (publish = %L)', p.pubname, o.operations),
       format('ALTER PUBLICATION %I SET (publish = %L)', p.pubname, 'insert, update, delete, truncate'), 'set', NULL
FROM pg_publication p CROSS JOIN LATERAL (
    SELECT concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                     CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)) o(operations)
WHERE o.operations <> 'insert, update, delete, truncate' AND p.oid = ANY ($1)
UNION ALL
SELECT p.oid, 'via root', 'true', format('ALTER PUBLICATION %I SET (publish_via_partition_root = true)', p.pubname),
       format('ALTER PUBLICATION %I SET (publish_via_partition_root = false)', p.pubname), 'set', NULL
FROM pg_publication p WHERE p.pubviaroot AND p.oid = ANY ($1))";

// A table is published by itself: each of its children has a row of its own.
std::string tables() {
    return "SELECT p.oid, 'table ' || r.prrelid, concat_ws(' ', 'table', r.prattrs::text, " +
           facet::tree("r.prqual") +
           R"(),
       format('ALTER PUBLICATION %I ADD TABLE ONLY %s', p.pubname, r.prrelid::regclass) || concat_ws(' ', '',
           (SELECT '(' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) || ')' FROM pg_attribute a
            WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)),
           'WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')'),
       format('ALTER PUBLICATION %I DROP TABLE ONLY %s', p.pubname, r.prrelid::regclass), NULL, 'last'
FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE p.oid = ANY ($1))";
}

constexpr const char* schemas = R"(
SELECT p.oid, 'schema ' || r.pnnspid, 'schema', format('ALTER PUBLICATION %I ADD TABLES IN SCHEMA %s', p.pubname, r.pnnspid::regnamespace),
       format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %s', p.pubname, r.pnnspid::regnamespace), NULL, 'last'
FROM pg_publication_namespace r JOIN pg_publication p ON p.oid = r.pnpubid WHERE p.oid = ANY ($1))";

}  // namespace

std::vector<Family> publication_families() {
    return {{"pg_publication", publication_objects, {publications, tables(), schemas}}};
}

}  // namespace cairn::catalog
